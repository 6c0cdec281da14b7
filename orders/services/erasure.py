"""The people of orders, erased when their account is closed or the owner erases them.

What was sold, for how much and when, stays.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.selectors import OF_NO_ACCOUNT_IN_USE
from cart import services as carts
from cart.models import Cart
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
        _erase(orders=Order.objects.filter(customer__public_id=UUID(payload["customer"])), now=now)
        carts.erase_addresses(carts=Cart.objects.filter(customer__public_id=UUID(payload["customer"])))


def forget_buyer(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Erase who ordered from every order under the record of a customer. Called by the outbox; safe to repeat.

    What another account ordered that is still in use goes when that one is closed.
    """
    with unit_of_work():
        theirs = Order.objects.filter(OF_NO_ACCOUNT_IN_USE, contact__record__public_id=UUID(payload["record"]))
        orders = _erase(orders=Order.objects.filter(pk__in=theirs.values("pk")), now=now)
        carts.erase_addresses(carts=Cart.objects.filter(pk__in=[order.cart_id for order in orders]))


def _erase(*, orders: QuerySet[Order], now: datetime) -> list[Order]:
    """Erase who ordered from orders, those still open too, and return them, locked."""
    rows = list(locked(orders))
    known = OrderContact.objects.filter(order__in=[order.pk for order in rows], anonymised_at__isnull=True)
    known.update(**NOBODY, anonymised_at=now)
    return rows
