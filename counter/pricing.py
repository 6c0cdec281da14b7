"""What a discount takes off each line, and which payment pays what: pure arithmetic to the cent."""

from collections import deque
from collections.abc import Sequence
from decimal import Decimal

from common.money import money, split

NOTHING = Decimal("0.00")


def taken_off(*, kind: str, value: Decimal, subtotal: Decimal) -> Decimal:
    """Return what a discount takes off in all: an amount, or so many per cent of the subtotal, rounded once."""
    return money(value) if kind == "amount" else money(subtotal * value / 100)


def spread(*, amount: Decimal, totals: Sequence[Decimal]) -> list[Decimal]:
    """Return what an amount takes off each line, in proportion to what it costs; together exactly the amount.

    No line is left below nothing, for amounts up to the sum of the lines.
    """
    return split(amount=amount, weights=totals) if totals else []


def allotted(*, dues: Sequence[Decimal], parts: Sequence[tuple[str, Decimal]]) -> list[list[tuple[str, Decimal]]]:
    """Return by which tenders each of several dues is paid, the parts in their order, each as far as it reaches.

    The parts come to exactly the sum of the dues.
    """
    left = deque(parts)
    found: list[list[tuple[str, Decimal]]] = []
    for due in dues:
        paid: list[tuple[str, Decimal]] = []
        while due > 0:
            tender, amount = left.popleft()
            share = min(due, amount)
            paid.append((tender, share))
            due -= share
            if share < amount:
                left.appendleft((tender, amount - share))
        found.append(paid)
    return found
