"""One order for things and time: both or neither, whatever happens to it."""

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override
from rest_framework.test import APIClient

from accounts.models import Customer
from backoffice.tests.desk import at_desk, member
from cart import services as carts
from cart.pricing import FilledCart
from cart.services import Units
from catalog.models import Variant
from common import clock, outbox
from common.access import access_token
from common.errors import Refusal
from common.models import OutboxMessage
from inventory.errors import OutOfStock
from inventory.models import StockItem
from operations.integrity import CHECKS, examine
from orders import services as orders
from orders.errors import TooLateToCancel
from orders.models import Order, OrderContact, OrderLineCancellation
from orders.selectors import Access
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, cancel, place, placement_of, quoted, shown, stocked
from orders.wording import reason_text
from payments import services as payments
from payments.models import Refund
from scheduling import services as scheduling
from scheduling.errors import SlotTaken
from scheduling.models import Appointment
from scheduling.tests.factories import Salon, at, book, salon, set_policy, wish

pytestmark = pytest.mark.django_db(transaction=True)

TEN = at(10)


@pytest.fixture
def shop() -> Salon:
    """A salon with one professional, and two cakes."""
    stocked(sku="BOLO", units=2, price="40.00")
    return salon()


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


def test_a_cart_holds_units_and_time_and_shows_both(shop: Salon) -> None:
    cart = mixed_cart()
    line = next(line for line in cart.lines if line.kind == "visit")
    assert (cart.prices.total, len(cart.lines)) == (Decimal("90.00"), 2)
    assert (line.sku, line.quantity, line.unit_price) == ("CORTE", 1, Decimal("50.00"))
    assert line.visit is not None
    assert (line.visit.professional_id, line.visit.professional) == (shop.id("Ana"), "Ana")
    assert line.visit.starts_at.isoformat() == "2026-03-03T10:00:00-03:00"
    assert line.held_until is not None
    assert (states(), reserved()) == (["held"], 1)


def test_one_order_takes_both(shop: Salon) -> None:
    body = shown(order=place(cart=mixed_cart()).order)
    assert (body["status"], body["total"], body["amount_due_now"]) == ("confirmed", "90.00", "0.00")
    line = next(line for line in body["lines"] if line["kind"] == "visit")
    assert line["appointment"]["services"] == [
        {"sku": "CORTE", "name": "Corte", "price": "50.00", "duration_minutes": 30}
    ]
    assert (states(), reserved()) == (["confirmed"], 1)


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


def test_a_refused_visit_leaves_no_cart_behind(shop: Salon) -> None:
    book(TEN)
    with pytest.raises(SlotTaken) as caught:
        mixed_cart()
    assert len(caught.value.data["alternatives"]) == 3  # type: ignore[arg-type]
    assert reserved() == 0


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
    revived = _confirm(order, now=late)
    assert (revived.status, states(), reserved()) == ("confirmed", ["confirmed"], 1)


def test_money_that_comes_too_late_for_the_time_is_owed_back(shop: Salon) -> None:
    set_policy(transfer_hold_minutes=60)
    order = the_order(payment_method="transfer")
    late = MONDAY + timedelta(minutes=61)
    book(TEN, now=late)
    assert shown(order=_confirm(order, now=late), now=late)["status"] == "expired"
    order.refresh_from_db()
    assert (order.paid, reserved(), states()) == (order.total, 0, ["expired", "confirmed"])
    assert Refund.objects.values_list("status", "amount").get() == ("due", order.total)


def _confirm(order: Order, *, now: datetime) -> Order:
    return payments.confirm_order(
        number=order.number, amount=order.total, reference="TED", access=ALL, actor=STAFF, now=now
    )


def test_money_in_time_confirms_both(shop: Salon) -> None:
    order = the_order(payment_method="transfer")
    confirmed = _confirm(order, now=MONDAY + timedelta(minutes=30))
    assert (confirmed.status, states(), reserved()) == ("confirmed", ["confirmed"], 1)


def _money_in_time(order: Order) -> None:
    _confirm(order, now=MONDAY)


def _money_too_late(order: Order) -> None:
    assert order.expires_at is not None
    orders.expire_due_orders(now=order.expires_at)
    _confirm(order, now=order.expires_at)


