"""Every column that placing an order writes, and the leases and guards around it."""

import re
from dataclasses import replace
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest

from accounts.tests import factories as people
from cart import services as carts
from cart.models import Cart
from cart.pricing import FilledCart
from cart.services import Units
from catalog.models import Product, Variant
from catalog.tests.factories import variant
from common.actors import Actor
from common.models import OutboxMessage
from inventory.models import StockItem, StockReservation
from inventory.tests.factories import receive
from orders import services as orders
from orders.models import Order, OrderContact, OrderEvent, OrderLine
from orders.selectors import WholeOrder
from orders.services import Contact, Pickup
from orders.services.place_order import lease_of_cart, new_number
from orders.tests.factories import ALL, GUEST, MONDAY, cart_with, late_pickup, placement_of, stocked
from scheduling.errors import DepositRequired
from scheduling.models import Appointment, Service
from scheduling.tests.factories import Salon, at, salon, set_policy, wish

pytestmark = pytest.mark.django_db

ANA = Contact(name="Ana Lima", email="ana@example.com", phone="+5511987654321", document="52998224725")


@pytest.fixture
def shop_of_both() -> Salon:
    stocked(sku="BOLO", units=9, price="40.00")
    return salon()


def mixed_cart(*, customer_id: int | None = None) -> FilledCart:
    return carts.open_cart(
        units=[Units(sku="BOLO", quantity=2)], wishes=[wish(at(10))], customer_id=customer_id, actor=GUEST, now=MONDAY
    )


def row_of(model: Any, **which: Any) -> dict[str, Any]:
    """Return a row's columns without what was made up for it."""
    row: dict[str, Any] = model.objects.values().get(**which)
    return {
        name: value for name, value in row.items() if name not in {"id", "public_id", "digest", "chain", "order_id"}
    }


def ana_orders(cart: FilledCart, *, customer_id: int | None = None, actor: Actor = GUEST) -> WholeOrder:
    placement = replace(
        placement_of(cart=cart, payment_method="transfer", pickup_at=late_pickup(now=MONDAY)),
        contact=ANA,
        note="Sem nozes",
        language="en",
    )
    fulfilment = placement.fulfilment
    assert isinstance(fulfilment, Pickup)
    placement = replace(placement, fulfilment=replace(fulfilment, person="Bia"))
    return orders.place_order(placement=placement, customer_id=customer_id, actor=actor, now=MONDAY)


def test_an_order_that_waits_keeps_what_was_agreed(shop_of_both: Salon) -> None:
    set_policy(cancel_cutoff_minutes=61, appointment_cancel_cutoff_minutes=62, pickup_grace_hours=63)
    customer = people.customer().pk
    cart = mixed_cart(customer_id=customer)
    whole = ana_orders(cart, customer_id=customer)
    starts_at = late_pickup(now=MONDAY)
    order = Order.objects.get()
    assert order.pickup_ends_at is not None
    assert order.pickup_ends_at > starts_at
    row = row_of(Order)
    assert row.pop("number") == order.number == whole.order.number
    assert row.pop("expires_at") == order.expires_at == StockReservation.objects.get().expires_at
    assert (row.pop("pickup_ends_at"), row.pop("agreed_pickup_ends_at")) == (order.pickup_ends_at,) * 2
    assert row == row | {
        "cart_id": Cart.objects.get().pk,
        "customer_id": customer,
        "status": "pending",
        "payment_method": "transfer",
        "currency": "BRL",
        "subtotal": Decimal("130.00"),
        "discount": Decimal("0.00"),
        "shipping": Decimal("0.00"),
        "total": Decimal("130.00"),
        "amount_due_now": Decimal("130.00"),
        "cancelled": Decimal("0.00"),
        "paid": Decimal("0.00"),
        "refunded": Decimal("0.00"),
        "fulfilment_method": "pickup",
        "pickup_starts_at": starts_at,
        "agreed_pickup_starts_at": starts_at,
        "language": "en",
        "policy_shown": {
            "cancel_cutoff_minutes": 61,
            "visit_cutoff_minutes": 62,
            "pickup_grace_hours": 63,
            "timezone": "America/Sao_Paulo",
        },
        "placed_at": MONDAY,
    }
    assert row_of(OrderContact) == row_of(OrderContact) | {
        "name": "Ana Lima",
        "email": "ana@example.com",
        "mailbox": "ana@example.com",
        "phone": "+5511987654321",
        "document": "52998224725",
        "pickup_person": "Bia",
        "address": None,
        "note": "Sem nozes",
        "anonymised_at": None,
        "search_key": " ana lima ana@example.com 5511987654321 52998224725 bia",
    }
    assert row_of(OrderEvent) == row_of(OrderEvent) | {
        "seq": 1,
        "from_status": "",
        "to_status": "pending",
        "pickup_at": None,
        "actor_kind": "guest",
        "actor_id": "",
        "door": "api",
        "reason": "",
        "at": MONDAY,
    }
    assert Cart.objects.get().status == "ordered"
    assert {message.payload["version"] for message in OutboxMessage.objects.filter(name="order.placed")} == {1}


