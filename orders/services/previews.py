"""What a customer is told before they decide: what cancelling gives back, and where a pickup may be moved.

Each is refused just as the deed would be, and is judged again when it is done.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from common.actors import Actor
from orders import selectors
from orders.amounts import given_back
from orders.models import Order
from orders.selectors import Access
from orders.services.pickups import refusal_to_move_pickup
from orders.services.states import refusal_to_cancel, refuse_above_limit
from shop import services as shop
from shop.windows import Window


@dataclass(frozen=True)
class Cancellation:
    """What cancelling an order does now: `refund` is given back of what was paid, and it can be done before `until`."""

    refund: Decimal
    currency: str
    until: datetime | None


@dataclass(frozen=True)
class PickupChoices:
    """The window of an order's pickup, and those into which it may be moved."""

    order: Order
    windows: list[Window]


def preview_cancellation(*, number: str, access: Access, actor: Actor, now: datetime) -> Cancellation:
    """Return what cancelling the order would do. Raises what cancelling it would."""
    order, policy = selectors.find(number=number, access=access), shop.policy()
    refusal = refusal_to_cancel(order=order, access=access, policy=policy, now=now)
    if refusal is not None:
        raise refusal
    refuse_above_limit(order=order, policy=policy, actor=actor)
    visits = selectors.visits_of(order=order, now=now)
    until = None if access.staff else selectors.cancel_until(order=order, visits=visits, policy=policy)
    return Cancellation(refund=given_back(order=order), currency=order.currency, until=until)


def preview_pickup(*, number: str, access: Access, now: datetime) -> PickupChoices:
    """Return where the pickup may be moved. Raises what moving it would."""
    order, policy = selectors.find(number=number, access=access), shop.policy()
    refusal = refusal_to_move_pickup(order=order, access=access, policy=policy, now=now)
    if refusal is not None:
        raise refusal
    windows = selectors.pickup_choices(order=order, desk=access.staff, policy=policy, now=now)
    return PickupChoices(order=order, windows=windows)
