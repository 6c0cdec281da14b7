"""The views of payments: confirming, taking, listing and giving back money."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from time_machine import Traveller

from accounts.models import User
from accounts.tests.doors import call, get, ok, pointers, post, refused, staff_with
from inventory.models import StockItem
from inventory.tests.factories import MONDAY, stocked
from orders import services as orders
from orders.models import Order
from orders.tests.doors import ALL_RIGHTS, an_order
from orders.tests.factories import hand_over
from payments.models import Payment, Refund

pytestmark = pytest.mark.django_db

DEADLINE = MONDAY + timedelta(days=2)


@pytest.fixture(autouse=True)
def clock(time_machine: Traveller) -> Traveller:
    """It is Monday morning, and stays so until a test moves on; there are cakes."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=5, price="59.90")
    return time_machine


@pytest.fixture
def staff() -> User:
    return staff_with(*ALL_RIGHTS)


def confirm(body: dict[str, Any], staff: User | None, amount: str = "59.90", **more: Any) -> Any:
    return post(f"/orders/{body['number']}/confirm/", {"amount": amount} | more, user=staff)


def pay(body: dict[str, Any], method: str = "on_site", key: str = "k", **how: Any) -> Any:
    return post(f"/orders/{body['number']}/payments/", {"method": method}, key=key, **how)


def give_back(body: dict[str, Any], staff: User | None, key: str = "k", **wish: Any) -> Any:
    wanted = {"restock": False, "reason": "Veio amassado"} | wish
    return post(f"/orders/{body['number']}/refunds/", wanted, key=key, user=staff)


def handed_over(units: int = 2) -> dict[str, Any]:
    """An order whose cakes have left the shop."""
    body = an_order({"BOLO": units})
    hand_over(order=Order.objects.get(number=body["number"]))
    return body


def figures() -> tuple[int, int]:
    return StockItem.objects.values_list("on_hand", "reserved").get()


def money() -> tuple[str, str]:
    order = Order.objects.get()
    return str(order.paid), str(order.refunded)


def test_from_order_to_completed_with_a_transfer(staff: User) -> None:
    body = an_order({"BOLO": 2}, payment_method="transfer")
    assert figures() == (5, 2)
    confirmed = ok(confirm(body, staff, "119.80", reference="TED 123"))
    assert (confirmed["status"], confirmed["paid"], confirmed["expires_at"]) == ("confirmed", "119.80", None)
    assert confirmed["payment"] == {"method": "transfer", "status": "paid"}
    step = confirmed["history"][-1]
    assert (step["from"], step["to"], step["actor"], step["reason"]) == ("pending", "confirmed", "staff", "TED 123")
    base = f"/orders/{body['number']}"
    lines = [{"line": line["id"], "quantity": line["quantity"]} for line in confirmed["lines"]]
    fulfilment = ok(post(f"{base}/fulfilments/", {"lines": lines}, user=staff), 201)
    for verb in ("pick", "ready", "deliver"):
        ok(post(f"{base}/fulfilments/{fulfilment['id']}/{verb}/", user=staff))
    assert figures() == (3, 0)
    done = ok(post(f"{base}/complete/", user=staff))
    assert [step["to"] for step in done["history"]] == ["pending", "confirmed", "completed"]


def test_the_counter_takes_the_money_and_the_order_is_closed(staff: User) -> None:
    body = handed_over(1)
    paid = ok(pay(body, user=staff), 201)
    assert paid == {
        "id": str(Payment.objects.get().public_id), "gateway": "counter", "method": "on_site", "status": "succeeded",
        "amount": "59.90", "currency": "BRL", "reference": None, "expires_at": None,
        "received_at": MONDAY.isoformat(),
    }  # fmt: skip
    done = ok(post(f"/orders/{body['number']}/complete/", user=staff))
    assert (done["status"], done["payment"]["status"]) == ("completed", "paid")


def test_less_money_confirms_and_the_rest_comes_later(staff: User) -> None:
    body = an_order(payment_method="transfer")
    confirmed = ok(confirm(body, staff, "50.00"))
    assert (confirmed["status"], confirmed["payment"]["status"]) == ("confirmed", "partly_paid")
    assert ok(pay(body, user=staff), 201)["amount"] == "9.90"
    assert ok(get(f"/orders/{body['number']}/", user=staff))["payment"]["status"] == "paid"


