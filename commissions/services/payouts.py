"""Pays commissions out and passes tips on: whatever is not paid yet, until a day, once."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from commissions import selectors
from commissions.errors import NothingToPay, StatementChanged
from commissions.models import CommissionPayout, CommissionPayoutLine, CommissionPayoutTip
from common.actors import Actor
from common.dates import midnight
from common.errors import NotFound
from common.transactions import locked
from common.use_cases import use_case
from scheduling.models import Professional
from shop import services as shop
from till import services as till


@use_case()
def pay_out(
    *, professional: UUID, until: date, expected: Decimal, method: str, note: str, actor: Actor, now: datetime
) -> CommissionPayout:
    """Write down that a professional was paid what they had earned until the end of a day, and return the payout.

    It closes every entry it pays, and passes on every tip; what is taken back later is taken off the next one. Cash
    leaves the drawer of whoever pays. `expected`: the amount that whoever pays was shown.

    Raises NotFound, StatementChanged (another amount is to be paid by now), NothingToPay, Busy.
    """
    person = locked(Professional.objects.filter(public_id=professional)).first()
    if person is None:
        raise NotFound()
    ends = midnight(until + timedelta(days=1), zone=ZoneInfo(shop.policy().timezone))
    entries = list(selectors.unpaid(professional=person, until=ends).order_by("pk"))
    tips = list(selectors.unpaid_tips(professional=person, until=ends).order_by("pk"))
    payable = sum([entry.amount for entry in entries] + [tip.amount for tip in tips], Decimal("0.00"))
    if payable != expected:
        raise StatementChanged(payable=str(payable))
    if payable <= 0:
        raise NothingToPay()
    in_cash = method == CommissionPayout.Method.CASH
    reason = _("Commission of %(name)s") % {"name": person.name}
    payout = CommissionPayout.objects.create(
        movement=till.take_out(amount=payable, reason=reason, actor=actor, now=now) if in_cash else None,
        professional=person,
        until=until,
        amount=payable,
        method=method,
        note=note,
        paid_at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
    )
    CommissionPayoutLine.objects.bulk_create([CommissionPayoutLine(payout=payout, entry=entry) for entry in entries])
    CommissionPayoutTip.objects.bulk_create([CommissionPayoutTip(payout=payout, tip=tip) for tip in tips])
    return payout
