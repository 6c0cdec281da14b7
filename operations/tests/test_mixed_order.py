"""One order for things and time: both or neither, whatever happens to it."""

import dataclasses
import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from backoffice.tests.desk import at_desk, text_of
from cart import services as carts
from cart.services import Units
from catalog.models import Variant
from common.access import access_token
from common.errors import Refusal
from inventory.errors import OutOfStock
from inventory.models import StockItem
from operations.integrity import CHECKS, examine
from operations.tests.mixed import TEN, confirm, mixed_cart, reserved, states, the_order
from orders import services as orders
from orders.errors import TooLateToCancel
from orders.models import Order, OrderContact
from orders.selectors import Access
from orders.tests.factories import GUEST, MONDAY, STAFF, cancel, place, placement_of, quoted, shown, stocked
from payments.models import Refund
from scheduling import services as scheduling
from scheduling.errors import SlotTaken
from scheduling.models import Appointment
from scheduling.stranding import in_agenda
from scheduling.tests.factories import Salon, at, book, salon, set_policy, wish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Salon:
    """A salon with one professional, and two cakes."""
    stocked(sku="BOLO", units=2, price="40.00")
    return salon()


def test_one_order_takes_both(shop: Salon) -> None:
    body = shown(order=place(cart=mixed_cart()).order)
    assert (body["status"], body["total"], body["amount_due_now"]) == ("confirmed", "90.00", "0.00")
    line = next(line for line in body["lines"] if line["kind"] == "visit")
    assert line["appointment"]["services"] == [
        {"sku": "CORTE", "name": "Corte", "price": "50.00", "duration_minutes": 30}
    ]
    assert (states(), reserved()) == (["confirmed"], 1)


@pytest.mark.parametrize(("role", "leads"), [("owner", True), ("viewer", False)])
def test_the_order_leads_to_its_visit_in_the_agenda(shop: Salon, role: str, leads: bool) -> None:
    order = the_order()
    page = text_of(at_desk(role=role, name="Rita").get(reverse("admin:orders_order_change", args=[order.pk])))
    visit = Appointment.objects.get(claim=order.lines.get(kind="visit").claim)
    assert ("10:00–10:30" in page, in_agenda(visit=str(visit.public_id)) in page) == (True, leads)


@pytest.mark.parametrize("typed", ["#{number}", "{number}", "529.982.247-25", "52998224725"])
def test_the_desk_finds_the_visit_by_its_order(shop: Salon, typed: str) -> None:
    order = the_order()
    OrderContact.objects.filter(order=order).update(document="52998224725")
    book(at(14), email="bia@example.com", phone="")
    desk = at_desk(role="owner", name="Dona Ana")
    answer = desk.get("/admin/scheduling/appointment/", {"q": typed.format(number=order.number)})
    assert [visit.claim for visit in answer.context["cl"].result_list] == [order.lines.get(kind="visit").claim]


def test_a_cart_of_visits_alone_needs_no_fulfilment(shop: Salon) -> None:
    cart = carts.open_cart(units=[], wishes=[wish(TEN)], customer_id=None, actor=GUEST, now=MONDAY)
    placement = placement_of(cart=cart)
    with pytest.raises(Refusal) as caught:
        orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY)
    assert caught.value.code == "invalid_request"
    new = orders.place_order(
        placement=placement.__class__(**{**vars(placement), "fulfilment": None}),
        customer_id=None,
        actor=GUEST,
        now=MONDAY,
    )
    assert new.order.fulfilment_method == ""


@pytest.mark.fault("A22")
def test_time_lost_to_somebody_else_keeps_the_goods_for_others(shop: Salon) -> None:
    cart = mixed_cart()
    later = MONDAY + timedelta(minutes=12)
    book(TEN, now=later)
    with pytest.raises(SlotTaken) as caught:
        place(cart=cart, now=later)
    assert [line["sku"] for line in caught.value.data["lines"]] == ["CORTE"]  # type: ignore[attr-defined]
    assert len(caught.value.data["alternatives"]) == 3  # type: ignore[arg-type]
    assert Order.objects.count() == 0
    assert StockItem.objects.get().reserved == 1  # still the cart's, until its hold runs out


def test_goods_lost_to_somebody_else_keep_the_time_for_others(shop: Salon) -> None:
    cart = mixed_cart()
    later = MONDAY + timedelta(minutes=16)
    carts.open_cart(units=[Units(sku="BOLO", quantity=2)], customer_id=None, now=later)
    with pytest.raises(OutOfStock) as caught:
        place(cart=cart, now=later)
    assert caught.value.data["lines"] == [{"sku": "BOLO", "requested": 1, "available": 0}]
    assert Order.objects.count() == 0
    assert book(TEN, now=later).appointment.pk


def test_cancelling_returns_both(shop: Salon) -> None:
    order = the_order()
    cancel(order=order)
    assert (states(), reserved()) == (["cancelled"], 0)
    assert book(TEN).appointment.pk


def test_expiry_returns_both(shop: Salon) -> None:
    order = the_order(payment_method="transfer")
    assert (states(), reserved()) == (["held"], 1)
    assert order.expires_at is not None
    assert orders.expire_due_orders(now=order.expires_at) == 1
    assert (states(), reserved()) == (["expired"], 0)


def test_a_request_runs_out_with_the_order_that_nobody_paid(shop: Salon) -> None:
    shop.services["CORTE"].__class__.objects.update(requires_confirmation=True)
    set_policy(transfer_hold_minutes=60)
    order = the_order(payment_method="transfer")
    assert (states(), order.expires_at) == (["requested"], MONDAY + timedelta(minutes=60))
    assert orders.expire_due_orders(now=MONDAY + timedelta(minutes=60)) == 1
    assert (states(), reserved()) == (["expired"], 0)