def test_more_money_than_is_due_is_written_down_and_owed_back(staff: User) -> None:
    body = an_order(payment_method="transfer")
    confirmed = ok(confirm(body, staff, "62.00"))
    assert (confirmed["status"], confirmed["paid"], confirmed["amount_due"]) == ("confirmed", "62.00", "0.00")
    assert [(str(refund.amount), refund.status) for refund in Refund.objects.all()] == [("2.10", "due")]


def test_a_confirmation_under_a_key_is_answered_again(staff: User) -> None:
    body = an_order(payment_method="transfer")
    where, wanted = f"/orders/{body['number']}/confirm/", {"amount": "59.90"}
    first = post(where, wanted, user=staff, key="ted-1")
    again = post(where, wanted, user=staff, key="ted-1")
    assert (first.content, again["Idempotent-Replayed"]) == (again.content, "true")
    assert "Idempotent-Replayed" not in first
    assert (money(), Payment.objects.count()) == (("59.90", "0.00"), 1)
    refused(post(where, {"amount": "10.00"}, user=staff, key="ted-1"), 422, "idempotency_key_reused")
    refused(post(where, wanted, user=staff, key="not visible"), 400, "idempotency_key_invalid")


@pytest.mark.fault("C21")
def test_an_order_is_confirmed_once_and_only_while_it_waits(clock: Traveller, staff: User) -> None:
    body = an_order(payment_method="transfer")
    ok(confirm(body, staff))
    problem = refused(confirm(body, staff), 409, "invalid_transition")
    assert (problem["from"], problem["allowed"]) == ("confirmed", ["cancelled", "completed"])
    assert (money(), Payment.objects.count()) == (("59.90", "0.00"), 1)
    post(f"/orders/{body['number']}/cancel/", {"reason": "x"}, user=staff)
    assert refused(confirm(body, staff), 409, "invalid_transition")["from"] == "cancelled"
    refused(confirm({"number": "ZZZZZZZZZ"}, staff), 404, "not_found")


@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.fault("L2")
def test_late_money_revives_the_order_while_its_goods_are_there(clock: Traveller, staff: User, swept: bool) -> None:
    body = an_order({"BOLO": 3}, payment_method="transfer")
    clock.move_to(DEADLINE, tick=False)
    if swept:
        assert orders.expire_due_orders(now=DEADLINE) == 1
    revived = ok(confirm(body, staff, "179.70"))
    assert (revived["status"], figures()) == ("confirmed", (5, 3))
    assert [step["to"] for step in revived["history"]] == ["pending", "expired", "confirmed"]


def test_late_money_for_goods_that_are_gone_is_kept_to_be_given_back(clock: Traveller, staff: User) -> None:
    body = an_order({"BOLO": 3}, payment_method="transfer")
    clock.move_to(DEADLINE, tick=False)
    an_order({"BOLO": 4})
    late = ok(confirm(body, staff, "179.70"))
    assert (late["status"], late["paid"], late["payment"]["status"], figures()) == ("expired", "179.70", "paid", (5, 4))
    [payment] = ok(get(f"/orders/{body['number']}/payments/", user=staff))["results"]
    assert (payment["status"], payment["amount"]) == ("succeeded", "179.70")
    assert Refund.objects.values_list("status", "amount").get() == ("due", Decimal("179.70"))


def test_announcing_a_transfer(clock: Traveller, staff: User) -> None:
    body = an_order(payment_method="transfer")
    token = body["access_token"]
    announced = ok(pay(body, "transfer", token=token), 201)
    assert (announced["status"], announced["expires_at"]) == ("pending", DEADLINE.isoformat())
    again = pay(body, "transfer", token=token)
    assert (ok(again, 201), again["Idempotent-Replayed"]) == (announced, "true")
    assert ok(pay(body, "transfer", key="other", token=token), 201)["id"] == announced["id"]
    assert money() == ("0.00", "0.00")
    ok(confirm(body, staff, reference="TED"))
    listed = ok(get(f"/orders/{body['number']}/payments/", token=token))
    assert (listed["count"], listed["next"], listed["previous"]) == (1, None, None)
    assert [(row["id"], row["status"], row["reference"]) for row in listed["results"]] == [
        (announced["id"], "succeeded", "TED")
    ]
    clock.move_to(MONDAY + timedelta(days=3), tick=False)
    refused(pay(body, "transfer", key="third", token=token), 409, "invalid_transition")


