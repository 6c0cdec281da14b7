"""Attempts to pay: begun once, answered again while they are open, closed when nobody can pay them any more.

A gateway is called with no transaction open. The attempt's row is committed first, so that whatever the gateway tells
finds it; then the gateway is asked, under a key derived from the row; then its answer is stored. Where the answer is
lost, nobody knows whether the payment was begun: the attempt stays open and is completed by whoever asks again, the
customer or the sweep.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings

from cart.errors import MethodNotOffered
from common.actors import Actor
from common.errors import InvalidTransition
from common.transactions import locked, run_unit_of_work, unit_of_work, within_unit_of_work
from common.use_cases import stop_if_answered, use_case
from orders import services as orders
from orders.amounts import amount_due, asked_now, online_methods
from orders.lifecycle import allowed, effective_status
from orders.models import Order
from orders.selectors import Access
from payments.errors import GatewayBusy
from payments.gateways import calls, registry
from payments.gateways.protocol import Asked, Declined, Given, PaymentFact, PaymentGateway, Sought, Unreachable
from payments.models import Payment
from payments.services import history
from payments.services.arrivals import Arrival, arrive
from payments.services.facts import take_in
from shop import services as shop
from shop.deadlines import attempt_deadline
from shop.policy import Policy


def begin_payment(
    *,
    number: str,
    method: str,
    access: Access,
    actor: Actor,
    now: datetime,
    tender: str = "",
    return_url: str = "",
    amount: Decimal | None = None,
) -> Payment:
    """Begin or record a payment of what is due now, and return it; an attempt that is open is returned again.

    `on_site`: staff takes the money at the counter, now; `tender` says what was handed over. `transfer` and the shop's
    own Pix are announced, and staff confirms them. Any other method is begun at its gateway, where staff may ask for
    less than is due: `amount`.

    Raises NotFound, MethodNotOffered, InvalidTransition (nothing is due, or the order is not open), GatewayBusy.
    """
    policy = shop.policy()
    gateway = registry.for_method(method=method, policy=policy)
    wanted: Any = {"number": number, "method": method, "access": access, "actor": actor, "now": now, "policy": policy}
    if gateway is None or not gateway.remote:
        return _begin_at_hand(gateway=gateway, tender=tender, **wanted)
    stop_if_answered()
    attempt = run_unit_of_work(_open, gateway=gateway, return_url=return_url, amount=amount, **wanted)
    if attempt.answered_at is not None:
        return _again(attempt=attempt, now=now)
    try:
        fact = ask(gateway=gateway, attempt=attempt)
    except Unreachable as lost:
        raise GatewayBusy() from lost
    except Declined as declined:
        return _declined(attempt=attempt, why=str(declined), actor=actor, now=now)
    return take_in(gateway=gateway, fact=fact, attempt=attempt, actor=actor, now=now) or attempt


def ask(*, gateway: PaymentGateway, attempt: Payment) -> PaymentFact:
    """Ask the gateway to begin an attempt, once however often it is asked. Raises Unreachable, Declined."""
    asked = asked_of(attempt=attempt)
    return calls.call(gateway, lambda: gateway.begin(asked))


def asked_of(*, attempt: Payment) -> Asked:
    """Return an attempt, read with its order and contact, as a gateway is asked for it."""
    order = attempt.order
    return Asked(
        id=attempt.public_id,
        key=attempt.key,
        order=order.number,
        method=attempt.method,
        amount=attempt.amount,
        currency=attempt.currency,
        expires_at=attempt.expires_at,
        description=order.number,
        return_url=attempt.return_url,
        notify_url=f"{settings.PUBLIC_URL}/api/v1/payments/webhooks/{attempt.gateway}/",
        email=order.contact.email,
        begun_at=attempt.created_at,
    )


def sought_of(*, payment: Payment) -> Sought:
    """Return a payment as a gateway is asked about it."""
    handle = str(payment.given.get("handle", ""))
    return Sought(reference=payment.gateway_reference, payment=payment.public_id, handle=handle)


@use_case()
def _begin_at_hand(
    *,
    number: str,
    method: str,
    gateway: PaymentGateway | None,
    tender: str,
    access: Access,
    actor: Actor,
    policy: Policy,
    now: datetime,
) -> Payment:
    """Take what is due at the counter, or announce it: nobody outside has to be asked."""
    order = orders.locked_order(number=number, access=access)
    offered = _offered(order=order, method=method, gateway=gateway, access=access, policy=policy)
    _refuse_closed(order=order, method=method, now=now)
    if method == Order.PaymentMethod.ON_SITE:
        arrival = Arrival.by_hand(method=method, amount=amount_due(order=order), tender=tender)
        return arrive(order=order, arrival=arrival, actor=actor, now=now)
    attempt = _attempt(order=order, method=method, gateway=offered, actor=actor, policy=policy, now=now)
    if attempt.answered_at is None:
        fact = offered.begin(asked_of(attempt=attempt))
        _keep(attempt=attempt, given=fact.given, now=now)
    return attempt


@within_unit_of_work
def _open(
    *,
    number: str,
    method: str,
    gateway: PaymentGateway,
    return_url: str,
    amount: Decimal | None,
    access: Access,
    actor: Actor,
    policy: Policy,
    now: datetime,
) -> Payment:
    """Return the attempt that is open at a gateway, written down now if there is none; nobody has been asked yet."""
    order = orders.locked_order(number=number, access=access)
    _offered(order=order, method=method, gateway=gateway, access=access, policy=policy)
    _refuse_closed(order=order, method=method, now=now)
    return _attempt(
        order=order,
        method=method,
        gateway=gateway,
        actor=actor,
        policy=policy,
        now=now,
        return_url=return_url,
        part=amount,
    )


@within_unit_of_work
def _attempt(
    *,
    order: Order,
    method: str,
    gateway: PaymentGateway,
    actor: Actor,
    policy: Policy,
    now: datetime,
    return_url: str = "",
    part: Decimal | None = None,
) -> Payment:
    """Return the open attempt at what a locked order asks for now, or at a part of it; one at something else is closed
    first.
    """
    amount = asked_now(order=order) if part is None else min(part, amount_due(order=order))
    waiting = locked(Payment.objects.filter(order=order, method=method, status=Payment.Status.PENDING)).first()
    if waiting is not None:
        waiting.order = order
        over = waiting.expires_at is not None and waiting.expires_at <= now
        same = waiting.amount == amount and waiting.gateway == gateway.name
        if not over and same and not (return_url and _has_no_page(waiting)):
            return waiting
        end = Payment.Status.EXPIRED if over else Payment.Status.CANCELLED
        history.move(row=waiting, target=end.value, actor=Actor.system(door=actor.door), now=now)
    pending = effective_status(status=order.status, expires_at=order.expires_at, now=now) == Order.Status.PENDING
    until = order.expires_at if pending else None
    attempt = Payment(
        order=order,
        gateway=gateway.name,
        method=method,
        status=Payment.Status.PENDING,
        amount=amount,
        currency=order.currency,
        return_url=return_url,
        actor_kind=actor.kind,
        actor_id=actor.id,
        created_at=now,
        expires_at=attempt_deadline(policy=policy, method=method, order_until=until, now=now),
    )
    history.write(row=attempt, actor=actor, now=now)
    return attempt


def _has_no_page(attempt: Payment) -> bool:
    """Say whether an attempt was begun for a client's own form, which nobody can open who comes from elsewhere."""
    shown = attempt.given.keys() & {"checkout_url", "pix_text"}
    return attempt.method == Order.PaymentMethod.CARD and not attempt.return_url and not shown


