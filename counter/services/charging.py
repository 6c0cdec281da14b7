"""A Pix of which a gateway tells by itself: the sale is ordered, and waits for it.

The order is placed as every sale's is, and keeps the goods and the time; then, with no transaction open, the gateway is
asked for the Pix. Where it would not begin one, everything is as before. `awaiting` sees to the rest.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from cart.errors import MethodNotOffered
from common.actors import Actor
from common.errors import FieldError, IdempotencyKeyReused, InvalidTransition, Malformed, Refusal, TotalChanged
from common.money import CENT
from common.use_cases import use_case
from counter.errors import PaymentsDoNotAddUp, PixNotBegun
from counter.models import AwaitedPix
from counter.pricing import NOTHING
from counter.services import parking
from counter.services.awaiting import (
    PIX,
    SOLD,
    STAFF,
    WAITING,
    Awaited,
    cancel_awaited,
    look_awaited,
    refuse_awaited,
    value,
)
from counter.services.baskets import Basket, basket_of, lease_of_basket
from counter.services.commands import Sale, Taking
from counter.services.ordering import fingerprint
from counter.services.paying import given_to, refuse_odd
from counter.services.selling import place_own
from orders import services as orders
from orders.amounts import amount_due, current_total
from orders.lifecycle import allowed, effective_status
from orders.models import Order
from payments import selectors as money
from payments import services as payments
from payments.models import Payment
from shop import services as shop
from till import services as till

NOT_BEGUN = "pix.not_begun"


def await_pix(
    *, sale: Sale, awaited: Decimal, taking: Taking | None, key: UUID, actor: Actor, now: datetime
) -> Awaited:
    """Order a sale and show a Pix of `awaited` for it, once for each key; it is sold by itself when the money comes.

    The sale's other payments are taken then, too. The same key again returns how it stands.

    Raises MethodNotOffered (no gateway tells of Pix), PixNotBegun, PixAwaited, GatewayBusy, IdempotencyKeyReused and
    what `sell` and `take_parked` raise; then nothing has changed.
    """
    said = fingerprint(sale, [str(awaited), asdict(taking) if taking else None])
    again = AwaitedPix.objects.select_related("order").filter(key=key).first()
    if again is None and not money.is_pix_awaited(policy=shop.policy()):
        raise MethodNotOffered(offered=[])
    row = again or _wait(
        sale=sale,
        basket=basket_of(sale=sale, actor=actor, now=now),
        awaited=awaited,
        taking=taking,
        key=key,
        said=said,
        actor=actor,
        now=now,
    )
    if row.fingerprint != said:
        raise IdempotencyKeyReused()
    if again is not None or row.status != WAITING:
        stands = look_awaited(key=key, now=now)
        if stands.status != WAITING:
            return stands
    return _begin(row=row, actor=actor, now=now)


def _begin(*, row: AwaitedPix, actor: Actor, now: datetime) -> Awaited:
    """Ask the gateway for the Pix; the open one is shown again. Whatever is refused, nothing goes on waiting."""
    try:
        begun = payments.begin_payment(
            number=row.order.number, method=PIX, access=STAFF, actor=actor, now=now, amount=row.amount
        )
        if begun.status == Payment.Status.FAILED:
            raise PixNotBegun()
    except Refusal:
        ended = cancel_awaited(key=row.key, reason=NOT_BEGUN, actor=actor, now=now)
        if ended.status == SOLD:  # it was paid meanwhile
            return ended
        raise
    return value(row=row, attempt=begun)


@use_case(lease=lease_of_basket)
def _wait(
    *,
    sale: Sale,
    basket: Basket,
    awaited: Decimal,
    taking: Taking | None,
    key: UUID,
    said: str,
    actor: Actor,
    now: datetime,
) -> AwaitedPix:
    """Lock, order, and write down what is waited for."""
    there = AwaitedPix.objects.select_related("order").filter(key=key).first()
    if there is not None:
        return there
    if len(basket.ordered) + basket.is_new != 1:
        told = _("A visit that is in an order of its own is paid by Pix alone. Take it out of this sale.")
        raise Malformed(errors=[FieldError("/visits", "not_allowed", told)])
    waiting = parking.take(taking=taking, actor=actor, now=now) if taking else None
    order, visits = _ordered(sale=sale, basket=basket, actor=actor, now=now)
    _refuse_sums(order=order, sale=sale, awaited=awaited)
    row = AwaitedPix.objects.create(
        key=key,
        fingerprint=said,
        order=order,
        own=basket.is_new,
        amount=awaited,
        parts=[
            {
                "tender": part.tender,
                "amount": str(part.amount),
                "received": str(part.received) if part.received is not None else None,
            }
            for part in sale.payments
        ],
        tips=[
            {"professional": str(one.professional), "tender": one.tender, "amount": str(one.amount)}
            for one in sale.tips
        ],
        visits=visits,
        parked=waiting,
        session=till.session_for(actor=actor, now=now) if sale.payments or sale.tips else None,
        at=now,
        until=now + timedelta(minutes=basket.policy.pix_hold_minutes),
        actor_kind=actor.kind,
        actor_id=actor.id,
    )
    if waiting is not None:
        parking.close(row=waiting, order=order, actor=actor, now=now, is_paid=False)
    return row


def _ordered(*, sale: Sale, basket: Basket, actor: Actor, now: datetime) -> tuple[Order, list[str]]:
    """Return the one order that is paid, locked, and the visits that the sale closes."""
    if basket.is_new:
        order, begun = place_own(sale=sale, basket=basket, actor=actor, now=now)
        return order, [str(visit.public_id) for visit in [*basket.direct, *begun]]
    [(number, visits)] = basket.ordered.items()
    order = orders.locked_order(number=number, access=STAFF)
    refuse_awaited(orders=[order])
    status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    if status != Order.Status.CONFIRMED:
        raise InvalidTransition.of(status, allowed=allowed(status=status))
    return order, [str(visit.public_id) for visit in visits]


def _refuse_sums(*, order: Order, sale: Sale, awaited: Decimal) -> None:
    """Refuse another total than was shown, and parts that are not exactly what is due."""
    total, due = current_total(order=order), amount_due(order=order)
    if sale.expected_total is not None and sale.expected_total != total:
        raise TotalChanged(total=str(total))
    refuse_odd(sale.payments, sale.tips)
    given_to(tips=sale.tips)
    if any(tip.tender == PIX for tip in sale.tips):
        told = _("Beside a Pix that completes the sale, a tip is given in cash or by card.")
        raise Malformed(errors=[FieldError("/tips", "not_allowed", told)])
    given = awaited + sum((part.amount for part in sale.payments), NOTHING)
    if awaited <= 0 or awaited != awaited.quantize(CENT) or given != due:
        raise PaymentsDoNotAddUp(due=str(due), given=str(given))
