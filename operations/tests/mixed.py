"""Carts and orders of things and time, for tests."""

from datetime import datetime
from typing import Any

from cart import services as carts
from cart.pricing import FilledCart
from cart.services import Units
from inventory.models import StockItem
from orders.models import Order
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, place
from payments import services as payments
from scheduling.models import Appointment
from scheduling.tests.factories import at, wish

TEN = at(10)


def mixed_cart(*, starts_at: datetime = TEN, now: datetime = MONDAY) -> FilledCart:
    return carts.open_cart(
        units=[Units(sku="BOLO", quantity=1)], wishes=[wish(starts_at)], customer_id=None, actor=GUEST, now=now
    )


def states() -> list[str]:
    return list(Appointment.objects.order_by("pk").values_list("state", flat=True))


def reserved() -> int:
    return StockItem.objects.get().reserved


def the_order(**options: Any) -> Order:
    new = place(cart=mixed_cart(), **options)
    return Order.objects.select_related("contact").get(number=new.order.number)


def confirm(order: Order, *, now: datetime) -> Order:
    return payments.confirm_order(
        number=order.number, amount=order.total, reference="TED", access=ALL, actor=STAFF, now=now
    )
