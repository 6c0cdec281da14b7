"""When goods are collected, after the order was placed: the pickup moved to another window.

What was agreed stays frozen under the order's digest; the window as it is now stands beside it, and each move in the
history. Customers move a pickup until the cut-off, as they may cancel; the team may later, with a reason.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from cart.errors import PickupUnavailable
from common import outbox
from common.actors import Actor
from common.errors import FieldError, InvalidTransition, Malformed, Refusal
from common.use_cases import use_case
from orders import selectors
from orders.lifecycle import OPEN_STATUSES, allowed, effective_status
from orders.models import Fulfilment, Order
from orders.selectors import Access
from orders.services.history import note_pickup
from orders.services.reservations import one_pickup_at_a_time
from orders.services.states import bring_deadline_forward, lease_of_order, locked_order, refuse_handed_over
from scheduling.errors import TooLateToChange
from shop import services as shop
from shop.policy import Policy
from shop.windows import Window


@use_case(lease=lease_of_order)
def reschedule_pickup(
    *, number: str, pickup_at: datetime, access: Access, actor: Actor, now: datetime, reason: str = ""
) -> Order:
    """Move the pickup of an open order into the window that `pickup_at` lies in, and return the order.

    Into the window it has already, nothing changes.

    Raises NotFound, InvalidTransition (the order is over, or its goods have left the shop), TooLateToChange (a customer
    past the cut-off, or whose goods are being prepared), Malformed (the team past it, without a reason),
    PickupUnavailable.
    """
    policy = shop.policy()
    order = locked_order(number=number, access=access)
    _refuse_over(order=order, now=now)
    one_pickup_at_a_time(policy=policy)
    window = _window(order=order, pickup_at=pickup_at, access=access, policy=policy, now=now)
    if window.starts_at != order.pickup_starts_at:
        _refuse_late(order=order, access=access, policy=policy, reason=reason, now=now)
        _move(order=order, window=window, policy=policy, actor=actor, reason=reason, now=now)
        outbox.wake()
    return order


def refusal_to_move_pickup(*, order: Order, access: Access, policy: Policy, now: datetime) -> Refusal | None:
    """Return why the caller could not move the pickup now, or None; it is judged again when they do."""
    try:
        _refuse_over(order=order, now=now)
        _refuse_late(order=order, access=access, policy=policy, reason="", now=now)
    except Refusal as refusal:
        return refusal
    return None


def _refuse_over(*, order: Order, now: datetime) -> None:
    """Refuse an order that is over, has no pickup, or whose goods have left the shop."""
    status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    if status not in OPEN_STATUSES:
        raise InvalidTransition.of(status, allowed=allowed(status=status))
    if order.pickup_starts_at is None:
        raise PickupUnavailable(earliest=None)
    refuse_handed_over(order=order)


def _window(*, order: Order, pickup_at: datetime, access: Access, policy: Policy, now: datetime) -> Window:
    windows = selectors.pickup_choices(order=order, desk=access.staff, policy=policy, now=now)
    for window in windows:
        if window.starts_at <= pickup_at < window.ends_at:
            return window
    raise PickupUnavailable(earliest=windows[0].starts_at.isoformat() if windows else None)


def _refuse_late(*, order: Order, access: Access, policy: Policy, reason: str, now: datetime) -> None:
    """Past the cut-off, or once the goods are being prepared, the team decides and says why."""
    if order.pickup_starts_at is None:
        return
    until = order.pickup_starts_at - timedelta(minutes=selectors.cancel_minutes(order=order, policy=policy))
    prepared = Fulfilment.objects.filter(order=order, status__in=["picked", "ready"]).exists()
    if now < until and not prepared:
        return
    if not access.staff:
        raise TooLateToChange(until=until.isoformat() if now >= until else None)
    if now >= until and not reason:
        detail = _("Past the cut-off a reason is needed.")
        raise Malformed(errors=[FieldError(pointer="/reason", code="required", detail=detail)])


def _move(*, order: Order, window: Window, policy: Policy, actor: Actor, reason: str, now: datetime) -> None:
    order.pickup_starts_at, order.pickup_ends_at = window.starts_at, window.ends_at
    Order.objects.filter(pk=order.pk).update(
        pickup_starts_at=order.pickup_starts_at, pickup_ends_at=order.pickup_ends_at
    )
    bring_deadline_forward(order=order, policy=policy, now=now)
    step = note_pickup(order=order, actor=actor, reason=reason, now=now)
    outbox.emit(name="order.pickup_moved", payload={"order": order.number, "version": step.seq}, now=now)