def _accepted_then_paid(order: Order) -> None:
    scheduling.accept(public_id=Appointment.objects.get().public_id, actor=STAFF, now=MONDAY)
    _confirm(order, now=MONDAY)


def _moved_by_the_shop(order: Order) -> None:
    _confirm(order, now=MONDAY)
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


def test_a_visit_called_off_takes_its_line_out_and_owes_its_money(shop: Salon) -> None:
    order = the_order(payment_method="transfer")
    _confirm(order, now=MONDAY)
    visit = Appointment.objects.get()
    scheduling.cancel(public_id=visit.public_id, reason="Ana is ill", actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    order.refresh_from_db()
    assert order.status == "confirmed"
    assert OrderLineCancellation.objects.get().line.kind == "visit"
    body = shown(order=order)
    assert [line["cancelled_at"] is not None for line in body["lines"]] == [False, True]
    figures = ("total", "cancelled", "paid", "refunded", "amount_due")
    assert [body[name] for name in figures] == ["90.00", "50.00", "90.00", "0.00", "0.00"]
    assert body["payment"]["status"] == "paid"
    assert [str(refund.amount) for refund in Refund.objects.all()] == ["50.00"]
    OutboxMessage.objects.update(done_at=None)
    while outbox.relay(now=MONDAY):
        pass
    assert list(OutboxMessage.objects.exclude(last_error="", done_at__isnull=False)) == []
    assert (OrderLineCancellation.objects.count(), Refund.objects.count()) == (1, 1)


def test_the_last_line_called_off_cancels_the_order(shop: Salon) -> None:
    cart = carts.open_cart(units=[], wishes=[wish(TEN)], customer_id=None, actor=GUEST, now=MONDAY)
    placement = placement_of(cart=cart)
    new = orders.place_order(
        placement=placement.__class__(**{**vars(placement), "fulfilment": None}),
        customer_id=None,
        actor=GUEST,
        now=MONDAY,
    )
    visit = Appointment.objects.get()
    scheduling.cancel(public_id=visit.public_id, reason="Ana is ill", actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    order = Order.objects.get(number=new.order.number)
    assert order.status == "cancelled"
    step = order.events.order_by("seq").last()
    assert step is not None
    assert (step.actor_kind, step.actor_id, step.reason) == ("staff", STAFF.id, "Ana is ill")


def test_a_visit_called_off_without_a_reason_is_told_in_words(shop: Salon) -> None:
    the_order()
    scheduling.cancel(public_id=Appointment.objects.get().public_id, actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    assert OrderLineCancellation.objects.get().reason == "appointment.cancelled"
    with override("pt-br"):
        assert reason_text(reason="appointment.cancelled") == "Um agendamento dele foi cancelado"


def test_a_visit_the_shop_must_accept_keeps_the_order_waiting(shop: Salon) -> None:
    shop.services["CORTE"].__class__.objects.update(requires_confirmation=True)
    order = the_order()
    assert (order.status, states()) == ("pending", ["requested"])
    scheduling.accept(public_id=Appointment.objects.get().public_id, actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    order.refresh_from_db()
    assert (order.status, states(), reserved()) == ("confirmed", ["confirmed"], 1)


def test_what_is_told_late_of_a_time_taken_again_changes_nothing(shop: Salon) -> None:
    set_policy(transfer_hold_minutes=60)
    order = the_order(payment_method="transfer")
    late = MONDAY + timedelta(minutes=61)
    book(at(15), now=late)
    assert states() == ["expired", "confirmed"]
    _confirm(order, now=late)
    while outbox.relay(now=late):
        pass
    order.refresh_from_db()
    assert (order.status, states(), reserved()) == ("confirmed", ["confirmed", "confirmed"], 1)
    assert (OrderLineCancellation.objects.count(), Refund.objects.count()) == (0, 0)


def test_the_rest_of_an_order_waits_no_longer_when_the_shop_says_no(shop: Salon) -> None:
    shop.services["CORTE"].__class__.objects.update(requires_confirmation=True)
    cart = carts.open_cart(
        units=[Units(sku="BOLO", quantity=1)],
        wishes=[wish(TEN), wish(at(11))],
        customer_id=None,
        actor=GUEST,
        now=MONDAY,
    )
    order = Order.objects.get(number=place(cart=cart).order.number)
    accepted, refused = Appointment.objects.order_by("starts_at")
    scheduling.accept(public_id=accepted.public_id, actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    order.refresh_from_db()
    assert (order.status, states()) == ("pending", ["confirmed", "requested"])
    scheduling.cancel(public_id=refused.public_id, actor=STAFF, reason="Ana is away", now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    order.refresh_from_db()
    assert (order.status, states(), reserved()) == ("confirmed", ["confirmed", "cancelled"], 1)
    later = MONDAY + timedelta(days=2)
    assert (orders.expire_due_orders(now=later), scheduling.release_expired(now=later)) == (0, 0)


def test_an_order_that_waits_for_money_goes_on_waiting_when_the_shop_says_yes(shop: Salon) -> None:
    shop.services["CORTE"].__class__.objects.update(requires_confirmation=True)
    order = the_order(payment_method="transfer")
    scheduling.accept(public_id=Appointment.objects.get().public_id, actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    order.refresh_from_db()
    assert (order.status, states(), reserved()) == ("pending", ["confirmed"], 1)


def test_an_order_that_waits_for_money_goes_on_waiting_when_the_shop_says_no(shop: Salon) -> None:
    shop.services["CORTE"].__class__.objects.update(requires_confirmation=True)
    order = the_order(payment_method="transfer")
    scheduling.cancel(public_id=Appointment.objects.get().public_id, actor=STAFF, reason="Ana is away", now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    order.refresh_from_db()
    assert (order.status, states(), reserved()) == ("pending", ["cancelled"], 1)


@pytest.mark.parametrize(("method", "due_now"), [("transfer", "50.00"), ("on_site", "10.00")])
def test_a_deposit_is_due_now_whatever_the_method(shop: Salon, method: str, due_now: str) -> None:
    shop.services["CORTE"].__class__.objects.update(deposit_percent=20)
    cart = mixed_cart()
    quote = quoted(cart, payment_method=method, desk=True)
    assert (quote.prices.total, quote.prices.amount_due_now) == (Decimal("90.00"), Decimal(due_now))


def test_the_hold_cap_counts_visits_of_one_cart(shop: Salon) -> None:
    set_policy(max_holds_per_customer=1)
    cart = mixed_cart()
    with pytest.raises(Refusal) as caught:
        carts.add_visit(cart_id=cart.public_id, wish=wish(at(11)), customer_id=None, actor=GUEST, now=MONDAY)
    assert caught.value.code == "too_many_holds"


def test_times_held_as_a_guest_count_for_the_customer_who_takes_the_cart_over(shop: Salon) -> None:
    set_policy(max_holds_per_customer=2)
    maria = Customer.objects.create(name="Maria", email="maria@example.com").pk
    kept = mixed_cart().public_id
    for guest in (kept, mixed_cart(starts_at=at(11)).public_id):
        carts.take_over(cart_id=guest, customer_id=maria, now=MONDAY)
    assert states() == ["held", "held"]
    with pytest.raises(Refusal) as caught:
        carts.add_visit(cart_id=kept, wish=wish(at(12)), customer_id=maria, actor=GUEST, now=MONDAY)
    assert (caught.value.code, caught.value.data) == ("too_many_holds", {"max": 2})


@pytest.mark.parametrize(("role", "status"), [("counter", 201), ("professional", 422)])
def test_a_cart_of_the_team_is_the_desks_only_for_those_who_manage_visits(
    shop: Salon, monkeypatch: pytest.MonkeyPatch, role: str, status: int
) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    client = APIClient()
    client.force_authenticate(member(role=role))
    soon = {"services": ["CORTE"], "starts_at": at(9, 30, day=0).isoformat()}
    assert client.post("/api/v1/carts/", {"lines": [soon]}).status_code == status


def test_removing_the_line_frees_the_time(shop: Salon) -> None:
    cart = mixed_cart()
    visit = next(line for line in cart.lines if line.kind == "visit")
    left = carts.remove_line(cart_id=cart.public_id, line_id=visit.public_id, customer_id=None, now=MONDAY)
    assert [line.kind for line in left.lines] == ["goods"]
    assert book(TEN).appointment.pk
