"""Placing an order: what it writes, what it refuses, and that a refusal changes nothing."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F

from accounts.tests import factories as people
from cart.errors import CartClosed, DeliveryUnavailable, EmptyCart, LinesNotForSale, MethodNotOffered, PickupUnavailable
from cart.models import Cart
from catalog.models import Product, Variant
from common.errors import Malformed, NotFound, Refusal, TotalChanged
from common.keys import IdempotencyKey
from common.models import IdempotencyRecord, OutboxMessage
from common.use_cases import answered
from inventory.errors import OutOfStock
from inventory.models import StockItem, StockReservation
from orders import services as orders
from orders.answers import placed
from orders.errors import TooManyOpenOrders
from orders.models import Order, OrderContact, OrderEvent, OrderLine
from orders.seals import chain_of, digest_of
from orders.services import Delivery, Pickup, Placement
from orders.tests.factories import GUEST, MONDAY, cart_with, place, place_once, placement_of, quoted, shown, stocked

pytestmark = pytest.mark.django_db(transaction=True)


def everything() -> dict[str, Any]:
    """What an order could have changed."""
    return {
        "orders": list(Order.objects.values()),
        "contacts": list(OrderContact.objects.values()),
        "lines": list(OrderLine.objects.values()),
        "events": list(OrderEvent.objects.values()),
        "carts": list(Cart.objects.order_by("pk").values()),
        "items": list(StockItem.objects.order_by("pk").values()),
        "reservations": list(StockReservation.objects.order_by("pk").values()),
        "keys": list(IdempotencyRecord.objects.values()),
        "outbox": list(OutboxMessage.objects.values()),
    }


def refused(placement: Placement, *, now: Any = MONDAY, once: IdempotencyKey | None = None) -> Refusal:
    before = everything()
    with pytest.raises(Refusal) as caught:
        answered(orders.place_order, placed, once=once)(placement=placement, customer_id=None, actor=GUEST, now=now)
    assert everything() == before
    return caught.value


def test_an_order_at_the_counter_is_confirmed_at_once() -> None:
    stocked(sku="PAO", units=10, price="0.90")
    stocked(sku="BOLO", units=2, price="59.90")
    cart = cart_with(units={"PAO": 4, "BOLO": 1})

    body = shown(order=place(cart=cart).order)
    assert body["status"] == "confirmed"
    assert (body["subtotal"], body["total"], body["amount_due_now"]) == ("63.50", "63.50", "0.00")
    assert body["payment"] == {"method": "on_site", "status": "unpaid"}
    assert body["expires_at"] is None
    assert [(step["from"], step["to"], step["actor"]) for step in body["history"]] == [(None, "confirmed", "customer")]
    assert {line["sku"]: line["quantity"] for line in body["lines"]} == {"PAO": 4, "BOLO": 1}
    assert Cart.objects.get(public_id=cart.public_id).status == "ordered"
    assert set(StockReservation.objects.values_list("allocated", "expires_at")) == {(True, None)}
    assert set(StockItem.objects.values_list("variant__sku", "on_hand", "reserved")) == {
        ("PAO", 10, 4),
        ("BOLO", 2, 1),
    }


def test_a_transfer_waits_for_its_money_and_holds_its_units_as_long() -> None:
    stocked(sku="BOLO", units=2, price="59.90")
    new = place(cart=cart_with(units={"BOLO": 1}), payment_method="transfer")

    order = Order.objects.get(number=new.order.number)
    assert order.status == "pending"
    assert order.amount_due_now == Decimal("59.90")
    assert order.expires_at == MONDAY + timedelta(minutes=2880)
    assert StockReservation.objects.get().expires_at == order.expires_at


def test_the_seals_are_true_when_read_back() -> None:
    stocked(sku="BOLO", units=2, price="59.90")
    place(cart=cart_with(units={"BOLO": 2}))
    order = Order.objects.get()
    assert order.digest == digest_of(order=order, lines=list(order.lines.all()))
    event = order.events.get()
    assert event.chain == chain_of(previous="", event=event)


@pytest.mark.fault("A8")
def test_later_edits_of_the_catalogue_leave_the_order_as_it_was() -> None:
    stocked(sku="BOLO", units=2, price="59.90")
    new = place(cart=cart_with(units={"BOLO": 1}))
    Variant.objects.update(price=Decimal("1.00"), name="Outro")
    Product.objects.update(name="Outra coisa", status="archived")
    order = Order.objects.get()
    assert order.digest == digest_of(order=order, lines=list(order.lines.all()))
    assert order.lines.get().name == new.lines[0].name


@pytest.mark.fault("A10")
def test_the_same_key_gives_the_same_answer_and_no_second_order() -> None:
    stocked(sku="BOLO", units=2)
    cart = cart_with(units={"BOLO": 1})
    once = IdempotencyKey(scope="orders", key="k1", fingerprint="f")
    placement = placement_of(cart=cart)
    first = place_once(placement=placement, once=once)
    again = place_once(placement=placement, once=once)
    assert (first.replayed, again.replayed) == (False, True)
    assert again.body == first.body
    assert again.status == 201
    assert Order.objects.count() == 1


@pytest.mark.fault("A11")
def test_another_key_for_an_ordered_cart_names_the_order() -> None:
    stocked(sku="BOLO", units=2)
    cart = cart_with(units={"BOLO": 1})
    number = place(cart=cart).order.number
    refusal = refused(placement_of(cart=cart), once=IdempotencyKey(scope="orders", key="k2", fingerprint="f"))
    assert isinstance(refusal, CartClosed)
    assert refusal.data == {"order": number}


def test_an_unknown_cart_is_not_found() -> None:
    placement = placement_of(cart=uuid4())
    assert isinstance(refused(placement), NotFound)


def test_an_empty_cart_cannot_be_ordered() -> None:
    assert isinstance(refused(placement_of(cart=cart_with(units={}))), EmptyCart)


def test_an_expired_cart_is_closed() -> None:
    stocked(sku="BOLO", units=2)
    cart = cart_with(units={"BOLO": 1})
    assert isinstance(refused(placement_of(cart=cart), now=MONDAY + timedelta(hours=24)), CartClosed)


@pytest.mark.fault("A6")
def test_a_price_that_changed_is_never_charged_in_silence() -> None:
    stocked(sku="BOLO", units=2, price="10.00")
    cart = cart_with(units={"BOLO": 2})
    Variant.objects.update(price=Decimal("10.01"))
    refusal = refused(placement_of(cart=cart))
    assert isinstance(refusal, TotalChanged)
    assert refusal.data == {"total": "20.02"}


@pytest.mark.fault("A7")
def test_what_was_taken_off_sale_cannot_be_ordered() -> None:
    stocked(sku="BOLO", units=2)
    cart = cart_with(units={"BOLO": 1})
    Product.objects.update(status="archived")
    refusal = refused(placement_of(cart=cart))
    assert isinstance(refusal, LinesNotForSale)
    assert refusal.data == {"lines": [{"line": str(cart.lines[0].public_id), "sku": "BOLO"}]}


def test_a_method_the_shop_does_not_offer() -> None:
    stocked(sku="BOLO", units=2)
    refusal = refused(placement_of(cart=cart_with(units={"BOLO": 1}), payment_method="card"))
    assert isinstance(refusal, MethodNotOffered)
    assert refusal.data == {"offered": ["on_site", "transfer"]}


def test_a_pickup_outside_every_window_names_the_earliest() -> None:
    stocked(sku="BOLO", units=2)
    cart = cart_with(units={"BOLO": 1})
    windows = quoted(cart).windows
    refusal = refused(placement_of(cart=cart, pickup_at=MONDAY))
    assert isinstance(refusal, PickupUnavailable)
    assert refusal.data == {"earliest": windows[0][0].isoformat()}


def test_without_a_wish_the_pickup_is_in_the_first_window() -> None:
    stocked(sku="BOLO", units=2)
    cart = cart_with(units={"BOLO": 1})
    windows = quoted(cart).windows
    assert place(cart=cart).order.pickup_starts_at == windows[0][0]


@pytest.mark.parametrize(
    ("fulfilment", "kind"),
    [(None, Malformed), (Delivery(address={"city": "Santos"}), DeliveryUnavailable)],
)
def test_goods_need_a_way_to_the_customer_that_the_shop_offers(fulfilment: Any, kind: type[Refusal]) -> None:
    stocked(sku="BOLO", units=2)
    placement = replace(placement_of(cart=cart_with(units={"BOLO": 1})), fulfilment=fulfilment)
    assert isinstance(refused(placement), kind)


def test_a_few_unpaid_orders_may_wait_at_the_counter_for_one_person() -> None:
    stocked(sku="BOLO", units=9)
    for _order in range(3):
        place(cart=cart_with(units={"BOLO": 1}), email="ana@example.com")
    refusal = refused(placement_of(cart=cart_with(units={"BOLO": 1}), email="ana@example.com"))
    assert isinstance(refusal, TooManyOpenOrders)
    assert refusal.data == {"max": 3}
    Order.objects.filter(pk=Order.objects.order_by("pk")[0].pk).update(paid=F("total"))
    assert place(cart=cart_with(units={"BOLO": 1}), email="ana@example.com").order.status == "confirmed"


def test_an_order_paid_up_after_a_line_was_called_off_waits_for_nothing() -> None:
    stocked(sku="BOLO", units=9)
    for _order in range(3):
        place(cart=cart_with(units={"BOLO": 2}), email="ana@example.com")
    first = Order.objects.filter(pk=Order.objects.order_by("pk")[0].pk)
    first.update(cancelled=F("total") - 1, paid=F("total") - 1, refunded=F("total") - 2)
    assert place(cart=cart_with(units={"BOLO": 1}), email="ana@example.com").order.status == "confirmed"


def test_what_was_given_back_waits_again() -> None:
    stocked(sku="BOLO", units=9)
    for _order in range(3):
        place(cart=cart_with(units={"BOLO": 1}), email="ana@example.com")
    Order.objects.update(paid=F("total"), refunded=F("total"))
    refusal = refused(placement_of(cart=cart_with(units={"BOLO": 1}), email="ana@example.com"))
    assert isinstance(refusal, TooManyOpenOrders)


@pytest.mark.fault("A22")
def test_one_short_line_refuses_the_whole_order_and_names_it() -> None:
    stocked(sku="PAO", units=10)
    stocked(sku="BOLO", units=2)
    cart = cart_with(units={"PAO": 1, "BOLO": 2})
    later = MONDAY + timedelta(minutes=20)
    cart_with(units={"BOLO": 1}, now=later)
    refusal = refused(placement_of(cart=cart), now=later)
    assert isinstance(refusal, OutOfStock)
    assert refusal.data == {"lines": [{"sku": "BOLO", "requested": 2, "available": 1}]}


def test_a_claim_that_ran_out_is_taken_again_if_it_still_can_be() -> None:
    stocked(sku="BOLO", units=2)
    cart = cart_with(units={"BOLO": 2})
    later = MONDAY + timedelta(minutes=20)
    assert place(cart=cart, now=later).order.status == "confirmed"
    assert StockItem.objects.get().reserved == 2


def test_a_cart_of_another_customer_does_not_exist() -> None:
    stocked(sku="BOLO", units=2)
    owner, stranger = (people.customer().pk for _person in range(2))
    cart = cart_with(units={"BOLO": 1}, customer_id=owner)
    before = StockItem.objects.values().get()
    for somebody in (stranger, None):
        with pytest.raises(NotFound):
            place(cart=cart, customer_id=somebody)
    assert (Order.objects.count(), StockItem.objects.values().get()) == (0, before)
    with pytest.raises(NotFound):
        orders.place_order(
            placement=replace(placement_of(cart=cart), cart=uuid4()), customer_id=owner, actor=GUEST, now=MONDAY
        )
    place(cart=cart, customer_id=owner)
    assert Order.objects.get().cart.public_id == cart.public_id


def test_the_event_of_the_placing_is_in_the_outbox() -> None:
    stocked(sku="BOLO", units=2)
    number = place(cart=cart_with(units={"BOLO": 1})).order.number
    placed = OutboxMessage.objects.filter(name="order.placed")
    assert [message.payload for message in placed] == [{"order": number, "version": 1}] * len(placed)
    assert len(placed) == 2


def test_pickup_person_and_note_stand_with_the_people() -> None:
    stocked(sku="BOLO", units=2)
    placement = replace(
        placement_of(cart=cart_with(units={"BOLO": 1})), fulfilment=Pickup(person="Bia"), note="Sem nozes"
    )
    body = shown(order=orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY).order)
    assert body["fulfilment"]["person"] == "Bia"
    assert body["note"] == "Sem nozes"
    assert OrderContact.objects.values_list("pickup_person", "note").get() == ("Bia", "Sem nozes")
