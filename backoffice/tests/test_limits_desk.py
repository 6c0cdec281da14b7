"""What the desk says of the limits of a role: no button that always refuses, and the sentence beside the field."""

from decimal import Decimal

import pytest
from django.urls import reverse

from backoffice.tests.desk import at_desk, text_of
from backoffice.tests.pages import Tab
from catalog.models import Variant
from catalog.tests import factories as catalog
from orders.models import Order
from orders.tests.factories import MONDAY, STAFF, stocked
from payments.models import Refund
from payments.tests.test_limits import paid
from shop import services as shop

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bread() -> None:
    stocked(sku="PAO", units=500, price="10.00")


def page(order: Order, verb: str) -> str:
    return reverse(f"admin:orders_order_do_{verb}", args=[order.pk])


def test_who_gives_nothing_back_sees_no_button_for_it() -> None:
    order = paid()
    desk = at_desk(role="counter")
    shown = reverse("admin:orders_order_change", args=[order.pk])
    assert page(order, "refund") not in text_of(desk.get(shown))
    assert desk.get(page(order, "refund")).status_code == 403
    shop.set_policies(values={"counter_refund_each": 60, "counter_refund_day": 90}, actor=STAFF, now=MONDAY)
    assert page(order, "refund") in text_of(desk.get(shown))
    assert desk.get(page(order, "refund")).status_code == 200


def test_a_refund_above_the_limit_is_refused_beside_the_amount() -> None:
    shop.set_policies(values={"counter_refund_each": 60, "counter_refund_day": 90}, actor=STAFF, now=MONDAY)
    order = paid()
    desk = at_desk(role="counter")
    asked = {"amount": "60,01", "reason": "-", "key": desk.get(page(order, "refund")).context["form"]["key"].value()}
    answer = desk.post(page(order, "refund"), asked)
    assert answer.status_code == 403
    assert answer.context["form"].errors == {
        "amount": ["Você pode devolver no máximo R$ 60,00 de uma vez. Peça a quem pode mais."]
    }
    assert "60,01" in text_of(answer)
    assert not Refund.objects.exists()
    assert desk.post(page(order, "refund"), {**asked, "amount": "60,00"}).status_code == 302


def test_cancelling_above_the_limit_is_refused_beside_the_reason() -> None:
    shop.set_policies(values={"counter_cancel_paid": 60}, actor=STAFF, now=MONDAY)
    order = paid()
    answer = at_desk(role="counter").post(page(order, "cancel"), {"reason": "Cliente desistiu"})
    assert answer.context["form"].errors == {
        "reason": ["Você pode cancelar pedidos com no máximo R$ 60,00 pagos. Peça a quem pode mais."]
    }
    order.refresh_from_db()
    assert order.status == "confirmed"


def test_a_price_above_the_limit_is_refused_beside_it_and_nothing_typed_is_lost() -> None:
    variant = catalog.variant(sku="BOLO", price=Decimal("10.00"))
    tab = Tab(at_desk(role="manager"), reverse("admin:catalog_product_change", args=[variant.product_id]))
    name = next(name for name, value in tab.sent.items() if name.endswith("-price") and value[0])
    answer = tab.type(**{name: "13,01"}).save()
    assert answer.status_code == 403
    assert "Você pode alterar um preço em no máximo 30% por dia: de R$ 7,00 a R$ 13,00." in text_of(answer)
    assert tab.sent[name] == ["13,01"]
    assert Variant.objects.get(sku="BOLO").price == Decimal("10.00")
