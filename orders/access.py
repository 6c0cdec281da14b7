"""Who may see which order: the one place where the token of an order is judged.

An order that is not the caller's does not exist for them (NotFound), so numbers cannot be probed.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest

from common import clock, security
from common.access import access_token, alive, opens
from common.errors import NotFound
from common.security import Event
from orders.models import Order, OrderEvent, OrderLine
from scheduling.models import Appointment
from shop.selectors import link_days

KIND = "order"
"""What the access token of an order opens."""
TO_PAY = "order_to_pay"
"""What the token of a pay page opens: that page alone, so that it can be handed on to whoever pays."""

CONTACTS = "orders.view_ordercontact"
"""Whoever of the team sees orders sees whose they are; how to reach them is for those who serve them."""


@dataclass(frozen=True)
class Access:
    """What a caller brings along to prove that an order is theirs to see, and when."""

    staff: bool = False
    customer_id: int | None = None
    token: str | None = None
    now: datetime = field(default_factory=lambda: clock.now())  # noqa: PLW0108 - the clock as it is then

    def holds_token_of(self, *, order: Any) -> bool:
        """Say whether the caller brought the token of an order that `opened` has read, and it still opens it."""
        return self._opens(order, kind=KIND)

    def may_pay(self, *, order: Any) -> bool:
        """Say whether the caller brought what opens the pay page of an order that `opened` has read."""
        return self._opens(order, kind=TO_PAY) or self.holds_token_of(order=order)

    def _opens(self, order: Any, *, kind: str) -> bool:
        if not self.token or not alive(since=order.last_event_at, days=order.link_days, now=self.now):
            return False
        return opens(token=self.token, kind=kind, public_id=order.public_id, version=order.link_version)

    def owns(self, *, order: Order) -> bool:
        """Say whether the caller is the customer of an order that `opened` has read, by login or by token."""
        mine = self.customer_id is not None and order.customer_id == self.customer_id
        return mine or self.holds_token_of(order=order)


def token_of(*, order: Order) -> str:
    """Return the token that opens the order now."""
    return access_token(kind=KIND, public_id=order.public_id, version=order.link_version)


def pay_token_of(*, order: Order) -> str:
    """Return the token that opens the order's pay page now."""
    return access_token(kind=TO_PAY, public_id=order.public_id, version=order.link_version)


def opened() -> QuerySet[Any]:
    """Return the orders with their contact and with what says how long their links live, in one statement."""
    visits = OrderLine.objects.filter(order=OuterRef(OuterRef("pk")), kind="visit").values("claim")
    ends = Appointment.objects.filter(claim__in=visits).order_by("-ends_at").values("ends_at")
    steps = OrderEvent.objects.filter(order=OuterRef("pk")).order_by("-seq").values("at")
    last = Greatest("placed_at", "link_renewed_at", "pickup_ends_at", Subquery(steps[:1]), Subquery(ends[:1]))
    return Order.objects.select_related("contact").annotate(last_event_at=last, link_days=link_days())


def visible(*, order: Order | None, access: Access) -> Order:
    """Return the order if the caller may see it. Raises NotFound."""
    if order is None:
        raise NotFound()
    if not (access.staff or access.owns(order=order)):
        raise _refused(order)
    return order


def find(*, number: str, access: Access) -> Order:
    """Return the order of that number with its contact. Raises NotFound."""
    return visible(order=opened().filter(number=number).first(), access=access)


def find_to_pay(*, number: str, access: Access) -> Order:
    """Return the order of that number with its contact, for whoever may open its pay page. Raises NotFound."""
    order = opened().filter(number=number).first()
    if order is None:
        raise NotFound()
    if not access.may_pay(order=order):
        raise _refused(order)
    found: Order = order
    return found


def _refused(order: Order) -> NotFound:
    security.note(Event.ACCESS_REFUSED, kind="order", number=order.number)
    return NotFound()
