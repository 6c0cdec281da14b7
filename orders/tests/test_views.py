"""The orders' door: placing, and every refusal it declares."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from time_machine import Traveller

from accounts.tests.doors import a_customer, get, ok, pointers, post, refused, staff_with
from cart.tests.factories import a_cart
from catalog.models import Product, Variant
from common.models import IdempotencyRecord, OutboxMessage
from inventory.models import StockItem
from inventory.tests.factories import MONDAY, receive, stocked
from orders.models import Order
from orders.tests.doors import ANA, an_order, place, wish_of
from shop import services as shop
from shop.tests.factories import OWNER

pytestmark = pytest.mark.django_db

PAULISTA = {
    "postal_code": "01310-100", "street": "Avenida Paulista", "number": "1578", "district": "Bela Vista",
    "city": "São Paulo", "state": "SP",
}  # fmt: skip
WINDOW = ("2026-03-02T14:00:00+00:00", "2026-03-02T15:00:00+00:00")


@pytest.fixture(autouse=True)
def clock(time_machine: Traveller) -> Traveller:
    """It is Monday morning, and stays so until a test moves on; there are cakes and rolls."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=5, price="59.90")
    stocked(sku="PAO", units=100, price="0.90")
    return time_machine


def nothing_was_ordered() -> None:
    assert not Order.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert not IdempotencyRecord.objects.exists()


def test_the_whole_order_as_it_answers() -> None:
    shop.set_policy(key="whatsapp", value="+5511987654321", actor=OWNER, now=MONDAY)
    cart = a_cart({"BOLO": 1, "PAO": 10})
    customer = {
        "name": "Ana Lima",
        "email": "Ana@Example.com",
        "phone": "\u202a(11)\u00a098765\u20114321\u202c",  # as phones copy it
        "document": "\u2066529.982.247\u201325\u2069",
    }
    fulfilment = {"method": "pickup", "pickup_at": "2026-03-02T12:30:00-03:00", "person": "Bia"}
    body = ok(place(cart, customer=customer, fulfilment=fulfilment, note="Sem nozes"), 201)

    order = Order.objects.get()
    assert set(body) == {
        "number", "cart", "access_token", "status", "currency", "lines", "subtotal", "discount", "shipping", "total",
        "amount_due_now", "cancelled", "late_fee", "paid", "refunded", "amount_due", "asked_now", "payable_by", "pay_url",
        "late_cancellation", "coupon", "customer", "fulfilment",
        "fulfilments", "note", "payment", "whatsapp_url", "expires_at", "placed_at", "history",
    }  # fmt: skip
    assert {name: body[name] for name in ("number", "cart", "status", "currency", "coupon", "note", "expires_at")} == {
        "number": order.number, "cart": cart["id"], "status": "confirmed", "currency": "BRL", "coupon": None,
        "note": "Sem nozes", "expires_at": None,
    }  # fmt: skip
    money = (
        "subtotal",
        "discount",
        "shipping",
        "total",
        "amount_due_now",
        "cancelled",
        "paid",
        "refunded",
        "amount_due",
    )
    assert [body[name] for name in money] == ["68.90", "0.00", "0.00", "68.90", "0.00", "0.00", "0.00", "0.00", "68.90"]
    assert body["customer"] == {
        "name": "Ana Lima", "email": "ana@example.com", "phone": "+5511987654321", "document": "52998224725",
    }  # fmt: skip
    assert body["fulfilment"] == {
        "method": "pickup", "pickup_at": "2026-03-02T15:00:00+00:00", "pickup_until": "2026-03-02T16:00:00+00:00",
        "person": "Bia",
    }  # fmt: skip
    assert body["payment"] == {"method": "on_site", "status": "unpaid"}
    assert body["whatsapp_url"].startswith("https://wa.me/5511987654321?text=Pedido%20" + order.number)
    assert body["placed_at"] == MONDAY.isoformat()
    assert body["history"] == [
        {
            "at": MONDAY.isoformat(),
            "from": None,
            "to": "confirmed",
            "actor": "customer",
            "reason": None,
            "pickup_at": None,
        }
    ]
    bolo = next(line for line in body["lines"] if line["sku"] == "BOLO")
    assert bolo == {
        "id": str(order.lines.get(sku="BOLO").public_id), "kind": "goods", "sku": "BOLO", "name": bolo["name"],
        "options": [], "quantity": 1, "unit": "piece", "price_per": 1, "unit_price": "59.90", "discount": "0.00", "line_total": "59.90",
        "appointment": None, "cancelled_at": None,
    }  # fmt: skip
    assert ok(get(f"/orders/{order.number}/", token=body["access_token"])) == body
    assert ok(get(f"/carts/{cart['id']}/"))["status"] == "ordered"


