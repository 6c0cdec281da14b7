"""The money inbox: what did not come or go as it should, told once, until somebody settles it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from common import outbox
from common.actors import Actor
from common.errors import InvalidTransition, NotFound
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case
from orders.models import Order
from payments.lifecycle import CASE_STEPS
from payments.models import GatewayEvent, MoneyCase, Payment, Refund


@within_unit_of_work
def open_case(
    *,
    kind: str,
    about: str,
    now: datetime,
    order: Order | None = None,
    payment: Payment | None = None,
    refund: Refund | None = None,
    event: GatewayEvent | None = None,
    gateway: str = "",
    amount: Decimal | None = None,
    currency: str = "",
    detail: str = "",
) -> None:
    """Put something into the inbox, once for each kind and whatever it is `about`, and have the shop told."""
    case = MoneyCase(
        kind=kind,
        cause=f"{kind}:{about}"[:300],
        order=order,
        payment=payment,
        refund=refund,
        event=event,
        gateway=gateway or (payment.gateway if payment else ""),
        amount=amount,
        currency=currency or (payment.currency if payment else ""),
        detail=detail[:300],
        opened_at=now,
    )
    MoneyCase.objects.bulk_create([case], ignore_conflicts=True)
    if MoneyCase.objects.filter(public_id=case.public_id).exists():
        outbox.emit(name="money.case_opened", payload={"case": str(case.public_id)}, now=now)
        outbox.wake()


@use_case()
def settle_case(*, case_id: UUID, resolution: str, actor: Actor, now: datetime) -> MoneyCase:
    """Write down how somebody settled a case, and return it.

    Raises NotFound, InvalidTransition (it is settled already).
    """
    case = locked(MoneyCase.objects.filter(public_id=case_id)).first()
    if case is None:
        raise NotFound()
    return close_case(case=case, resolution=resolution, actor=actor, now=now)


@within_unit_of_work
def close_case(
    *, case: MoneyCase, resolution: str, actor: Actor, now: datetime, payment: Payment | None = None
) -> MoneyCase:
    """Write down how a locked case was settled, and by which payment. Raises InvalidTransition (it is settled)."""
    if case.status != MoneyCase.Status.OPEN:
        raise InvalidTransition.of(case.status, allowed=list(CASE_STEPS[case.status]))
    if payment is not None:
        case.payment = payment
    case.status, case.settled_at, case.resolution = MoneyCase.Status.SETTLED, now, resolution[:300]
    case.actor_kind, case.actor_id = actor.kind, actor.id
    case.save(update_fields=["payment", "status", "settled_at", "resolution", "actor_kind", "actor_id"])
    return case
