"""How much a member of the team gives back: at once, and in a day, as the owner has set it for their role."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Sum

from accounts import services as accounts
from accounts.selectors import role_of
from common.actors import Actor
from common.dates import midnight
from common.transactions import within_unit_of_work
from payments.errors import RefundAboveLimit, RefundsAboveDay
from payments.models import MoneyStep, Refund
from shop import services as shop


@within_unit_of_work
def judge_refund(*, amount: Decimal, actor: Actor, now: datetime, refund: Refund | None = None) -> None:
    """Let somebody give an amount back, or be refused; two refunds of one person at once are judged one by one.

    `refund`: one that is owed already, and is now given back. Raises RefundAboveLimit, RefundsAboveDay.
    """
    role = role_of(actor=actor)
    policy = shop.policy() if role else None
    each = policy.limit_of(role=role, what="refund_each") if policy else None
    of_a_day = policy.limit_of(role=role, what="refund_day") if policy else None
    if policy is None or each is None or of_a_day is None:
        return
    if amount > each:
        raise RefundAboveLimit(limit=str(each))
    accounts.hold_member(actor=actor)
    zone = ZoneInfo(policy.timezone)
    given = given_since(actor=actor, since=midnight(now.astimezone(zone).date(), zone=zone), but=refund)
    if given + amount > of_a_day:
        raise RefundsAboveDay(limit=str(of_a_day), left=str(max(of_a_day - given, Decimal(0))))


def gives_back(*, user: Any, actor: Actor) -> bool:
    """Say whether somebody gives money back: by permission, and as far as their role gives any."""
    if not user.has_perm("payments.refund_payment"):
        return False
    role = role_of(actor=actor)
    return not role or shop.policy().limit_of(role=role, what="refund_each") != 0


def given_since(*, actor: Actor, since: datetime, but: Refund | None = None) -> Decimal:
    """Return what somebody has decided to give back, or has handed back, since an instant; what was refused is not."""
    steps = MoneyStep.objects.filter(
        refund__isnull=False, actor_kind=actor.kind, actor_id=actor.id, at__gte=since, to_status__in=DECIDED
    )
    found = Refund.objects.filter(pk__in=steps.values("refund")).exclude(status=Refund.Status.REFUSED)
    if but is not None:
        found = found.exclude(pk=but.pk)
    return found.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


DECIDED = (Refund.Status.DUE, Refund.Status.SENT, Refund.Status.SUCCEEDED)
"""Steps by which somebody has money go back."""
