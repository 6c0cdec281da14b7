"""What is paid at the counter, in parts: exactly what is due, by each tender, with its change; and the receipt."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import FieldError, Malformed
from common.money import CENT, MAX_MONEY
from common.transactions import within_unit_of_work
from counter.errors import PaymentsDoNotAddUp
from counter.models import Receipt
from counter.pricing import NOTHING, allotted
from counter.services.commands import Sold, Tendered, Tip
from orders.access import token_of
from orders.amounts import amount_due
from orders.models import Order
from orders.wording import page_path
from payments import services as payments
from payments.models import Payment
from payments.services.tips import Given
from scheduling.models import Professional

CASH = Payment.Tender.CASH.value


@within_unit_of_work
def pay(
    *, orders: Sequence[Order], parts: Sequence[Tendered], tips: Sequence[Tip] = (), actor: Actor, now: datetime
) -> None:
    """Take the parts of a payment for locked orders, which together come to exactly what is due of them, and the tips.

    Raises Malformed (a part that cannot be), PaymentsDoNotAddUp, InvalidTransition (an order waits for its money).
    """
    dues = [amount_due(order=order) for order in orders]
    refuse_odd(parts, tips)
    due, given = sum(dues, NOTHING), sum((part.amount for part in parts), NOTHING)
    if due != given:
        raise PaymentsDoNotAddUp(due=str(due), given=str(given))
    shares = allotted(dues=dues, parts=[(part.tender, part.amount) for part in parts])
    for order, paid in zip(orders, shares, strict=True):
        for tender, amount in paid:
            payments.receive_at_counter(order=order, amount=amount, tender=tender, actor=actor, now=now)
    payments.take_tips(order=orders[0], tips=given_to(tips=tips) if tips else (), actor=actor, now=now)


@within_unit_of_work
def write_receipt(
    *,
    orders: Sequence[Order],
    parts: Sequence[Tendered],
    tips: Sequence[Tip],
    key: UUID,
    actor: Actor,
    now: datetime,
) -> None:
    """Write down what was handed over for a sale, on a receipt for each of its orders."""
    received, change = cash_of(parts=parts, tips=tips)
    Receipt.objects.bulk_create(
        Receipt(
            sale=key,
            order=order,
            received=received,
            change=change,
            actor_kind=actor.kind,
            actor_id=actor.id,
            at=now,
        )
        for order in orders
    )


def sold_of(*, orders: Sequence[Order], total: Decimal, parts: Sequence[Tendered], tips: Sequence[Tip]) -> Sold:
    """Return what was sold, as whoever sells is told."""
    first = orders[0]
    return Sold(
        numbers=tuple(order.number for order in orders),
        total=total,
        paid=sum((part.amount for part in parts), NOTHING),
        change=cash_of(parts=parts, tips=tips)[1],
        tips=sum((tip.amount for tip in tips), NOTHING),
        receipt_url=settings.PUBLIC_URL + page_path(number=first.number, token=token_of(order=first)),
    )


def cash_of(*, parts: Sequence[Tendered], tips: Sequence[Tip] = ()) -> tuple[Decimal, Decimal]:
    """Return how much cash was handed over, and how much of it went back at once; a tip in cash does not go back."""
    cash = [part for part in parts if part.tender == CASH]
    tipped = [tip.amount for tip in tips if tip.tender == CASH]
    kept = sum([part.amount for part in cash] + tipped, NOTHING)
    if all(part.received is None for part in cash):
        return kept, NOTHING
    received = sum((part.amount + part.change for part in cash), NOTHING)
    return received, received - kept


def refuse_odd(parts: Sequence[Tendered], tips: Sequence[Tip] = ()) -> None:
    """Refuse parts and tips that cannot be. Raises Malformed."""
    problems = [problem for place, part in enumerate(parts) for problem in _odd_part(f"/payments/{place}", part)]
    for place, tip in enumerate(tips):
        problems += _odd_money(f"/tips/{place}", tender=tip.tender, amount=tip.amount)
    if problems:
        raise Malformed(errors=problems)
    given = [place for place, part in enumerate(parts) if part.tender == CASH and part.received is not None]
    if given and cash_of(parts=parts, tips=tips)[1] < 0:
        told = _("Less was handed over than is to be paid in cash.")
        raise Malformed(errors=[FieldError(f"/payments/{given[0]}/received", "min_value", told)])


def given_to(*, tips: Sequence[Tip]) -> list[Given]:
    """Return tips with whom they are for. Raises Malformed."""
    found = Professional.objects.filter(public_id__in=[tip.professional for tip in tips])
    people = {one.public_id: one for one in found}
    unknown = [
        FieldError(f"/tips/{place}/professional", "unknown", _("There is no such professional."))
        for place, tip in enumerate(tips)
        if tip.professional not in people
    ]
    if unknown:
        raise Malformed(errors=unknown)
    return [Given(professional=people[tip.professional], tender=tip.tender, amount=tip.amount) for tip in tips]


def _odd_part(where: str, part: Tendered) -> list[FieldError]:
    problems = _odd_money(where, tender=part.tender, amount=part.amount)
    if any(problem.pointer.endswith("/amount") for problem in problems) or part.received is None:
        return problems
    if part.tender != CASH or not _is_amount(part.received):
        problems.append(FieldError(f"{where}/received", "invalid", _("Change is given of cash alone.")))
    elif part.received < part.amount:
        told = _("Less was handed over than is to be paid in cash.")
        problems.append(FieldError(f"{where}/received", "min_value", told))
    return problems


def _odd_money(where: str, *, tender: str, amount: Decimal) -> list[FieldError]:
    problems: list[FieldError] = []
    if tender not in Payment.Tender.values:
        problems.append(FieldError(f"{where}/tender", "invalid_choice", _("Cash, card or Pix, please.")))
    if not _is_amount(amount) or amount == 0:
        told = _("A payment has two places at most, and is more than nothing.")
        problems.append(FieldError(f"{where}/amount", "invalid", told))
    return problems


def _is_amount(amount: Decimal) -> bool:
    return amount.is_finite() and 0 <= amount <= MAX_MONEY and amount == amount.quantize(CENT)