def test_a_line_keeps_its_unit_and_its_deposit_and_an_order_its_channel() -> None:
    cheese = variant(sku="QUEIJO", price=Decimal("60.00"), unit="g", price_per=1000)
    Product.objects.filter(pk=cheese.product_id).update(deposit_percent=50)
    receive(sku="QUEIJO", units=1000)
    cart = carts.open_cart(
        units=[Units(sku="QUEIJO", quantity=500)], wishes=[], customer_id=None, actor=GUEST, now=MONDAY
    )
    wanted = placement_of(cart=cart, payment_method="transfer", pickup_at=late_pickup(now=MONDAY))
    orders.place_order(placement=replace(wanted, channel="phone"), customer_id=None, actor=GUEST, now=MONDAY)
    assert OrderLine.objects.values("unit", "price_per", "quantity", "line_total", "deposit").get() == {
        "unit": "g",
        "price_per": 1000,
        "quantity": 500,
        "line_total": Decimal("30.00"),
        "deposit": Decimal("15.00"),
    }
    assert Order.objects.get().channel == "phone"


def test_the_lines_keep_goods_and_visits_as_they_were_sold(shop_of_both: Salon) -> None:
    cart = mixed_cart()
    ana_orders(cart)
    goods, visit = (next(line for line in cart.lines if line.kind == kind) for kind in ("goods", "visit"))
    lines = {line["kind"]: line for line in OrderLine.objects.values()}
    money = {"discount": Decimal("0.00"), "options": []}
    kept = {
        kind: {name: value for name, value in row.items() if name not in {"id", "public_id", "order_id", "appointment"}}
        for kind, row in lines.items()
    }
    assert kept["goods"] | {"position": 0} == kept["goods"] | money | {
        "position": 0,
        "kind": "goods",
        "variant_id": goods.variant_id,
        "sku": "BOLO",
        "name": goods.name,
        "quantity": 2,
        "unit_price": Decimal("40.00"),
        "line_total": Decimal("80.00"),
        "claim": goods.claim,
    }
    assert kept["visit"] | {"position": 0} == kept["visit"] | money | {
        "position": 0,
        "kind": "visit",
        "variant_id": visit.variant_id,
        "sku": "CORTE",
        "name": visit.name,
        "quantity": 1,
        "unit_price": Decimal("50.00"),
        "line_total": Decimal("50.00"),
        "claim": visit.claim,
    }
    assert sorted(line["position"] for line in lines.values()) == [1, 2]
    appointment = Appointment.objects.get()
    assert lines["goods"]["appointment"] is None
    assert lines["visit"]["appointment"] == {
        "id": str(appointment.public_id),
        "starts_at": "2026-03-03T10:00:00-03:00",
        "ends_at": "2026-03-03T10:30:00-03:00",
        "timezone": "America/Sao_Paulo",
        "professional": {"id": str(shop_of_both.id("Ana")), "name": "Ana"},
        "services": [{"sku": "CORTE", "name": "Corte", "price": "50.00", "duration_minutes": 30}],
    }


def test_the_visit_knows_who_comes_and_the_order_opens_it(shop_of_both: Salon) -> None:
    customer = people.customer().pk
    order = ana_orders(mixed_cart(customer_id=customer), customer_id=customer).order
    visit = Appointment.objects.get()
    assert (visit.contact_name, visit.contact_email, visit.contact_phone) == (ANA.name, ANA.email, ANA.phone)
    assert (visit.note, visit.language, visit.customer_id, visit.bearer) == (
        "Sem nozes",
        "en",
        customer,
        order.public_id,
    )
    assert (visit.state, visit.expires_at) == ("held", min(order.expires_at or at(10), at(10)))


def test_what_is_returned_is_the_whole_order_as_it_was_written(shop_of_both: Salon) -> None:
    cart = mixed_cart()
    whole = ana_orders(cart)
    assert (whole.cart, whole.fulfilments, whole.with_token, whole.now) == (cart.public_id, [], True, MONDAY)
    assert whole.order.public_id == Order.objects.get().public_id
    assert [line.public_id for line in whole.lines] == list(
        OrderLine.objects.order_by("position").values_list("public_id", flat=True)
    )
    assert (whole.contact.email, [event.seq for event in whole.events]) == ("ana@example.com", [1])