def test_numbers_tell_nothing_of_how_many_were_sold() -> None:
    numbers = [an_order({"PAO": 1})["number"] for _order in range(12)]
    assert len(set(numbers)) == 12
    assert numbers != sorted(numbers)
    assert all(len(number) == 9 and set(number) <= set("23456789ABCDEFGHJKLMNPQRSTUVWXYZ") for number in numbers)


def test_a_transfer_is_pending_until_its_deadline(clock: Traveller) -> None:
    body = an_order(payment_method="transfer")
    deadline = MONDAY + timedelta(days=2)
    assert (body["status"], body["amount_due_now"], body["expires_at"]) == ("pending", "59.90", deadline.isoformat())
    where = f"/orders/{body['number']}/"
    clock.move_to(deadline - timedelta(seconds=1), tick=False)
    assert ok(get(where, token=body["access_token"]))["status"] == "pending"


@pytest.mark.fault("D12")
def test_past_its_deadline_it_reads_expired_swept_or_not(clock: Traveller) -> None:
    body = an_order(payment_method="transfer")
    where = f"/orders/{body['number']}/"
    clock.move_to(MONDAY + timedelta(days=2), tick=False)
    read = ok(get(where, token=body["access_token"]))
    assert (read["status"], read["expires_at"]) == ("expired", None)
    assert [(step["from"], step["to"], step["actor"]) for step in read["history"]] == [
        (None, "pending", "customer"),
        ("pending", "expired", "system"),
    ]
    history = ok(get(f"{where}history/", token=body["access_token"]))
    assert history == {"next": None, "previous": None, "results": read["history"]}
    first = ok(get(f"{where}history/?page_size=1", token=body["access_token"]))
    cursor = first["next"].partition("cursor=")[2].partition("&")[0]
    second = ok(get(f"{where}history/?page_size=1&cursor={cursor}", token=body["access_token"]))
    assert (first["previous"], second["next"]) == (None, None)
    assert [*first["results"], *second["results"]] == read["history"]
    assert pointers(get(f"{where}history/?page_size=101", token=body["access_token"])) == {"/page_size": "invalid"}
    assert Order.objects.get().status == "pending"
    assert ok(get("/variants/BOLO/availability/?quantity=5"))["available"] == 5


@pytest.mark.parametrize(
    ("body", "pointer"), [(b'{"x": 1}', "/x"), (b"[]", ""), (b"null", ""), (b"{", ""), (b'{"a": 1, "a": 2}', "")]
)
def test_a_verb_that_reads_nothing_is_told_nothing(body: bytes, pointer: str) -> None:
    order = an_order()
    staff = staff_with("orders.fulfil_order")
    where = f"/orders/{order['number']}/"
    handover = {"lines": [{"line": order["lines"][0]["id"], "quantity": 1}]}
    fulfilment = f"{where}fulfilments/{ok(post(f'{where}fulfilments/', handover, user=staff), 201)['id']}/pick/"
    for verb in (fulfilment, f"{where}complete/"):
        assert list(pointers(post(verb, body, user=staff))) == [pointer]
    assert ok(post(fulfilment, {}, user=staff))["status"] == "picked"


def test_the_last_units_are_named() -> None:
    cart = a_cart({"BOLO": 5, "PAO": 1})
    StockItem.objects.filter(variant__sku="BOLO").update(on_hand=5, reserved=5)
    other = a_cart({"PAO": 1})
    problem = refused(post(f"/carts/{other['id']}/lines/", {"sku": "BOLO", "quantity": 1}), 409, "out_of_stock")
    assert (problem["requested"], problem["available"]) == (1, 0)
    assert ok(place(cart), 201)["status"] == "confirmed"


@pytest.mark.fault("A22")
def test_out_of_stock_names_every_short_line_and_orders_nothing(clock: Traveller) -> None:
    cart = a_cart({"BOLO": 5, "PAO": 1})
    clock.move_to(MONDAY + timedelta(minutes=15), tick=False)
    a_cart({"BOLO": 2})
    problem = refused(place(cart), 409, "out_of_stock")
    assert problem["lines"] == [{"sku": "BOLO", "requested": 5, "available": 3}]
    nothing_was_ordered()


