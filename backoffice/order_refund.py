"""What of an order's money would go back, told before it does."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from backoffice.order_desk import OrderDesk
from common.money import format_brl
from orders.amounts import earned, kept_by_line, price_of_units


def price_of_returned(desk: OrderDesk, handed: Mapping[UUID, int]) -> Decimal:
    """Return what units that came back had cost, and no more than can go back."""
    rows = [row.line for row in desk.lines if row.line.public_id in handed]
    worth = sum((price_of_units(line=line, quantity=handed[line.public_id]) for line in rows), Decimal("0.00"))
    return min(worth, desk.refundable)


def refund_effect(desk: OrderDesk, *, amount: Decimal) -> list[tuple[str, str, str]]:
    """Return, line by line, what the shop keeps for it and what it would keep after a refund of an amount."""
    order = desk.order
    rows = [row.line for row in desk.lines if row.cancelled_at is None]
    kept = earned(order=order)
    before = kept_by_line(order=order, lines=rows, kept=kept)
    after = kept_by_line(order=order, lines=rows, kept=kept - amount)
    return [(line.words, format_brl(old), format_brl(new)) for line, old, new in zip(rows, before, after, strict=True)]