def test_an_order_of_visits_alone_has_no_way_to_the_customer(shop_of_both: Salon) -> None:
    cart = carts.open_cart(units=[], wishes=[wish(at(10))], customer_id=None, actor=GUEST, now=MONDAY)
    placement = replace(placement_of(cart=cart), fulfilment=None)
    order = orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY).order
    row = row_of(Order)
    assert (row["fulfilment_method"], row["status"], row["expires_at"]) == ("", "confirmed", None)
    assert {row[name] for name in row if "pickup" in name} == {None}
    assert OrderContact.objects.get(order__number=order.number).pickup_person == ""
    assert Appointment.objects.get().state == "confirmed"


def test_numbers_are_short_to_say_and_hold_nothing_that_looks_alike() -> None:
    numbers = {new_number() for _number in range(300)}
    assert len(numbers) == 300
    assert all(re.fullmatch("[23456789ABCDEFGHJKLMNPQRSTUVWXYZ]{9}", number) for number in numbers)
    assert {letter for number in numbers for letter in number} == set("23456789ABCDEFGHJKLMNPQRSTUVWXYZ")


def test_the_lease_names_the_visits_and_their_time_and_goods_need_none(shop_of_both: Salon) -> None:
    cart = mixed_cart()
    visit = next(line for line in cart.lines if line.kind == "visit")
    person = shop_of_both.people["Ana"].pk
    assert lease_of_cart(placement=placement_of(cart=cart)) == [
        f"professional:{person}",
        f"visit:{visit.claim}",
    ]
    assert lease_of_cart(placement=placement_of(cart=cart_with(units={"BOLO": 1}))) == []


def test_the_team_orders_for_anybody_as_often_as_it_must() -> None:
    stocked(sku="BOLO", units=9)
    staff = Actor(kind="staff", id="1", door="admin")
    for _order in range(4):
        placement = placement_of(cart=cart_with(units={"BOLO": 1}), email="ana@example.com")
        orders.place_order(placement=placement, customer_id=None, actor=staff, now=MONDAY)
    assert Order.objects.count() == 4
    assert set(OrderEvent.objects.values_list("actor_kind", "actor_id", "door")) == {("staff", "1", "admin")}


def test_a_line_keeps_the_choices_it_was_sold_with() -> None:
    chosen = [{"name": "Sabor", "value": "Coco"}]
    stocked(sku="BOLO", units=1)
    Variant.objects.update(options=chosen)
    placement = placement_of(cart=cart_with(units={"BOLO": 1}))
    orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY)
    assert OrderLine.objects.get().options == chosen


def test_only_the_team_leaves_a_deposit_out(shop_of_both: Salon) -> None:
    cart = carts.open_cart(units=[], wishes=[wish(at(10))], customer_id=None, actor=GUEST, now=MONDAY)
    placement = replace(placement_of(cart=cart), fulfilment=None)
    Service.objects.update(deposit_percent=30)
    with pytest.raises(DepositRequired):
        orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY)
    staff = Actor(kind="staff", id="1", door="admin")
    placed = orders.place_order(placement=placement, customer_id=None, actor=staff, now=MONDAY).order
    assert (placed.status, placed.amount_due_now) == ("confirmed", Decimal("15.00"))


def test_giving_back_frees_units_and_time_and_twice_is_once(shop_of_both: Salon) -> None:
    order = Order.objects.get(number=ana_orders(mixed_cart()).order.number)
    for _time in range(2):
        orders.cancel_order(number=order.number, reason="Changed plans", access=ALL, actor=GUEST, now=MONDAY)
    assert StockItem.objects.get().reserved == 0
    visit = Appointment.objects.get()
    assert (visit.state, visit.events.order_by("seq").last().reason) == ("cancelled", "Changed plans")  # type: ignore[union-attr]


def test_what_expires_is_expired_in_the_agenda_too(shop_of_both: Salon) -> None:
    order = ana_orders(mixed_cart()).order
    assert order.expires_at is not None
    assert orders.expire_due_orders(now=order.expires_at) == 1
    assert StockItem.objects.get().reserved == 0
    assert Appointment.objects.get().state == "expired"


@pytest.mark.parametrize(
    ("room", "step"),
    [
        ("place_order", "place_within"),
        ("place_order", "cart_to_order"),
        ("insert", "write"),
        ("reservations", "keep_without_end"),
        ("reservations", "give_back"),
    ],
)
def test_each_step_refuses_to_run_alone_and_says_which(room: str, step: str) -> None:
    with pytest.raises(RuntimeError, match=f"^{step} must run within a unit of work"):
        getattr(import_module(f"orders.services.{room}"), step)()
