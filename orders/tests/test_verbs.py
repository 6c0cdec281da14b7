"""The verbs of an order through the door: cancelled, handed over step by step, closed."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from time_machine import Traveller

from accounts.models import User
from accounts.tests.doors import get, ok, pointers, post, refused, staff_with
from inventory.models import StockItem, StockMovement
from inventory.tests.factories import MONDAY, stocked
from orders.models import Fulfilment, Order, OrderEvent
from orders.tests.doors import ALL_RIGHTS, an_order
from shop import services as shop
from shop.tests.factories import OWNER

pytestmark = pytest.mark.django_db

WHY = {"reason": "Mudei de ideia"}
TOMORROW = {"method": "pickup", "pickup_at": "2026-03-03T12:00:00Z"}
CUT_OFF = MONDAY + timedelta(hours=23)


@pytest.fixture(autouse=True)
def clock(time_machine: Traveller) -> Traveller:
    """It is Monday morning, and stays so until a test moves on; there are cakes and rolls."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=5, price="59.90")
    stocked(sku="PAO", units=100, price="0.90")
    return time_machine


@pytest.fixture
def staff() -> User:
    return staff_with(*ALL_RIGHTS)


def figures(sku: str = "BOLO") -> tuple[int, int]:
    return StockItem.objects.values_list("on_hand", "reserved").get(variant__sku=sku)


def steps() -> list[tuple[str, str, str, str]]:
    rows = OrderEvent.objects.order_by("order", "seq")
    return list(rows.values_list("from_status", "to_status", "actor_kind", "reason"))


def begun(body: dict[str, Any], staff: User, **units: int) -> str:
    """Begin a fulfilment; return the address of its steps."""
    lines = [{"line": line["id"], "quantity": units.get(line["sku"], line["quantity"])} for line in body["lines"]]
    wanted = {"lines": [line for line in lines if line["quantity"]]}
    found = ok(post(f"/orders/{body['number']}/fulfilments/", wanted, user=staff), 201)
    return f"/orders/{body['number']}/fulfilments/{found['id']}/"


def take(where: str, staff: User, *verbs: str) -> dict[str, Any]:
    for verb in verbs:
        body = ok(post(f"{where}{verb}/", user=staff))
    return body


def test_cancelling_gives_the_units_back_once() -> None:
    body = an_order({"BOLO": 3}, fulfilment=TOMORROW)
    where = f"/orders/{body['number']}/cancel/"
    assert figures() == (5, 3)
    cancelled = ok(post(where, WHY, token=body["access_token"]))
    assert (cancelled["status"], figures()) == ("cancelled", (5, 0))
    assert cancelled["history"][-1] == {
        "at": MONDAY.isoformat(), "from": "confirmed", "to": "cancelled", "actor": "customer", "reason": WHY["reason"],
        "pickup_at": None,
    }  # fmt: skip
    again = ok(post(where, {"reason": "Outra vez"}, token=body["access_token"]))
    assert (again, figures()) == (cancelled, (5, 0))
    assert OrderEvent.objects.count() == 2


@pytest.mark.parametrize("payment_method", ["on_site", "transfer"])
def test_customers_cancel_until_the_cut_off_and_staff_later(clock: Traveller, staff: User, payment_method: str) -> None:
    shop.set_policy(key="deadline_margin_minutes", value=30, actor=OWNER, now=MONDAY)
    body = an_order(fulfilment=TOMORROW, payment_method=payment_method)
    where = f"/orders/{body['number']}/cancel/"
    clock.move_to(CUT_OFF, tick=False)
    problem = refused(post(where, WHY, token=body["access_token"]), 409, "too_late_to_cancel")
    assert problem["until"] == CUT_OFF.isoformat()
    assert figures() == (5, 1)
    assert ok(post(where, WHY, user=staff))["status"] == "cancelled"
    assert figures() == (5, 0)
    assert steps()[-1][2:] == ("staff", WHY["reason"])


def test_a_second_before_the_cut_off_is_in_time(clock: Traveller) -> None:
    body = an_order(fulfilment=TOMORROW)
    clock.move_to(CUT_OFF - timedelta(seconds=1), tick=False)
    assert ok(post(f"/orders/{body['number']}/cancel/", WHY, token=body["access_token"]))["status"] == "cancelled"


