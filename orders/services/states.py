"""An order's way through its states: cancelled, completed, expired, confirmed, revived.

Whoever moves an order has locked its row first, so of a cancel, an expiry and a payment at the same moment exactly
one finds it open. Cancelling a cancelled order is no error; it answers the order as it is.
"""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.selectors import role_of
from common import outbox
from common.actors import Actor, Kind
from common.errors import InvalidTransition, Refusal
from common.transactions import locked, locked_if_free, unit_of_work, within_unit_of_work
from common.use_cases import use_case
from inventory import services as inventory
from orders import selectors
from orders.amounts import NOTHING, amount_due, asked_first, fee_of, keepable, net_paid
from orders.errors import CancelAboveLimit, TooLateToCancel
from orders.lifecycle import HANDED_OVER, OPEN_STATUSES, TRANSITIONS, allowed, effective_status
from orders.models import Fulfilment, Order, OrderLine, OrderLineCancellation
from orders.selectors import Access
from orders.services.history import move, record_expiry
from orders.services.repricing import follow_price
from orders.services.reservations import give_back, keep_without_end, needs_of, visit_claims_of
from scheduling import selectors as agenda
from scheduling import services as scheduling
from shop import services as shop
from shop.deadlines import last_moment
from shop.policy import Policy

GONE = ("appointment.cancelled", "appointment.expired")
"""What is told of a visit whose line leaves its order."""


@within_unit_of_work
def locked_order(*, number: str, access: Access) -> Order:
    """Lock the caller's order for writing. Raises NotFound."""
    return selectors.visible(order=locked(selectors.opened().filter(number=number)).first(), access=access)


def lease_of_order(*, number: str, **_others: Any) -> list[str]:
    """Return the names of the lease over the time of an order's visits; none without visits."""
    claims = visit_claims_of(lines=OrderLine.objects.filter(order__number=number, kind="visit"))
    return scheduling.lease_keys(claims=claims) if claims else []


@use_case(lease=lease_of_order)
def cancel_order(
    *, number: str, reason: str, access: Access, actor: Actor, now: datetime, keeps_fee: bool = False
) -> Order:
    """Cancel the order, give its units back, once, and return it; a cancelled order is returned unchanged.

    `keeps_fee`: the team cancels at the wish of a customer who is late, and keeps the fee that was agreed for that.

    Raises NotFound, InvalidTransition (expired, completed, or goods already handed over), TooLateToCancel (a
    customer past the cut-off, or whose goods are being prepared), CancelAboveLimit (a role that may not decide about
    so much money).
    """
    order = locked_order(number=number, access=access)
    if order.status == Order.Status.CANCELLED:
        return order
    policy = shop.policy()
    _refuse_cancel(order=order, access=access, policy=policy, now=now)
    refuse_above_limit(order=order, policy=policy, actor=actor)
    fee = selectors.late_fee(order=order, now=now) if keeps_fee else NOTHING
    step = move(order=order, target=Order.Status.CANCELLED, actor=actor, reason=reason, now=now)
    if fee > 0:
        order.late_fee += fee
        Order.objects.filter(pk=order.pk).update(late_fee=order.late_fee)
    begun = Fulfilment.objects.filter(order=order).exclude(status=Fulfilment.Status.RETURNED)
    begun.update(status=Fulfilment.Status.CANCELLED, changed_at=now)
    give_back(lines=selectors.living_lines(order=order), actor=actor, reason=reason, now=now)
    outbox.emit(name="order.cancelled", payload={"order": order.number, "version": step.seq}, now=now)
    outbox.wake()
    return order


@use_case(lease=lease_of_order)
def complete_order(*, number: str, access: Access, actor: Actor, now: datetime) -> Order:
    """Close an order whose goods are all handed over and whose total is paid, and return it.

    Raises NotFound, InvalidTransition.
    """
    order = locked_order(number=number, access=access)
    if order.status == Order.Status.CONFIRMED and not _is_done(order=order, now=now):
        detail = _("Hand over every unit, keep every visit and receive the whole total first.")
        raise InvalidTransition.of(order.status, allowed=["cancelled"], detail=detail)
    _complete(order=order, actor=actor, now=now)
    outbox.wake()
    return order


@within_unit_of_work
def complete_if_done(*, order: Order, actor: Actor, now: datetime) -> None:
    """Close a locked confirmed order if nothing of it is left to do."""
    if order.status == Order.Status.CONFIRMED and _is_done(order=order, now=now):
        _complete(order=order, actor=actor, now=now)


