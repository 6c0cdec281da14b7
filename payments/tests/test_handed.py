"""As what money that is given back by hand leaves the shop: as it came, or as whoever hands it back says."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from backoffice.tests.desk import at_desk
from common.errors import Malformed
from orders.models import Order
from orders.tests.factories import ALL, MONDAY, STAFF, cancel, ordered, stocked
from payments import services as payments
from payments.models import Refund
from payments.tests.test_race import relay

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bread() -> None:
    stocked(sku="PAO", units=50, price="10.00")


def paid(how: str) -> Order:
    """Return an order of 20 reais, paid in cash over the counter or by transfer."""
    order = ordered(units={"PAO": 2}, payment_method="on_site" if how == "cash" else "transfer")
    if how == "cash":
        payments.begin_payment(
            number=order.number, method="on_site", tender="cash", access=ALL, actor=STAFF, now=MONDAY
        )
    else:
        payments.confirm_order(
            number=order.number, amount=order.total, reference="", access=ALL, actor=STAFF, now=MONDAY
        )
    return order


def give_back(order: Order, handed: str) -> Any:
    return payments.refund_order(
        number=order.number, amount=Decimal("5.00"), handed_back=[], restock=False, reason="-", access=ALL,
        actor=STAFF, now=MONDAY, handed=handed,
    ).first  # fmt: skip


@pytest.mark.parametrize(
    ("came", "handed", "tender"),
    [
        ("cash", "", "cash"), ("cash", "card", "card"), ("cash", "pix", "pix"),
        ("transfer", "", ""), ("transfer", "cash", "cash"), ("transfer", "transfer", ""),
    ],
)  # fmt: skip
def test_it_leaves_as_it_is_handed_back(came: str, handed: str, tender: str) -> None:
    refund = give_back(paid(came), handed)
    assert (refund.status, refund.tender, refund.session is not None) == ("succeeded", tender, bool(tender))


@pytest.mark.parametrize("handed", ["gold", "transfer"])
def test_what_came_over_the_counter_goes_back_over_it(handed: str) -> None:
    order = paid("cash")
    with pytest.raises(Malformed) as found:
        give_back(order, handed)
    assert [error.pointer for error in found.value.errors] == ["/handed"]
    assert not Refund.objects.exists()


def test_what_is_owed_is_settled_at_the_desk_as_it_is_handed_back() -> None:
    order = paid("transfer")
    cancel(order=order)
    relay(MONDAY)
    owed = Refund.objects.get()
    page = reverse("admin:payments_refund_settle", args=[owed.pk])
    desk = at_desk(role="owner")
    assert desk.post(page, {"handed": "gold"}).status_code == 400
    assert desk.post(page, {"handed": "cash"}).status_code == 302
    owed.refresh_from_db()
    assert (owed.status, owed.tender) == ("succeeded", "cash")
    assert owed.session is not None


def test_the_page_of_an_order_asks_how() -> None:
    order = paid("transfer")
    desk = at_desk(role="owner")
    page = reverse("admin:orders_order_do_refund", args=[order.pk])
    key = desk.get(page).context["form"]["key"].value()
    sent = {"amount": "5,00", "reason": "-", "handed": "pix", "key": key}
    assert desk.post(page, sent).status_code == 302
    assert Refund.objects.get().tender == "pix"