def _offered(
    *, order: Order, method: str, gateway: PaymentGateway | None, access: Access, policy: Policy
) -> PaymentGateway:
    """Return what completes a method, if the shop takes it for this order from whoever asks. Raises MethodNotOffered.

    Staff takes money at the counter, customers pay online.
    """
    online = online_methods(order=order, offered=policy.payment_methods)
    offered = [*online, *([Order.PaymentMethod.ON_SITE.value] if access.staff else [])]
    if method not in offered or gateway is None:
        raise MethodNotOffered(offered=offered)
    return gateway


def _refuse_closed(*, order: Order, method: str, now: datetime) -> None:
    """Refuse an order that waits for nothing: money at the counter is for confirmed ones, a transfer confirms one."""
    status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    waiting: tuple[str, ...] = (Order.Status.PENDING.value, Order.Status.CONFIRMED.value)
    if method == Order.PaymentMethod.ON_SITE:
        waiting = (Order.Status.CONFIRMED.value,)
    if method == Order.PaymentMethod.TRANSFER:
        waiting = (Order.Status.PENDING.value,)
    if amount_due(order=order) <= 0 or status not in waiting:
        raise InvalidTransition.of(status, allowed=allowed(status=status))


def _keep(*, attempt: Payment, given: Given, now: datetime) -> None:
    attempt.given = {name: value for name, value in vars(given).items() if value}
    attempt.answered_at = now
    attempt.save(update_fields=["given", "answered_at"])


@use_case()
def _again(*, attempt: Payment, now: datetime) -> Payment:
    """Answer an open attempt as it is by now."""
    return Payment.objects.select_related("order").get(pk=attempt.pk)


@use_case()
def _declined(*, attempt: Payment, why: str, actor: Actor, now: datetime) -> Payment:
    """Write down that the gateway would not begin it; the next one is another attempt."""
    locked(Order.objects.filter(pk=attempt.order_id)).get()
    row = locked(Payment.objects.filter(pk=attempt.pk)).select_related("order").get()
    if row.status == Payment.Status.PENDING:
        failed = Payment.Status.FAILED.value
        history.move(row=row, target=failed, actor=actor, now=now, reason=why, failure=why[:200], answered_at=now)
    return row


@within_unit_of_work
def give_up_attempts(*, order: Order, method: str, reason: str, actor: Actor, now: datetime) -> None:
    """Give up what is open of a locked order by one method; its gateway is asked to close it."""
    for row in locked(Payment.objects.filter(order=order, method=method, status=Payment.Status.PENDING)):
        history.move(row=row, target=Payment.Status.CANCELLED.value, actor=actor, now=now, reason=reason)


def close_attempts(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Close what can no longer be paid of an order, as it ended or waits for less long than when it was begun.

    Called by the outbox; safe to repeat.
    """
    with unit_of_work():
        order = locked(Order.objects.filter(number=payload["order"])).get()
        attempts = Payment.objects.filter(order=order, status=Payment.Status.PENDING)
        if order.status == Order.Status.PENDING:
            attempts = attempts.filter(expires_at__gt=order.expires_at)
        ends = {Order.Status.PENDING.value: "cancelled", Order.Status.CANCELLED.value: "cancelled"}
        target = (ends | {Order.Status.EXPIRED.value: "expired"}).get(order.status)
        if target is not None:
            for row in locked(attempts):
                history.move(row=row, target=target, actor=Actor.system(door="task"), now=now, reason=name)