@pytest.mark.fault("L14")
def test_a_kept_answer_is_for_those_who_may_see_the_order(staff: User) -> None:
    body = an_order(payment_method="transfer")
    announced = ok(pay(body, "transfer", token=body["access_token"]), 201)
    other = an_order()["access_token"]
    for stranger in ({}, {"token": "x"}, {"token": other}):
        refused(pay(body, "transfer", **stranger), 404, "not_found")
        refused(pay(body, "on_site", **stranger), 404, "not_found")  # nor is it told that the key has been used
    assert ok(pay(body, "transfer", token=body["access_token"]), 201) == announced


def test_whoever_left_the_till_gets_no_kept_answer(staff: User) -> None:
    body = an_order()
    ok(pay(body, user=staff), 201)
    ok(give_back(body, staff), 201)
    waiting = an_order(payment_method="transfer")
    ok(post(f"/orders/{waiting['number']}/confirm/", {"amount": "59.90"}, user=staff, key="k"))
    staff.user_permissions.clear()
    left = User.objects.get(pk=staff.pk)
    refused(pay(body, user=left), 404, "not_found")
    refused(give_back(body, left), 403, "forbidden")
    refused(post(f"/orders/{waiting['number']}/confirm/", {"amount": "59.90"}, user=left, key="k"), 403, "forbidden")


@pytest.mark.parametrize(
    ("payment_method", "method", "offered"),
    [
        ("on_site", "on_site", []),
        ("on_site", "transfer", []),
        ("transfer", "on_site", ["transfer"]),
        ("transfer", "pix", ["transfer"]),
    ],
)
def test_customers_pay_as_they_agreed(payment_method: str, method: str, offered: list[str]) -> None:
    body = an_order(payment_method=payment_method)
    problem = refused(pay(body, method, token=body["access_token"]), 422, "method_not_offered")
    assert problem["offered"] == offered
    assert not Payment.objects.exists()


def test_nothing_is_taken_for_what_is_paid_or_over(clock: Traveller, staff: User) -> None:
    body = an_order()
    ok(pay(body, user=staff), 201)
    assert refused(pay(body, key="k2", user=staff), 409, "invalid_transition")["from"] == "confirmed"
    pending = an_order(payment_method="transfer")
    assert refused(pay(pending, user=staff, key="k3"), 409, "invalid_transition")["from"] == "pending"
    clock.move_to(DEADLINE, tick=False)
    late = pay(pending, "transfer", token=pending["access_token"])
    assert refused(late, 409, "invalid_transition")["from"] == "expired"
    assert Payment.objects.count() == 1


def test_money_given_back_in_part_and_in_whole(staff: User) -> None:
    body = an_order({"BOLO": 2})
    ok(pay(body, user=staff), 201)
    refund = ok(give_back(body, staff, amount="19.80"), 201)
    assert refund == {
        "id": str(Refund.objects.get().public_id), "status": "succeeded", "amount": "19.80", "currency": "BRL",
        "reason": "Veio amassado", "at": MONDAY.isoformat(),
    }  # fmt: skip
    read = ok(get(f"/orders/{body['number']}/", user=staff))
    assert (read["refunded"], read["payment"]["status"]) == ("19.80", "partly_refunded")
    assert ok(give_back(body, staff, key="rest"), 201)["amount"] == "100.00"
    assert ok(get(f"/orders/{body['number']}/", user=staff))["payment"]["status"] == "refunded"


@pytest.mark.fault("C15")
def test_no_more_goes_back_than_came_in(staff: User) -> None:
    body = an_order()
    assert refused(give_back(body, staff, amount="0.01"), 409, "refund_exceeds_paid")["refundable"] == "0.00"
    assert refused(give_back(body, staff), 409, "refund_exceeds_paid")["refundable"] == "0.00"
    ok(pay(body, user=staff), 201)
    assert refused(give_back(body, staff, amount="59.91"), 409, "refund_exceeds_paid")["refundable"] == "59.90"
    ok(give_back(body, staff, amount="50.00"), 201)
    problem = refused(give_back(body, staff, key="again", amount="9.91"), 409, "refund_exceeds_paid")
    assert problem["refundable"] == "9.90"
    assert money() == ("59.90", "50.00")


@pytest.mark.fault("L4")
def test_a_repeated_refund_happens_once(staff: User) -> None:
    body = handed_over(2)
    ok(pay(body, user=staff), 201)
    wish: dict[str, Any] = {"lines": [{"line": body["lines"][0]["id"], "quantity": 1}], "restock": True}
    first, again = give_back(body, staff, **wish), give_back(body, staff, **wish)
    assert ok(first, 201) == ok(again, 201)
    assert (first.json()["amount"], again["Idempotent-Replayed"]) == ("59.90", "true")
    assert (figures(), money()) == ((4, 0), ("119.80", "59.90"))
    refused(give_back(body, staff, **wish, amount="1.00"), 422, "idempotency_key_reused")