def test_the_shop_has_begun_to_prepare(staff: User) -> None:
    body = an_order(fulfilment=TOMORROW)
    where = begun(body, staff)
    take(where, staff, "pick")
    cancel = f"/orders/{body['number']}/cancel/"
    assert refused(post(cancel, WHY, token=body["access_token"]), 409, "too_late_to_cancel")["until"] is None
    assert ok(post(cancel, WHY, user=staff))["fulfilments"][0]["status"] == "cancelled"
    assert figures() == (5, 0)
    assert refused(post(f"{where}ready/", user=staff), 409, "invalid_transition")["allowed"] == []


@pytest.mark.parametrize("swept", [False, True])
def test_an_expired_order_is_not_cancelled(clock: Traveller, staff: User, swept: bool) -> None:
    body = an_order(payment_method="transfer")
    clock.move_to(MONDAY + timedelta(days=2), tick=False)
    if swept:
        Order.objects.update(status="expired")
    for how in ({"user": staff}, {"token": body["access_token"]}):
        problem = refused(post(f"/orders/{body['number']}/cancel/", WHY, **how), 409, "invalid_transition")
        assert (problem["from"], problem["allowed"]) == ("expired", ["confirmed"])
    assert OrderEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"/reason": "required"}),
        ({"reason": " "}, {"/reason": "blank"}),
        ({"reason": "x" * 501}, {"/reason": "max_length"}),
        ({"reason": "x", "refund": True}, {"/refund": "unknown_field"}),
    ],
)
def test_a_reason_is_needed(body: dict[str, Any], expected: dict[str, str]) -> None:
    order = an_order(fulfilment=TOMORROW)
    where = f"/orders/{order['number']}/cancel/"
    assert pointers(post(where, body, token=order["access_token"])) == expected
    assert Order.objects.get().status == "confirmed"


def test_units_leave_the_shelf_when_they_leave_the_shop(staff: User) -> None:
    body = an_order({"BOLO": 2, "PAO": 10})
    where = begun(body, staff)
    assert ok(get(f"/orders/{body['number']}/", user=staff))["fulfilments"][0]["status"] == "open"
    assert take(where, staff, "pick")["status"] == "picked"
    assert take(where, staff, "ready")["status"] == "ready"
    assert (figures(), figures("PAO")) == ((5, 2), (100, 10))
    delivered = take(where, staff, "deliver")
    assert delivered["status"] == "delivered"
    assert {line["line"]: line["quantity"] for line in delivered["lines"]} == {
        line["id"]: line["quantity"] for line in body["lines"]
    }
    assert (figures(), figures("PAO")) == ((3, 0), (90, 0))
    movement = StockMovement.objects.get(kind="sold", stock_item__variant__sku="BOLO")
    assert (movement.delta, movement.on_hand_after, movement.reason) == (-2, 3, body["number"])
    assert (movement.reference, movement.actor_id) == (where.split("/")[-2], str(staff.pk))
    assert take(where, staff, "return")["status"] == "returned"
    assert (figures(), figures("PAO")) == ((5, 0), (100, 0))


def test_an_order_goes_out_in_parts(staff: User) -> None:
    body = an_order({"BOLO": 3})
    first = begun(body, staff, BOLO=1)
    take(first, staff, "pick", "ready", "deliver")
    assert figures() == (4, 2)
    wanted = {"lines": [{"line": body["lines"][0]["id"], "quantity": 3}]}
    problem = refused(post(f"/orders/{body['number']}/fulfilments/", wanted, user=staff), 422, "too_many_units")
    assert (problem["line"], problem["left"]) == (body["lines"][0]["id"], 2)
    take(begun(body, staff, BOLO=2), staff, "pick", "ready", "deliver")
    assert figures() == (2, 0)


def test_no_step_is_skipped_or_taken_twice(staff: User) -> None:
    where = begun(an_order(), staff)
    for done, verb, allowed in (
        ((), "deliver", ["pick"]),
        ((), "ship", ["pick"]),
        (("pick",), "pick", ["ready"]),
        (("ready",), "ship", ["deliver"]),
        (("deliver",), "deliver", ["return"]),
        (("return",), "return", []),
    ):
        for step in done:
            take(where, staff, step)
        problem = refused(post(f"{where}{verb}/", user=staff), 409, "invalid_transition")
        assert problem["from"] == Fulfilment.objects.get().status
        assert problem["allowed"] == allowed
    assert figures() == (5, 0)


