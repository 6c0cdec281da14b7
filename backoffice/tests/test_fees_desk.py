"""The fee for calling off late at the desk: kept when the customer wants it so late, and given up by the owner."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from backoffice.tests.desk import at_desk, messages_of, text_of
from backoffice.tests.test_order_desk import url
from orders.models import Order, OrderContact, OrderEvent
from orders.tests.factories import ALL, MONDAY, STAFF, ordered, stocked
from payments import services as payments
from scheduling.tests.factories import set_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(settings: Any) -> Order:
    """An order of 90.00, paid, half an hour before its pickup; half of it is the fee."""
    settings.SHOP_NOW = MONDAY
    stocked(sku="PAO", units=50, price="30.00")
    set_policy(late_fee="share", late_fee_percent=50)
    made = ordered(units={"PAO": 3}, payment_method="transfer")
    payments.confirm_order(
        number=made.number, amount=Decimal("90.00"), reference="x", access=ALL, actor=STAFF, now=MONDAY
    )
    made.refresh_from_db()
    assert made.pickup_starts_at is not None
    settings.SHOP_NOW = made.pickup_starts_at - timedelta(minutes=30)
    return made


@pytest.mark.parametrize(("typed", "fee"), [({}, "0.00"), ({"keeps_fee": "on"}, "45.00")])
def test_the_team_says_whether_the_customer_wants_it(order: Order, typed: dict[str, str], fee: str) -> None:
    desk = at_desk(role="counter")
    assert "É o cliente que quer, em cima da hora: reter R$ 45,00" in text_of(desk.get(url(order, "cancel")))
    desk.post(url(order, "cancel"), {"reason": "Desistiu"} | typed)
    order.refresh_from_db()
    assert (order.status, str(order.late_fee)) == ("cancelled", fee)


def test_in_time_there_is_nothing_to_keep(order: Order, settings: Any) -> None:
    settings.SHOP_NOW = MONDAY
    assert "keeps_fee" not in text_of(at_desk(role="counter").get(url(order, "cancel")))


def test_the_owner_waives_it_with_a_reason_and_the_counter_does_not(order: Order) -> None:
    owner, counter = at_desk(role="owner"), at_desk(role="counter")
    owner.post(url(order, "cancel"), {"reason": "Desistiu", "keeps_fee": "on"})
    assert "Multa retida" in text_of(owner.get(url(order)))
    assert url(order, "waive_fee") in text_of(owner.get(url(order)))
    assert url(order, "waive_fee") not in text_of(counter.get(url(order)))
    assert "O cliente será avisado por e-mail." in text_of(owner.get(url(order, "waive_fee")))
    OrderContact.objects.update(email="")
    assert "Nenhum aviso é enviado: avise o cliente." in text_of(owner.get(url(order, "waive_fee")))
    assert counter.post(url(order, "waive_fee"), {"reason": "x"}).status_code == 403
    assert owner.post(url(order, "waive_fee"), {"reason": ""}).status_code == 400
    order.refresh_from_db()
    assert order.late_fee == Decimal("45.00")
    answer = owner.post(url(order, "waive_fee"), {"reason": "Filho doente"}, follow=True)
    assert messages_of(answer) == ["A multa foi dispensada."]
    assert "A multa foi dispensada: Filho doente" in text_of(answer)
    order.refresh_from_db()
    last = OrderEvent.objects.filter(order=order).order_by("seq").last()
    assert (order.late_fee, last and last.reason) == (Decimal("0.00"), "order.fee_waived: Filho doente")


def test_the_shops_page_takes_the_policy(db: None) -> None:
    page = text_of(at_desk(role="owner").get("/admin/shop/shopsettings/", follow=True))
    assert "Retido em cancelamento tardio" in page
    assert "O sinal" in page
