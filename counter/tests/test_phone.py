"""Orders by telephone: goods to be collected, paid later, with a link to send."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest

from cart.errors import MethodNotOffered, PickupUnavailable
from common import outbox
from common.errors import Malformed, TotalChanged
from counter import services as counter
from counter.services import Phoned, Sale, SeatedVisit, WalkIn
from counter.tests.factories import MONDAY, STAFF, cash, goods
from inventory import selectors as stock
from inventory.errors import OutOfStock
from inventory.tests.factories import stocked
from operations.integrity import findings
from orders.models import Order
from orders.services import Pickup
from orders.tests.factories import late_pickup

pytestmark = pytest.mark.django_db

CALLER: dict[str, Any] = {"name": "Ana Lima", "phone": "+5511987654321"}


@pytest.fixture(autouse=True)
def shelf() -> None:
    stocked(sku="BOLO", units=2, price="20.00")


def call(*, method: str = "transfer", key: Any = None, at: Any = None, **sale: Any) -> Phoned:
    said = Sale(**{"goods": goods(BOLO=1), **CALLER, **sale})
    far = at or late_pickup(now=MONDAY)
    return counter.order_by_phone(
        sale=said, fulfilment=Pickup(at=far), payment_method=method, key=key or uuid4(), actor=STAFF, now=MONDAY
    )


def test_it_waits_for_its_transfer_with_a_link_to_send(mailoutbox: list[Any]) -> None:
    made = call()
    order = Order.objects.select_related("contact").get(number=made.number)
    assert (order.status, order.channel, order.payment_method, str(order.total)) == (
        "pending",
        "phone",
        "transfer",
        "20.00",
    )
    assert (order.contact.name, order.contact.phone, order.contact.email) == ("Ana Lima", "+5511987654321", "")
    assert order.expires_at is not None
    assert made.expires_at == order.expires_at.isoformat()
    assert made.chat_url.startswith("https://wa.me/5511987654321?text=")
    assert f"/orders/{order.number}/" in unquote(made.chat_url)
    assert stock.available(skus=["BOLO"], now=MONDAY) == {"BOLO": 1}
    outbox.relay(now=MONDAY)
    assert mailoutbox == []  # nobody gave an address, and the shop has none
    assert findings(now=MONDAY) == []


def test_it_can_be_paid_when_it_is_fetched() -> None:
    assert call(method="on_site").expires_at == ""
    assert Order.objects.get().status == "confirmed"


def test_one_key_orders_once() -> None:
    key = uuid4()
    assert call(key=key) == call(key=key)
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("sale", "pointers"),
    [
        ({"name": "", "phone": ""}, ["/name", "/phone"]),
        ({"visits": (SeatedVisit(uuid4()),)}, ["/visits"]),
        ({"walk_ins": (WalkIn(services=(("CORTE", None),)),)}, ["/visits"]),
        ({"payments": (cash("20.00"),)}, ["/payments"]),
    ],
)
def test_what_is_not_ordered_by_telephone_is_refused(sale: dict[str, Any], pointers: list[str]) -> None:
    with pytest.raises(Malformed) as refusal:
        call(**sale)
    assert [error.pointer for error in refusal.value.errors] == pointers


def test_the_rules_of_every_order_hold() -> None:
    with pytest.raises(PickupUnavailable):
        call(at=MONDAY + timedelta(days=3650))
    with pytest.raises(MethodNotOffered):
        call(method="card")
    with pytest.raises(TotalChanged):
        call(expected_total=Decimal("1.00"))
    with pytest.raises(OutOfStock) as refusal:
        call(goods=goods(BOLO=3))
    assert "2" in str(refusal.value.detail)
    assert Order.objects.count() == 0
