"""What people are told before they cancel or move: refused just as the deed would be."""

from datetime import datetime, timedelta

import pytest

from accounts.tests.doors import get, ok, post, refused
from common import clock
from orders.models import Order
from orders.tests.doors import an_order, place
from orders.tests.factories import MONDAY
from scheduling.models import Appointment
from scheduling.tests.factories import at, held, salon
from storefront.tests.shop import on_sale, variant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop(monkeypatch: pytest.MonkeyPatch) -> None:
    now_is(monkeypatch, MONDAY)
    on_sale("Bolo", variant("BOLO", "42.00"), stock=9)


def now_is(monkeypatch: pytest.MonkeyPatch, moment: object) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def a_visit() -> dict[str, str]:
    salon(names=("Ana", "Bia"))
    line = {"services": ["CORTE"], "starts_at": at(14).isoformat()}
    cart = ok(post("/carts/", {"lines": [line]}), 201)
    order: dict[str, str] = ok(place(cart, fulfilment=None), 201)
    return order


def test_cancelling_says_what_comes_back_and_until_when() -> None:
    order = an_order()
    Order.objects.update(paid="42.00")
    found = ok(get(f"/orders/{order['number']}/cancel/", token=order["access_token"]))
    assert (found["refund"], found["currency"]) == ("42.00", "BRL")
    assert found["until"] is not None
    assert Order.objects.get().status == "confirmed"


def test_a_fee_that_is_kept_already_does_not_come_back() -> None:
    order = an_order()
    Order.objects.update(paid="42.00", cancelled="10.00", late_fee="4.00")
    found = ok(get(f"/orders/{order['number']}/cancel/", token=order["access_token"]))
    assert found["refund"] == "38.00"


def test_cancelling_is_refused_beforehand_as_it_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    order = an_order()
    path, token = f"/orders/{order['number']}/cancel/", order["access_token"]
    refused(get(path), 404, "not_found")
    until = datetime.fromisoformat(ok(get(path, token=token))["until"])
    now_is(monkeypatch, until - timedelta(seconds=1))
    ok(get(path, token=token))
    now_is(monkeypatch, until)
    refused(get(path, token=token), 409, "too_late_to_cancel")
    refused(post(path, {"reason": "x"}, token=token), 409, "too_late_to_cancel")
    now_is(monkeypatch, MONDAY)
    ok(post(path, {"reason": "x"}, token=token))
    refused(get(path, token=token), 409, "invalid_transition")


def test_a_pickup_moves_into_one_of_the_windows_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    order = an_order()
    path, token = f"/orders/{order['number']}/reschedule-pickup/", order["access_token"]
    found = ok(get(path, token=token))
    assert found["pickup_at"] == order["fulfilment"]["pickup_at"]
    wanted = found["windows"][-1]["starts_at"]
    moved = ok(post(path, {"pickup_at": wanted}, token=token))
    assert moved["fulfilment"]["pickup_at"] == wanted
    begins = Order.objects.get().pickup_starts_at
    assert begins is not None
    now_is(monkeypatch, begins - timedelta(minutes=1))
    refused(get(path, token=token), 409, "too_late_to_change")
    refused(get(path), 404, "not_found")


def test_a_visit_moves_to_one_of_the_times_that_are_named_and_is_not_in_its_own_way() -> None:
    order = a_visit()
    visit = Appointment.objects.get()
    path, token = f"/appointments/{visit.public_id}/reschedule/", order["access_token"]
    day = at(14).date().isoformat()
    held(at(9), "CORTE", who=visit.professional.public_id)

    found = ok(get(f"{path}?from={day}&to={day}", token=token))

    starts = [one["starts_at"] for one in found["slots"]]
    hours = [start[11:16] for start in starts]
    assert "14:00" in hours
    assert "14:15" in hours
    assert "09:00" not in hours
    assert {one["id"] for slot in found["slots"] for one in slot["professionals"]} == {
        str(visit.professional.public_id)
    }
    moved = ok(post(path, {"starts_at": starts[-1]}, token=token))
    assert moved["starts_at"] == starts[-1]


def test_moving_a_visit_is_refused_beforehand_as_it_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    order = a_visit()
    visit = Appointment.objects.get()
    path, token = f"/appointments/{visit.public_id}/reschedule/", order["access_token"]
    refused(get(path), 404, "not_found")
    found = get(f"{path}?from=2026-03-01&to=2026-12-01", token=token)
    refused(found, 400, "invalid_request")
    now_is(monkeypatch, visit.starts_at - timedelta(minutes=1))
    refused(get(path, token=token), 409, "too_late_to_change")


def test_an_order_says_what_is_to_be_paid_next_and_how() -> None:
    order = an_order()
    assert (order["asked_now"], order["payable_by"]) == ("42.00", [])
