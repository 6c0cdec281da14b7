"""What each role cancels at most, by what was paid for it."""

import pytest
from django.contrib.auth.models import Group

from accounts.tests.doors import get, post, refused, staff_with
from desk.refusals import explained
from orders import services as orders
from orders.errors import CancelAboveLimit
from orders.tests.factories import ALL, MONDAY, STAFF, ordered, stocked
from payments.tests.test_limits import member, paid
from shop import services as shop

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bread() -> None:
    stocked(sku="PAO", units=500, price="10.00")
    shop.set_policies(values={"counter_cancel_paid": 60, "manager_cancel_paid": 80}, actor=STAFF, now=MONDAY)


def cancel(order: object, role: str) -> object:
    actor = STAFF if role == "nobody" else member(role)
    return orders.cancel_order(number=order.number, reason="-", access=ALL, actor=actor, now=MONDAY)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("role", "units", "may"),
    [
        ("counter", 6, True), ("counter", 7, False), ("manager", 8, True), ("manager", 9, False), ("owner", 9, True),
        ("nobody", 9, True),
    ],
)  # fmt: skip
def test_a_role_cancels_what_was_paid_up_to_its_limit(role: str, units: int, may: bool) -> None:
    order = paid(units=units)
    if may:
        assert cancel(order, role).status == "cancelled"  # type: ignore[attr-defined]
        return
    with pytest.raises(CancelAboveLimit) as found:
        cancel(order, role)
    limit = {"counter": "60", "manager": "80"}[role]
    assert explained(found.value) == (
        f"Você pode cancelar pedidos com no máximo R$ {limit},00 pagos. Peça a quem pode mais."
    )
    order.refresh_from_db()
    assert order.status == "confirmed"


def test_what_is_not_paid_is_nobodys_money() -> None:
    shop.set_policies(values={"counter_cancel_paid": 0}, actor=STAFF, now=MONDAY)
    assert cancel(ordered(units={"PAO": 50}), "counter").status == "cancelled"  # type: ignore[attr-defined]


def test_the_api_refuses_with_the_limit() -> None:
    user = staff_with("orders.view_order", "orders.view_ordercontact", "orders.cancel_order")
    user.groups.set([Group.objects.get_or_create(name="counter")[0]])
    order = paid(units=7)
    path = f"/orders/{order.number}/cancel/"
    for answer in (get(path, user=user), post(path, {"reason": "-"}, user=user)):
        assert refused(answer, 403, "cancel_above_limit")["limit"] == "60"
