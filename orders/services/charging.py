"""A visit booked directly is charged at the counter: it becomes the one line of an order.

The visit gets its claim only now, since nobody had to keep it for a cart; from then on the order and
the visit follow each other like any others.
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from cart import services as carts
from common import locks
from common.actors import Actor
from common.transactions import run_unit_of_work
from orders import selectors
from orders.models import Order
from orders.selectors import Access
from orders.services.commands import Contact, Placement
from orders.services.place_order import place_within
from scheduling import selectors as agenda
from scheduling import services as scheduling
from shop import services as shop


def charge_visit(*, appointment: UUID, actor: Actor, now: datetime) -> dict[str, Any]:
    """Make a confirmed or completed visit a counter order, to be paid there, and return the order.

    Charging it again returns the order it has.

    Raises NotFound, InvalidTransition (the visit is neither confirmed nor completed), LinesNotForSale,
    MethodNotOffered, Busy.
    """
    policy = shop.policy()
    plain = agenda.appointment(public_id=appointment)
    rooms = [plain.room_id] if plain.room_id is not None else []
    keys = scheduling.lease_names(professionals=[plain.professional_id], rooms=rooms)

    def work() -> dict[str, Any]:
        fresh = uuid4()
        visit = scheduling.put_under_claim(public_id=appointment, claim=fresh, now=now)
        line = selectors.line_of_claim(claim=str(visit.claim))
        if line is not None:
            access = Access(staff=True)
            return selectors.whole_order(
                order=selectors.find(number=line.order.number, access=access), access=access, now=now
            )
        claim = visit.claim or fresh
        cart = carts.cart_for_visit(visit=visit, claim=claim, policy=policy, now=now)
        placement = Placement(
            cart=cart.public_id,
            expected_total=visit.total,
            contact=Contact(name=visit.contact_name, email=visit.contact_email, phone=visit.contact_phone),
            payment_method=Order.PaymentMethod.ON_SITE.value,
            note=visit.note,
            language=visit.language,
        )
        return place_within(
            placement=placement,
            customer_id=visit.customer_id,
            visits=[claim],
            policy=policy,
            actor=actor,
            now=now,
        )

    with locks.lease(keys):
        return run_unit_of_work(work)