def _is_done(*, order: Order, now: datetime) -> bool:
    """Say whether every unit is handed over, every visit kept or missed, and the whole total received."""
    handed_over = selectors.units_in_fulfilments(order=order, statuses=HANDED_OVER)
    owed = any(handed_over.get(line.pk, 0) < line.quantity for line in selectors.goods_of(order=order))
    return not owed and amount_due(order=order) == 0 and not selectors.visits_ahead(order=order, now=now)


def _complete(*, order: Order, actor: Actor, now: datetime) -> None:
    move(order=order, target=Order.Status.COMPLETED, actor=actor, reason="", now=now)
    outbox.emit(name="order.completed", payload={"order": order.number}, now=now)


def expire_due_orders(*, now: datetime, batch: int = 100) -> int:
    """Write down which pending orders ran out and give their units back; returns how many.

    Orders another process has locked are left to it. Nothing depends on it: such an order reads expired anyway.
    """
    actor = Actor.system(door="task")
    expired = 0
    while True:
        with unit_of_work():
            due = Order.objects.filter(status=Order.Status.PENDING, expires_at__lte=now)
            orders = list(locked_if_free(due)[:batch])
            for order in orders:
                expire_order(order=order, actor=actor, now=now)
        expired += len(orders)
        if len(orders) < batch:
            return expired


@within_unit_of_work
def expire_order(*, order: Order, actor: Actor, now: datetime) -> None:
    """Write down that a locked pending order ran out, and give back what it keeps."""
    step = record_expiry(order=order, actor=actor, now=now)
    give_back(lines=selectors.living_lines(order=order), actor=actor, reason="", now=now, expired=True)
    outbox.emit(name="order.expired", payload={"order": order.number, "version": step.seq}, now=now)


@within_unit_of_work
def confirm(*, order: Order, actor: Actor, reason: str, now: datetime) -> None:
    """Confirm a locked order and keep its units without end; an expired one is revived if its units are free.

    Raises InvalidTransition, OutOfStock or SlotTaken (revival impossible; the caller rolls back).
    """
    step = move(order=order, target=Order.Status.CONFIRMED, actor=actor, reason=reason, now=now)
    lines = selectors.living_lines(order=order)
    keep_without_end(order=order, lines=lines, policy=shop.policy(), actor=actor, now=now)
    outbox.emit(name="order.confirmed", payload={"order": order.number, "version": step.seq}, now=now)


def refusal_to_cancel(*, order: Order, access: Access, policy: Policy, now: datetime) -> Refusal | None:
    """Return why the caller could not cancel the order now, or None; it is judged again when they do."""
    status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    if Order.Status.CANCELLED not in TRANSITIONS[status]:
        return InvalidTransition.of(status, allowed=allowed(status=status))
    try:
        _refuse_cancel(order=order, access=access, policy=policy, now=now)
    except Refusal as refusal:
        return refusal
    return None


def _refuse_cancel(*, order: Order, access: Access, policy: Policy, now: datetime) -> None:
    _refuse_late(order=order, access=access, policy=policy, now=now)
    refuse_handed_over(order=order)


def refuse_above_limit(*, order: Order, policy: Policy, actor: Actor) -> None:
    """Let a role cancel what has cost the customer no more than the owner lets it decide about."""
    paid = net_paid(order=order)
    if paid <= 0 or actor.kind != "staff":
        return
    limit = policy.limit_of(role=role_of(actor=actor), what="cancel_paid")
    if limit is not None and paid > limit:
        raise CancelAboveLimit(limit=str(limit))


@within_unit_of_work
def bring_deadline_forward(*, order: Order, policy: Policy, now: datetime) -> None:
    """Let a locked pending order wait no longer than what it keeps is of use, after any of it has moved nearer."""
    if effective_status(status=order.status, expires_at=order.expires_at, now=now) != Order.Status.PENDING:
        return
    moments = [visit.starts_at for visit in selectors.visits_of(order=order, now=now)]
    if order.pickup_starts_at is not None:
        moments.append(order.pickup_starts_at)
    if not moments or order.expires_at is None:
        return
    until = last_moment(policy=policy, first=min(moments), now=now)
    if until < order.expires_at:
        order.expires_at = until
        Order.objects.filter(pk=order.pk).update(expires_at=until)
        inventory.allocate(needs=needs_of(lines=selectors.living_lines(order=order)), expires_at=until, now=now)
        outbox.emit(name="order.due_sooner", payload={"order": order.number}, now=now)


def _refuse_late(*, order: Order, access: Access, policy: Policy, now: datetime) -> None:
    """Let customers cancel until the cut-off before the pickup, and until the shop begins to prepare the goods."""
    status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    if access.staff or status not in OPEN_STATUSES:
        return
    until = selectors.cancel_until(order=order, visits=selectors.visits_of(order=order, now=now), policy=policy)
    if until is not None and now >= until:
        raise TooLateToCancel(until=until.isoformat())
    if Fulfilment.objects.filter(order=order).exclude(status=Fulfilment.Status.OPEN).exists():
        raise TooLateToCancel(until=None)