@pytest.mark.parametrize("payment_method", ["on_site", "transfer"])
def test_a_shop_that_holds_nothing_for_carts_sells_what_is_there_and_no_more(payment_method: str) -> None:
    shop.set_policy(key="cart_hold_minutes", value=0, actor=OWNER, now=MONDAY)
    carts = [a_cart({"BOLO": 3, "PAO": 1}) for _cart in range(2)]
    assert StockItem.objects.get(variant__sku="BOLO").reserved == 0
    ok(place(carts[0], payment_method=payment_method), 201)
    problem = refused(place(carts[1], payment_method=payment_method), 409, "out_of_stock")
    assert problem["lines"] == [{"sku": "BOLO", "requested": 3, "available": 2}]
    assert dict(StockItem.objects.values_list("variant__sku", "reserved")) == {"BOLO": 3, "PAO": 1}


@pytest.mark.fault("A5")
@pytest.mark.fault("A6")
@pytest.mark.fault("F17")
def test_the_total_must_be_the_one_the_customer_saw() -> None:
    cart = a_cart({"BOLO": 1})
    assert refused(place(cart, expected_total="59.89"), 409, "total_changed")["total"] == "59.90"
    Variant.objects.filter(sku="BOLO").update(price=Decimal("64.90"))
    assert refused(place(cart), 409, "total_changed")["total"] == "64.90"
    post(f"/carts/{cart['id']}/lines/", {"sku": "PAO", "quantity": 1})
    assert refused(place(cart, expected_total="64.90"), 409, "total_changed")["total"] == "65.80"
    nothing_was_ordered()
    assert ok(place(cart, expected_total="65.80"), 201)["total"] == "65.80"


@pytest.mark.fault("A7")
def test_what_is_no_longer_for_sale_is_named() -> None:
    cart = a_cart({"BOLO": 1, "PAO": 1})
    Product.objects.filter(pk=Variant.objects.get(sku="BOLO").product_id).update(status="archived")
    line = next(line for line in cart["lines"] if line["sku"] == "BOLO")
    assert refused(place(cart), 409, "not_for_sale")["lines"] == [{"line": line["id"], "sku": "BOLO"}]
    nothing_was_ordered()


@pytest.mark.fault("A21")
def test_a_total_beyond_all_bounds_cannot_be_ordered() -> None:
    stocked(sku="OURO", units=2, price="99999999.99")
    cart = a_cart({"OURO": 2})
    assert cart["total"] == "199999999.98"
    assert pointers(place(cart)) == {"/expected_total": "invalid"}
    assert refused(place(cart, expected_total="99999999.99"), 409, "total_changed")["total"] == "199999999.98"
    nothing_was_ordered()


def test_carts_that_cannot_be_ordered(clock: Traveller) -> None:
    refused(place(a_cart()), 422, "empty_cart")
    refused(place({"id": str(uuid4()), "total": "1.00"}), 404, "not_found")
    refused(place(a_cart({"BOLO": 1}, user=a_customer())), 404, "not_found")
    cart = a_cart({"BOLO": 1})
    clock.move_to(MONDAY + timedelta(hours=24), tick=False)
    assert refused(place(cart), 409, "cart_closed")["order"] is None
    nothing_was_ordered()


@pytest.mark.fault("A11")
def test_an_ordered_cart_names_its_order() -> None:
    cart = a_cart({"BOLO": 1})
    number = ok(place(cart), 201)["number"]
    assert refused(place(cart), 409, "cart_closed")["order"] == number
    assert Order.objects.count() == 1


@pytest.mark.parametrize("method", ["pix", "card"])
def test_methods_the_shop_does_not_offer(method: str) -> None:
    problem = refused(place(a_cart({"BOLO": 1}), payment_method=method), 422, "method_not_offered")
    assert problem["offered"] == ["on_site", "transfer"]
    nothing_was_ordered()


def test_goods_are_collected_in_a_window_or_not_at_all() -> None:
    cart = a_cart({"BOLO": 1})
    for instant in ("2026-03-02T09:00:00-03:00", "2026-03-08T10:00:00-03:00", "2030-01-01T10:00:00Z"):
        wanted = {"method": "pickup", "pickup_at": instant}
        assert refused(place(cart, fulfilment=wanted), 422, "pickup_unavailable")["earliest"] == WINDOW[0]
    refused(place(cart, fulfilment={"method": "delivery", "address": PAULISTA}), 422, "delivery_unavailable")
    assert pointers(place(cart, fulfilment=None)) == {"/fulfilment": "required"}
    nothing_was_ordered()
    fulfilment = ok(place(cart), 201)["fulfilment"]
    assert (fulfilment["pickup_at"], fulfilment["pickup_until"]) == WINDOW