def test_only_confirmed_orders_are_handed_over(clock: Traveller, staff: User) -> None:
    pending = an_order(payment_method="transfer")
    gone = an_order(fulfilment=TOMORROW)
    post(f"/orders/{gone['number']}/cancel/", WHY, user=staff)
    for body, status, allowed in (
        (pending, "pending", ["cancelled", "confirmed", "expired"]),
        (gone, "cancelled", []),
    ):
        wanted = {"lines": [{"line": body["lines"][0]["id"], "quantity": 1}]}
        where = f"/orders/{body['number']}/fulfilments/"
        problem = refused(post(where, wanted, user=staff), 409, "invalid_transition")
        assert (problem["from"], problem["allowed"]) == (status, allowed)
    clock.move_to(MONDAY + timedelta(days=2), tick=False)
    wanted = {"lines": [{"line": pending["lines"][0]["id"], "quantity": 1}]}
    where = f"/orders/{pending['number']}/fulfilments/"
    assert refused(post(where, wanted, user=staff), 409, "invalid_transition")["from"] == "expired"
    assert not Fulfilment.objects.exists()


def test_what_is_no_handover(staff: User) -> None:
    body, other = an_order(), an_order({"PAO": 1})
    where = f"/orders/{body['number']}/fulfilments/"
    line, theirs = body["lines"][0]["id"], other["lines"][0]["id"]
    for lines, expected in (
        ([], {"/lines": "min_length"}),
        ([{"line": theirs, "quantity": 1}], {"/lines/0/line": "unknown"}),
        ([{"line": line, "quantity": 1}, {"line": line, "quantity": 1}], {"/lines/1/line": "repeated"}),
        ([{"line": "x", "quantity": True}], {"/lines/0/line": "invalid", "/lines/0/quantity": "invalid"}),
        ([{"line": line, "quantity": 1000}], {"/lines/0/quantity": "max_value"}),
        ([{"line": line, "quantity": 1, "sku": "BOLO"}], {"/lines/0/sku": "unknown_field"}),
    ):
        assert pointers(post(where, {"lines": lines}, user=staff)) == expected
    refused(post(f"{where}{uuid4()}/pick/", user=staff), 404, "not_found")
    mine = begun(body, staff)
    elsewhere = mine.replace(body["number"], other["number"])
    refused(post(f"{elsewhere}pick/", user=staff), 404, "not_found")
    refused(post(f"/orders/ZZZZZZZZZ/fulfilments/{uuid4()}/pick/", user=staff), 404, "not_found")
    assert [row.status for row in Fulfilment.objects.all()] == ["open"]


def test_what_is_handed_over_is_not_cancelled_before_it_has_come_back(staff: User) -> None:
    body = an_order(fulfilment=TOMORROW)
    where, cancel = begun(body, staff), f"/orders/{body['number']}/cancel/"
    take(where, staff, "pick", "ready", "deliver")
    refused(post(cancel, WHY, token=body["access_token"]), 409, "too_late_to_cancel")
    assert refused(post(cancel, WHY, user=staff), 409, "invalid_transition")["allowed"] == ["completed"]
    take(where, staff, "return")
    refused(post(cancel, WHY, token=body["access_token"]), 409, "too_late_to_cancel")
    assert Order.objects.get().status == "confirmed"

    cancelled = ok(post(cancel, WHY, user=staff))
    assert (cancelled["status"], cancelled["fulfilments"][0]["status"], figures()) == ("cancelled", "returned", (5, 0))


def test_an_order_whose_goods_all_came_back_can_be_closed(staff: User) -> None:
    body = an_order()
    take(begun(body, staff), staff, "pick", "ready", "deliver", "return")
    Order.objects.update(paid="59.90")
    assert ok(post(f"/orders/{body['number']}/complete/", user=staff))["status"] == "completed"


def test_nothing_is_closed_before_all_is_handed_over_and_paid(staff: User) -> None:
    body = an_order()
    where = f"/orders/{body['number']}/complete/"
    problem = refused(post(where, user=staff), 409, "invalid_transition")
    assert (problem["from"], problem["allowed"]) == ("confirmed", ["cancelled"])
    take(begun(body, staff), staff, "pick", "ready", "deliver")
    refused(post(where, user=staff), 409, "invalid_transition")
    Order.objects.update(paid="59.90")
    assert ok(post(where, user=staff))["status"] == "completed"
    assert refused(post(where, user=staff), 409, "invalid_transition")["from"] == "completed"
    assert (
        refused(post(f"/orders/{body['number']}/cancel/", WHY, user=staff), 409, "invalid_transition")["allowed"] == []
    )
    refused(post("/orders/ZZZZZZZZZ/complete/", user=staff), 404, "not_found")