def refuse_handed_over(*, order: Order) -> None:
    """Goods that have left the shop come back by a return first."""
    gone = Fulfilment.objects.filter(order=order, status__in=selectors.HANDED_OVER)
    if order.status == Order.Status.CONFIRMED and gone.exists():
        detail = _("Some of its goods have left the shop.")
        raise InvalidTransition.of(order.status, allowed=["completed"], detail=detail)


def follow_visit(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Bring an order in line with what became of one of its visits. Called by the outbox; safe to repeat.

    A visit moved nearer shortens the time the order waits for money; one moved by its customer to a professional with
    another price changes what the order costs.
    A visit called off takes its line out of the order, and cancels an order with no line left. An order that after any
    of this waits for nobody's answer and for no money is confirmed with what it keeps. What is told late is looked at
    again: a visit that ran out and was taken again by late money stays. The order's history names whoever called the
    visit off, with their reason.
    """
    found = selectors.line_of_claim(claim=payload.get("claim"))
    if found is not None:
        by_claim = bool(payload.get("by_claim"))
        _follow(number=found.order.number, line=found, name=name, by_claim=by_claim, now=now)


@use_case(lease=lease_of_order)
def _follow(*, number: str, line: OrderLine, name: str, by_claim: bool, now: datetime) -> None:
    actor = Actor.system(door="task")
    order = locked_order(number=number, access=Access(staff=True))
    if name == "appointment.moved":
        bring_deadline_forward(order=order, policy=shop.policy(), now=now)
        if _is_open(order=order, now=now):
            _follow_price(order=order, line=line, now=now)
    elif name in GONE and not by_claim and _is_open(order=order, now=now) and not _kept(line=line, now=now):
        step = agenda.last_step(claim=line.claim)
        by = Actor(kind=cast(Kind, step.actor_kind), id=step.actor_id, door=actor.door) if step else actor
        why = step.reason if step and step.reason else name
        drop_line(order=order, line=line, reason=why, actor=by, now=now)
    _confirm_unawaited(order=order, actor=actor, now=now)
    outbox.wake()


def _follow_price(*, order: Order, line: OrderLine, now: datetime) -> None:
    step = agenda.last_step(claim=line.claim)
    door = Actor.system(door="task")
    by = Actor(kind=cast(Kind, step.actor_kind), id=step.actor_id, door=door.door) if step else door
    for visit in agenda.claimed_visits(claims=[line.claim], now=now).values():
        follow_price(order=order, line=line, visit=visit, actor=by, now=now)


def _is_open(*, order: Order, now: datetime) -> bool:
    return effective_status(status=order.status, expires_at=order.expires_at, now=now) in OPEN_STATUSES


def _kept(*, line: OrderLine, now: datetime) -> bool:
    return any(visit.live for visit in agenda.claimed_visits(claims=[line.claim], now=now).values())


def _confirm_unawaited(*, order: Order, actor: Actor, now: datetime) -> None:
    """Confirm a pending order that waits for no money, for no answer, and for no news of a visit that is gone."""
    waiting = effective_status(status=order.status, expires_at=order.expires_at, now=now) == Order.Status.PENDING
    if not waiting or asked_first(order=order) > 0:
        return
    visits = selectors.visits_of(order=order, now=now)
    if all(visit.live and visit.state != "requested" for visit in visits):
        confirm(order=order, actor=actor, reason="", now=now)


@within_unit_of_work
def drop_line(*, order: Order, line: OrderLine, reason: str, actor: Actor, now: datetime, missed: bool = False) -> None:
    """Take a line out of a locked order, once, and cancel an open order that has none left.

    `missed`: nobody came to it, so the fee that was agreed for that is kept of what was paid.
    """
    if OrderLineCancellation.objects.filter(line=line).exists():
        return
    OrderLineCancellation.objects.create(line=line, reason=reason, at=now)
    order.cancelled += line.line_total
    order.late_fee += keepable(order=order, fee=fee_of(order=order, line=line)) if missed else NOTHING
    Order.objects.filter(pk=order.pk).update(cancelled=order.cancelled, late_fee=order.late_fee)
    outbox.emit(name="order.line_cancelled", payload={"order": order.number, "line": str(line.public_id)}, now=now)
    if order.status in OPEN_STATUSES and not selectors.living_lines(order=order):
        step = move(order=order, target=Order.Status.CANCELLED, actor=actor, reason=reason, now=now)
        outbox.emit(name="order.cancelled", payload={"order": order.number, "version": step.seq}, now=now)
