"""A new link to an order, for somebody who lost it or whose letters others have read: every link before it ends."""

from datetime import datetime

from common import outbox, security
from common.security import Event
from common.use_cases import use_case
from orders.models import Order, OrderLine
from orders.selectors import Access
from orders.services.reservations import visit_claims_of
from orders.services.states import locked_order
from scheduling import services as scheduling


@use_case()
def renew_link(*, number: str, access: Access, now: datetime) -> Order:
    """End every link to an order and to its visits, have a new one sent to its customer, and return the order.

    Raises NotFound.
    """
    order = locked_order(number=number, access=access)
    order.link_version += 1
    order.link_renewed_at = now
    order.save(update_fields=["link_version", "link_renewed_at"])
    visits = OrderLine.objects.filter(order=order, kind="visit")
    scheduling.renew_links_of(claims=visit_claims_of(lines=visits), bearer_version=order.link_version, now=now)
    security.note(Event.LINK_REVOKED, kind="order", number=order.number)
    outbox.emit(name="order.link_renewed", payload={"order": order.number, "link": order.link_version}, now=now)
    outbox.wake()
    return order
