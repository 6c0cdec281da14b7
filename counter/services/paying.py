"""What is paid at the counter, in parts: exactly what is due, by each tender, with the change of the cash."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import FieldError, Malformed
from common.money import CENT, MAX_MONEY
from common.transactions import within_unit_of_work
from counter.errors import PaymentsDoNotAddUp
from counter.pricing import NOTHING, allotted
from counter.services.commands import Tendered
from orders.amounts import amount_due
from orders.models import Order
from payments import services as payments
from payments.models import Payment

CASH = Payment.Tender.CASH.value


@within_unit_of_work
def pay(*, orders: Sequence[Order], parts: Sequence[Tendered], actor: Actor, now: datetime) -> None:
    """Take the parts of a payment for locked orders, which together come to exactly what is due of them.

    Raises Malformed (a part that cannot be), PaymentsDoNotAddUp, InvalidTransition (an order waits for its money).
    """
    dues = [amount_due(order=order) for order in orders]
    _refuse_odd(parts)
    due, given = sum(dues, NOTHING), sum((part.amount for part in parts), NOTHING)
    if due != given:
        raise PaymentsDoNotAddUp(due=str(due), given=str(given))
    shares = allotted(dues=dues, parts=[(part.tender, part.amount) for part in parts])
    for order, paid in zip(orders, shares, strict=True):
        for tender, amount in paid:
            payments.receive_at_counter(order=order, amount=amount, tender=tender, actor=actor, now=now)


def cash_of(*, parts: Sequence[Tendered]) -> tuple[Decimal, Decimal]:
    """Return how much cash was handed over, and how much of it went back at once."""
    cash = [part for part in parts if part.tender == CASH]
    received = sum((part.amount + part.change for part in cash), NOTHING)
    return received, sum((part.change for part in cash), NOTHING)


def _refuse_odd(parts: Sequence[Tendered]) -> None:
    problems: list[FieldError] = []
    for place, part in enumerate(parts):
        where = f"/payments/{place}"
        if part.tender not in Payment.Tender.values:
            problems.append(FieldError(f"{where}/tender", "invalid_choice", _("Cash, card or Pix, please.")))
        if not _is_amount(part.amount) or part.amount == 0:
            told = _("A payment has two places at most, and is more than nothing.")
            problems.append(FieldError(f"{where}/amount", "invalid", told))
        elif part.received is not None and (part.tender != CASH or not _is_amount(part.received)):
            problems.append(FieldError(f"{where}/received", "invalid", _("Change is given of cash alone.")))
        elif part.received is not None and part.received < part.amount:
            told = _("Less was handed over than is to be paid in cash.")
            problems.append(FieldError(f"{where}/received", "min_value", told))
    if problems:
        raise Malformed(errors=problems)


def _is_amount(amount: Decimal) -> bool:
    return amount.is_finite() and 0 <= amount <= MAX_MONEY and amount == amount.quantize(CENT)
