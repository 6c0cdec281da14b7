"""Tips: taken into a drawer with a sale, given back when the sale is undone; `commissions` passes them on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from common.actors import Actor
from common.transactions import within_unit_of_work
from orders.models import Order
from payments.models import Tip
from scheduling.models import Professional
from till import services as till


@dataclass(frozen=True)
class Given:
    """A tip for somebody, and as what it was handed over."""

    professional: Professional
    tender: str
    amount: Decimal


@within_unit_of_work
def take_tips(*, order: Order, tips: Sequence[Given], actor: Actor, now: datetime) -> None:
    """Write down tips that were given with a locked order, into the drawer of whoever takes them."""
    if not tips:
        return
    session = till.session_for(actor=actor, now=now)
    Tip.objects.bulk_create(
        Tip(
            order=order,
            professional=one.professional,
            session=session,
            tender=one.tender,
            amount=one.amount,
            actor_kind=actor.kind,
            actor_id=actor.id,
            at=now,
        )
        for one in tips
    )


@within_unit_of_work
def give_tips_back(*, order: Order, actor: Actor, now: datetime) -> Decimal:
    """Write down that the tips of a locked order were given back as they came, and return how much that was."""
    kept = list(Tip.objects.filter(order=order, of__isnull=True, back__isnull=True))
    if not kept:
        return Decimal("0.00")
    session = till.session_for(actor=actor, now=now)
    Tip.objects.bulk_create(
        Tip(
            order=order,
            professional_id=one.professional_id,
            session=session,
            tender=one.tender,
            amount=-one.amount,
            of=one,
            actor_kind=actor.kind,
            actor_id=actor.id,
            at=now,
        )
        for one in kept
    )
    return sum((one.amount for one in kept), Decimal("0.00"))
