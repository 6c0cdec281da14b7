"""What an order still costs and how far it is paid: the one place where money due is worked out.

Pure: it reads an order's amounts and nothing else. `total` is what was agreed and never changes; `cancelled` is the
value of what was called off since, `late_fee` what is kept of it all the same, as was agreed; money given back counts
as not received.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from common.money import money, split
from shop.fees import agreed_fee

NOTHING = Decimal("0.00")
ONLINE = ("pix", "card")
"""Ways to pay that are chosen where a person pays, whichever was chosen when ordering."""

NET_PAID = "o.paid - o.refunded"
"""`net_paid` for SQL, of a row of orders_order called `o`."""
CURRENT_TOTAL = "o.total - o.cancelled + o.late_fee"
"""`current_total` for SQL, of such a row; `orders.selectors.costs_now` is that of querysets."""
AMOUNT_DUE = f"greatest({CURRENT_TOTAL} - ({NET_PAID}), 0)"
"""`amount_due` for SQL, of such a row."""
ASKED_FIRST = f"greatest(least({AMOUNT_DUE}, o.amount_due_now - ({NET_PAID})), 0)"
"""`asked_first` for SQL, of such a row that is pending and not paid at the counter."""


def current_total(*, order: Any) -> Decimal:
    """Return what the order costs now: what was agreed, less what was called off since, and the fee kept of that."""
    current: Decimal = order.total - order.cancelled + order.late_fee
    return current


def net_paid(*, order: Any) -> Decimal:
    """Return what was paid and has not gone back."""
    net: Decimal = order.paid - order.refunded
    return net


def fee_of(*, order: Any, line: Any) -> Decimal:
    """Return what was agreed that a line costs if it is called off late or nobody comes."""
    return agreed_fee(terms=order.policy_shown, line_total=line.line_total, deposit=line.deposit)


def earned(*, order: Any) -> Decimal:
    """Return what was paid and neither went back nor is kept as a fee; it may be below nothing."""
    left: Decimal = net_paid(order=order) - order.late_fee
    return left


def given_back(*, order: Any, owed: Decimal = NOTHING) -> Decimal:
    """Return what goes back if all is called off: what was paid and neither went back nor is kept as a fee already.

    `owed`: what is on its way back, where that is known; then this is what can still be given back.
    """
    return max(earned(order=order) - owed, NOTHING)


def keepable(*, order: Any, fee: Decimal) -> Decimal:
    """Return what of a fee can be kept: no more than was paid and neither went back nor is kept as a fee already."""
    return min(fee, given_back(order=order))


def shown_total(*, order: Any) -> Decimal:
    """Return the figure people know the order by: what it costs now or, once it is cancelled, what it had cost."""
    shown: Decimal = order.total if order.status == "cancelled" else current_total(order=order)
    return shown


def price_of_units(*, line: Any, quantity: int) -> Decimal:
    """Return what so many units of a line had cost."""
    return money(line.line_total * quantity / line.quantity)


def kept_by_line(*, order: Any, lines: Sequence[Any], kept: Decimal) -> list[Decimal]:
    """Return how much of the money that an order keeps stands for each of its lines, to the cent.

    It is spread over what still counts of it, in proportion to the prices, as commissions are reckoned.
    """
    weights = [*(line.line_total for line in lines), order.shipping]
    whole = min(max(kept, NOTHING), sum(weights, NOTHING))
    return split(amount=whole, weights=weights)[:-1]


def amount_due(*, order: Any) -> Decimal:
    """Return what is still to be paid, never below nothing."""
    return max(current_total(order=order) - net_paid(order=order), NOTHING)


def asked_now(*, order: Any) -> Decimal:
    """Return what is to be paid next: first what the confirmation asks, such as a deposit, then the rest."""
    due = amount_due(order=order)
    first: Decimal = order.amount_due_now - net_paid(order=order)
    return min(due, first) if first > 0 else due


def asked_first(*, order: Any) -> Decimal:
    """Return what must still be paid for the confirmation: nothing once it is there, or where the counter is paid."""
    if order.status != "pending" or order.payment_method == "on_site":
        return NOTHING
    first: Decimal = order.amount_due_now - net_paid(order=order)
    return max(min(amount_due(order=order), first), NOTHING)


def payment_status(*, order: Any) -> str:
    """Return unpaid, partly_paid, paid, partly_refunded or refunded; what costs nothing is paid."""
    if order.refunded > 0:
        return "refunded" if order.refunded >= order.paid else "partly_refunded"
    if order.paid == 0:
        free = current_total(order=order) == 0 and order.status != "cancelled"
        return "paid" if free else "unpaid"
    return "partly_paid" if amount_due(order=order) > 0 else "paid"


def online_methods(*, order: Any, offered: Sequence[str]) -> list[str]:
    """Return the ways to pay the order from afar, of those `offered`; a transfer where it was chosen when ordering."""
    own = ["transfer"] if order.payment_method == "transfer" else []
    return [*own, *(method for method in offered if method in ONLINE)]


def payable_by(*, order: Any, status: str, offered: Sequence[str]) -> list[str]:
    """Return by what a customer can pay what is due now, the order being in `status`; nothing once none is awaited.

    A transfer is announced for pending orders only. One that is pending and paid at the counter waits for the shop's
    answer, and not for money.
    """
    waits = status == "confirmed" or (status == "pending" and order.payment_method != "on_site")
    if not waits or amount_due(order=order) <= 0:
        return []
    ways = online_methods(order=order, offered=offered)
    return [method for method in ways if method != "transfer" or status == "pending"]
