"""The people of orders, erased when their account is closed or the owner erases them.

What was sold, for how much and when, stays.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from cart import services as carts
from common.transactions import locked, unit_of_work
from orders.models import Order, OrderContact

NOBODY: dict[str, Any] = {
    "name": "",
    "email": "",
    "phone": "",
    "document": "",
    "pickup_person": "",
    "address": None,
    "note": "",
}


def erase_contacts(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Erase who ordered from every order of a customer. Called by the outbox; safe to repeat."""
    with unit_of_work():
        orders = list(locked(Order.objects.filter(customer__public_id=UUID(payload["customer"]))))
        known = OrderContact.objects.filter(order__in=[order.pk for order in orders], anonymised_at__isnull=True)
        known.update(**NOBODY, anonymised_at=now)
        carts.erase_addresses(customer=UUID(payload["customer"]))


def forget_buyer(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Erase who ordered from every order under the record of a customer. Called by the outbox; safe to repeat."""
    with unit_of_work():
        theirs = OrderContact.objects.filter(record__public_id=UUID(payload["record"]), anonymised_at__isnull=True)
        orders = list(locked(Order.objects.filter(pk__in=theirs.values("order"))))
        known = OrderContact.objects.filter(order__in=[order.pk for order in orders], anonymised_at__isnull=True)
        known.update(**NOBODY, anonymised_at=now)