def test_a_product_that_takes_longer_is_ready_later() -> None:
    product = Variant.objects.get(sku="BOLO").product_id
    Product.objects.filter(pk=product).update(pickup_lead_minutes=24 * 60)
    cart = a_cart({"BOLO": 1, "PAO": 1})
    quote = ok(post(f"/carts/{cart['id']}/quote/", {}))
    assert quote["pickup_windows"][0]["starts_at"] == "2026-03-03T12:00:00+00:00"
    assert ok(place(cart), 201)["fulfilment"]["pickup_at"] == "2026-03-03T12:00:00+00:00"


def test_a_few_unpaid_orders_for_one_person() -> None:
    for _order in range(3):
        an_order({"PAO": 1}, customer=ANA)
    again = a_cart({"PAO": 1})
    assert refused(place(again, customer=ANA | {"email": "ANA@example.com"}), 422, "too_many_open_orders")["max"] == 3
    refused(place(again, customer=ANA, payment_method="transfer"), 422, "too_many_open_orders")
    assert an_order({"PAO": 1}, customer=ANA | {"email": "bia@example.com"})["status"] == "confirmed"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"cart": "1"}, {"/cart": "invalid"}),
        ({"expected_total": 59.9}, {"/expected_total": "invalid"}),
        ({"expected_total": "59.9"}, {"/expected_total": "invalid"}),
        ({"expected_total": "59,90"}, {"/expected_total": "invalid"}),
        ({"expected_total": "-1.00"}, {"/expected_total": "invalid"}),
        ({"expected_total": "NaN"}, {"/expected_total": "invalid"}),
        ({"payment_method": "cash"}, {"/payment_method": "invalid_choice"}),
        ({"customer": {"name": "", "email": "x"}}, {"/customer/name": "blank", "/customer/email": "invalid"}),
        ({"customer": ANA | {"phone": "123"}}, {"/customer/phone": "invalid"}),
        ({"customer": ANA | {"document": "11111111111"}}, {"/customer/document": "invalid"}),
        ({"customer": ANA | {"is_staff": True}}, {"/customer/is_staff": "unknown_field"}),
        ({"customer": []}, {"/customer": "invalid"}),
        ({"customer": ANA | {"name": "a\u202eb"}}, {"/customer/name": "unclean"}),
        ({"note": "x" * 501}, {"/note": "max_length"}),
        ({"status": "completed", "paid": "59.90"}, {"/status": "unknown_field", "/paid": "unknown_field"}),
        ({"fulfilment": {"method": "drone"}}, {"/fulfilment/method": "invalid_choice"}),
        ({"fulfilment": {"method": "pickup", "pickup_at": "2026-03-02T11:00:00"}}, {"/fulfilment/pickup_at": "offset"}),
        ({"fulfilment": {"method": "pickup", "address": PAULISTA}}, {"/fulfilment/address": "not_allowed"}),
        ({"fulfilment": {"method": "delivery"}}, {"/fulfilment/address": "required"}),
        ({"fulfilment": {"method": "delivery", "person": "Bia"}}, {"/fulfilment/person": "not_allowed"}),
    ],
)
def test_what_is_no_order(changes: dict[str, Any], expected: dict[str, str]) -> None:
    wanted = wish_of(a_cart({"BOLO": 1})) | changes
    assert pointers(post("/orders/", wanted, key="k")) == expected
    nothing_was_ordered()


def test_everything_that_is_missing_is_told_at_once() -> None:
    missing = pointers(post("/orders/", {}, key="k"))
    assert missing == dict.fromkeys(["/cart", "/expected_total", "/customer", "/payment_method"], "required")
    assert pointers(post("/orders/?dry_run=1", wish_of(a_cart({"BOLO": 1})), key="k")) == {"/dry_run": "unknown_field"}
    nothing_was_ordered()


def test_what_a_customer_who_signed_in_orders_is_theirs() -> None:
    customer = a_customer()
    body = an_order(user=customer)
    receive(sku="BOLO", units=1)
    assert ok(get(f"/orders/{body['number']}/", user=customer)) == body
    assert Order.objects.get().customer_id == customer.customer.pk