def test_no_more_units_come_back_than_went_out(staff: User) -> None:
    body = handed_over(2)
    ok(pay(body, user=staff), 201)
    line = body["lines"][0]["id"]
    problem = refused(
        give_back(body, staff, lines=[{"line": line, "quantity": 3}], restock=True), 422, "too_many_units"
    )
    assert (problem["line"], problem["left"]) == (line, 2)
    ok(give_back(body, staff, lines=[{"line": line, "quantity": 1}], restock=True), 201)
    problem = refused(
        give_back(body, staff, key="k2", lines=[{"line": line, "quantity": 2}], restock=True), 422, "too_many_units"
    )
    assert problem["left"] == 1
    assert (figures(), money()) == ((4, 0), ("119.80", "59.90"))


@pytest.mark.parametrize("restock", [True, False])
def test_a_line_is_named_once(staff: User, restock: bool) -> None:
    body = handed_over(2)
    ok(pay(body, user=staff), 201)
    line = {"line": body["lines"][0]["id"], "quantity": 1}
    twice = give_back(body, staff, lines=[line, line], restock=restock)
    assert pointers(twice) == {"/lines/1/line": "repeated"}
    assert (figures(), money()) == ((3, 0), ("119.80", "0.00"))


@pytest.mark.fault("L10")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"restock": None}, {"/restock": "null"}),
        ({"restock": "yes please"}, {"/restock": "invalid"}),
        ({"restock": "false"}, {"/restock": "invalid"}),
        ({"restock": 1}, {"/restock": "invalid"}),
        ({"amount": "0.00"}, {"/amount": "positive"}),
        ({"amount": 1}, {"/amount": "invalid"}),
        ({"amount": "-1.00"}, {"/amount": "invalid"}),
        ({"amount": "1.001"}, {"/amount": "invalid"}),
        ({"reason": ""}, {"/reason": "blank"}),
        ({"lines": [{"line": "1", "quantity": "1"}]}, {"/lines/0/line": "invalid", "/lines/0/quantity": "invalid"}),
        ({"currency": "USD"}, {"/currency": "unknown_field"}),
    ],
)
def test_what_is_no_refund(staff: User, changes: dict[str, Any], expected: dict[str, str]) -> None:
    body = an_order()
    ok(pay(body, user=staff), 201)
    assert pointers(give_back(body, staff, **changes)) == expected
    assert money() == ("59.90", "0.00")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"amount": "0.00"}, {"/amount": "positive"}),
        ({"amount": 59.9}, {"/amount": "invalid"}),
        ({"amount": "59,90"}, {"/amount": "invalid"}),
        ({"amount": "1e2"}, {"/amount": "invalid"}),
        ({"amount": "100000000.00"}, {"/amount": "invalid"}),
        ({"reference": "x" * 101}, {"/reference": "max_length"}),
        ({"status": "confirmed"}, {"/status": "unknown_field"}),
    ],
)
def test_what_is_no_confirmation(staff: User, changes: dict[str, Any], expected: dict[str, str]) -> None:
    body = an_order(payment_method="transfer")
    assert pointers(confirm(body, staff, **({"amount": "59.90"} | changes))) == expected
    assert Order.objects.get().status == "pending"


@pytest.mark.fault("A15")
@pytest.mark.parametrize(("key", "code"), [(None, "idempotency_key_required"), ("a b", "idempotency_key_invalid")])
def test_what_moves_money_needs_a_key(staff: User, key: str | None, code: str) -> None:
    body = an_order()
    base = f"/orders/{body['number']}"
    refused(post(f"{base}/payments/", {"method": "on_site"}, key=key, user=staff), 400, code)
    refused(post(f"{base}/refunds/", {"restock": False, "reason": "x"}, key=key, user=staff), 400, code)
    assert not Payment.objects.exists()


@pytest.mark.parametrize("path", ["payments/", "refunds/", "confirm/"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_money_is_never_edited(staff: User, path: str, method: str) -> None:
    body = an_order()
    refused(call(method, f"/orders/{body['number']}/{path}", {}, user=staff), 405, "method_not_allowed")