def test_money_that_comes_late_revives_both_if_both_are_still_there(shop: Salon) -> None:
    set_policy(transfer_hold_minutes=60)
    order = the_order(payment_method="transfer")
    late = MONDAY + timedelta(minutes=61)
    orders.expire_due_orders(now=late)
    revived = confirm(order, now=late)
    assert (revived.status, states(), reserved()) == ("confirmed", ["confirmed"], 1)


def test_money_that_comes_too_late_for_the_time_is_owed_back(shop: Salon) -> None:
    set_policy(transfer_hold_minutes=60)
    order = the_order(payment_method="transfer")
    late = MONDAY + timedelta(minutes=61)
    book(TEN, now=late)
    assert shown(order=confirm(order, now=late), now=late)["status"] == "expired"
    order.refresh_from_db()
    assert (order.paid, reserved(), states()) == (order.total, 0, ["expired", "confirmed"])
    assert Refund.objects.values_list("status", "amount").get() == ("due", order.total)


def test_money_in_time_confirms_both(shop: Salon) -> None:
    order = the_order(payment_method="transfer")
    confirmed = confirm(order, now=MONDAY + timedelta(minutes=30))
    assert (confirmed.status, states(), reserved()) == ("confirmed", ["confirmed"], 1)


def _money_in_time(order: Order) -> None:
    confirm(order, now=MONDAY)


def _money_too_late(order: Order) -> None:
    assert order.expires_at is not None
    orders.expire_due_orders(now=order.expires_at)
    confirm(order, now=order.expires_at)


def _accepted_then_paid(order: Order) -> None:
    scheduling.accept(public_id=Appointment.objects.get().public_id, actor=STAFF, now=MONDAY)
    confirm(order, now=MONDAY)


def _moved_by_the_shop(order: Order) -> None:
    confirm(order, now=MONDAY)
    scheduling.reschedule(public_id=Appointment.objects.get().public_id, starts_at=at(15), actor=STAFF, now=MONDAY)


@pytest.mark.parametrize("happens", [_money_in_time, _money_too_late, _accepted_then_paid, _moved_by_the_shop])
def test_what_was_agreed_is_the_price_whatever_the_catalogue_says_since(
    shop: Salon, happens: Callable[[Order], None]
) -> None:
    set_policy(transfer_hold_minutes=60)
    needs_answer = happens is _accepted_then_paid
    shop.services["CORTE"].__class__.objects.update(requires_confirmation=needs_answer)
    order = the_order(payment_method="transfer")
    Variant.objects.filter(sku="CORTE").update(price="500.00")
    happens(order)
    visit = Appointment.objects.get()
    assert (visit.state, visit.total, visit.services.get().price) == ("confirmed", Decimal("50.00"), Decimal("50.00"))
    assert order.lines.get(kind="visit").unit_price == visit.total
    [check] = [check for check in CHECKS if check.name == "time.agreed_prices"]
    assert examine(now=MONDAY, checks=[check]).findings == []


def test_a_price_that_changes_while_the_order_is_judged_is_not_charged(shop: Salon) -> None:
    changed: list[int] = []

    def dearer() -> None:
        changed.append(Variant.objects.filter(sku="CORTE").update(price="500.00"))
        connection.close()

    def once_the_cart_is_read(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "pg_advisory_xact_lock" in sql and not changed:  # which comes between the cart and the agenda
            other = threading.Thread(target=dearer)
            other.start()
            other.join()
        return execute(sql, params, many, context)

    cart = mixed_cart()
    with connection.execute_wrapper(once_the_cart_is_read):
        body = shown(order=place(cart=cart).order)
    assert (changed, body["total"], Appointment.objects.get().total) == ([1], "90.00", Decimal("50.00"))


def test_the_cut_off_of_a_visit_holds_for_its_order(shop: Salon) -> None:
    order = the_order()
    guest = Access(token=place_token(order), now=MONDAY)
    with pytest.raises(TooLateToCancel):
        orders.cancel_order(
            number=order.number, reason="x", access=guest, actor=GUEST, now=TEN - timedelta(minutes=1439)
        )
    assert states() == ["confirmed"]


def place_token(order: Order) -> str:
    return access_token(kind="order", public_id=order.public_id)


def test_the_cut_off_of_an_order_is_that_of_its_first_visit(shop: Salon) -> None:
    cart = carts.open_cart(
        units=[], wishes=[wish(at(10, day=5)), wish(at(10, day=3))], customer_id=None, actor=GUEST, now=MONDAY
    )
    placement = dataclasses.replace(placement_of(cart=cart), fulfilment=None)
    orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY)
    order = Order.objects.get()
    guest = Access(token=place_token(order), now=MONDAY)
    late = at(10, day=3) - timedelta(hours=1)
    with pytest.raises(TooLateToCancel) as refusal:
        orders.cancel_order(number=order.number, reason="x", access=guest, actor=GUEST, now=late)
    assert refusal.value.data == {"until": late.isoformat()}
    orders.cancel_order(
        number=order.number, reason="x", access=guest, actor=GUEST, now=late - timedelta(microseconds=1)
    )
    assert states() == ["cancelled", "cancelled"]


@pytest.mark.parametrize(("method", "due_now"), [("transfer", "50.00"), ("on_site", "10.00")])
def test_a_deposit_is_due_now_whatever_the_method(shop: Salon, method: str, due_now: str) -> None:
    shop.services["CORTE"].__class__.objects.update(deposit_percent=20)
    cart = mixed_cart()
    quote = quoted(cart, payment_method=method, desk=True)
    assert (quote.prices.total, quote.prices.amount_due_now) == (Decimal("90.00"), Decimal(due_now))
