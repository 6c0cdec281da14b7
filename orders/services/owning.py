"""An order that somebody placed as a guest becomes that of their account.

It never does by the e-mail alone, which anybody can type: whoever takes it over brings the order's own link, or an
account whose mailbox is proved to be read and is that of the order.
"""

from datetime import datetime

from accounts.selectors import person_of
from common.errors import NotFound
from common.identity import mailbox_of
from common.transactions import locked
from common.use_cases import use_case
from orders import selectors
from orders.models import Order, OrderLine
from orders.selectors import Access
from orders.services.reservations import visit_claims_of
from scheduling import services as scheduling


@use_case()
def claim_order(*, number: str, customer_id: int, access: Access, now: datetime) -> Order:
    """Let an order and its visits belong to a customer, and return it; one that does already is returned unchanged.

    Raises NotFound (also for an order of another account).
    """
    order: Order | None = locked(selectors.opened().filter(number=number)).first()
    if order is None or order.customer_id not in (None, customer_id):
        raise NotFound()
    if order.customer_id is None:
        mailbox = person_of(customer_id=customer_id).mailbox
        is_theirs = mailbox != "" and mailbox == mailbox_of(order.contact.email)
        if not (is_theirs or access.holds_token_of(order=order)):
            raise NotFound()
        order.customer_id = customer_id
        order.save(update_fields=["customer"])
        visits = OrderLine.objects.filter(order=order, kind="visit")
        scheduling.give_to(claims=visit_claims_of(lines=visits), customer_id=customer_id)
    return order
