"""The views of carts: what they answer, and every refusal they declare."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from time_machine import Traveller

from accounts.tests.doors import a_customer, call, delete, get, ok, patch, pointers, post, refused, staff_with
from cart.models import Cart, CartLine
from cart.tests.factories import a_cart, line_of
from catalog.models import Product, Variant
from catalog.tests import factories as catalog
from inventory.models import StockItem, StockReservation
from inventory.tests.factories import MONDAY, receive, stocked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(time_machine: Traveller) -> Traveller:
    """It is Monday morning, and stays so until a test moves on."""
    time_machine.move_to(MONDAY, tick=False)
    return time_machine


@pytest.fixture
def shelf() -> None:
    stocked(sku="BOLO", units=5, price="59.90")
    stocked(sku="PAO", units=100, price="0.90")


def reserved() -> dict[str, int]:
    return dict(StockItem.objects.values_list("variant__sku", "reserved"))


def nothing_changed(before: Any) -> None:
    assert everything() == before


def everything() -> Any:
    return [list(model.objects.order_by("pk").values()) for model in (Cart, CartLine, StockItem, StockReservation)]


def test_an_empty_cart() -> None:
    cart = a_cart()
    assert cart == {
        "id": str(Cart.objects.get().public_id),
        "status": "open",
        "currency": "BRL",
        "lines": [],
        "coupon": None,
        "subtotal": "0.00",
        "discount": "0.00",
        "total": "0.00",
        "expires_at": (MONDAY + timedelta(hours=24)).isoformat(),
        "notices": [],
    }
    assert ok(post("/carts/"), 201)["lines"] == []


def test_a_cart_with_lines_holds_their_units(shelf: None) -> None:
    cart = a_cart({"BOLO": 2, "PAO": 10})
    line = line_of(cart, "BOLO")
    assert line == {
        "id": str(CartLine.objects.get(variant__sku="BOLO").public_id),
        "kind": "goods",
        "sku": "BOLO",
        "name": line["name"],
        "options": [],
        "quantity": 2,
        "unit": "piece",
        "price_per": 1,
        "unit_price": "59.90",
        "line_total": "119.80",
        "held_until": (MONDAY + timedelta(minutes=15)).isoformat(),
        "price_changed": None,
        "for_sale": True,
        "appointment": None,
    }
    assert (cart["subtotal"], cart["discount"], cart["total"]) == ("128.80", "0.00", "128.80")
    assert reserved() == {"BOLO": 2, "PAO": 10}


@pytest.mark.parametrize(
    ("lines", "status", "code"),
    [
        ([("PAO", 1), ("BOLO", 6)], 409, "out_of_stock"),
        ([("PAO", 1), ("NADA", 1)], 422, "unknown_sku"),
        ([("PAO", 1), ("FORA", 1)], 422, "not_for_sale"),
        ([("PAO", 600), ("PAO", 600)], 409, "quantity_limit"),
    ],
)
def test_all_the_lines_or_no_cart(shelf: None, lines: list[tuple[str, int]], status: int, code: str) -> None:
    stocked(sku="FORA", units=9)
    receive(sku="PAO", units=2000)
    Product.objects.filter(pk=Variant.objects.get(sku="FORA").product_id).update(status="draft")
    before = everything()
    wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
    refused(post("/carts/", {"lines": wanted}), status, code)
    nothing_changed(before)


def test_lines_of_one_sku_are_one_line(shelf: None) -> None:
    cart = ok(post("/carts/", {"lines": [{"sku": "PAO", "quantity": 2}, {"sku": "PAO", "quantity": 3}]}), 201)
    assert [line["quantity"] for line in cart["lines"]] == [5]
    again = ok(post(f"/carts/{cart['id']}/lines/", {"sku": "PAO", "quantity": 4}), 201)
    assert [line["quantity"] for line in again["lines"]] == [9]
    assert again["lines"][0]["id"] == cart["lines"][0]["id"]
    assert reserved()["PAO"] == 9


def test_reading_renews_nothing_and_writing_renews(shelf: None, clock: Traveller) -> None:
    cart = a_cart({"BOLO": 1, "PAO": 1})
    clock.move_to(MONDAY + timedelta(minutes=10), tick=False)
    assert ok(get(f"/carts/{cart['id']}/")) == cart
    changed = ok(patch(f"/carts/{cart['id']}/lines/{line_of(cart, 'PAO')['id']}/", {"quantity": 3}))
    assert line_of(changed, "PAO")["held_until"] == (MONDAY + timedelta(minutes=25)).isoformat()
    assert line_of(changed, "BOLO")["held_until"] == (MONDAY + timedelta(minutes=15)).isoformat()
    assert changed["expires_at"] == (MONDAY + timedelta(hours=24, minutes=10)).isoformat()


def test_a_line_outlives_its_claim_and_says_so(shelf: None, clock: Traveller) -> None:
    cart = a_cart({"BOLO": 1})
    clock.move_to(MONDAY + timedelta(minutes=15), tick=False)
    later = ok(get(f"/carts/{cart['id']}/"))
    assert (later["status"], later["lines"][0]["held_until"]) == ("open", None)


def test_the_price_is_todays_and_the_change_is_told_until_the_line_is_written_again(shelf: None) -> None:
    cart = a_cart({"BOLO": 1})
    Variant.objects.filter(sku="BOLO").update(price=Decimal("64.90"))
    line = ok(get(f"/carts/{cart['id']}/"))["lines"][0]
    assert (line["unit_price"], line["line_total"], line["price_changed"]) == ("64.90", "64.90", {"previous": "59.90"})
    line = ok(patch(f"/carts/{cart['id']}/lines/{line['id']}/", {"quantity": 2}))["lines"][0]
    assert (line["line_total"], line["price_changed"]) == ("129.80", None)


def test_removing_a_line_and_emptying_the_cart_free_the_units(shelf: None) -> None:
    cart = a_cart({"BOLO": 2, "PAO": 10})
    left = ok(delete(f"/carts/{cart['id']}/lines/{line_of(cart, 'BOLO')['id']}/"))
    assert [line["sku"] for line in left["lines"]] == ["PAO"]
    assert reserved() == {"BOLO": 0, "PAO": 10}
    assert ok(delete(f"/carts/{cart['id']}/lines/"))["lines"] == []
    assert reserved() == {"BOLO": 0, "PAO": 0}
    assert ok(delete(f"/carts/{cart['id']}/lines/"))["total"] == "0.00"


def test_out_of_stock_says_how_many_there_are(shelf: None) -> None:
    a_cart({"BOLO": 2})
    cart = a_cart({"BOLO": 1})
    before = everything()
    problem = refused(post(f"/carts/{cart['id']}/lines/", {"sku": "BOLO", "quantity": 3}), 409, "out_of_stock")
    assert (problem["sku"], problem["requested"], problem["available"]) == ("BOLO", 4, 3)
    line = f"/carts/{cart['id']}/lines/{cart['lines'][0]['id']}/"
    refused(patch(line, {"quantity": 4}), 409, "out_of_stock")
    nothing_changed(before)
    assert ok(patch(line, {"quantity": 3}))["lines"][0]["quantity"] == 3


def test_999_of_one_sku_and_no_more(shelf: None) -> None:
    receive(sku="PAO", units=2000)
    cart = a_cart({"PAO": 999})
    before = everything()
    problem = refused(post(f"/carts/{cart['id']}/lines/", {"sku": "PAO", "quantity": 1}), 409, "quantity_limit")
    assert problem["max"] == 999
    nothing_changed(before)


def test_fifty_lines_and_no_more() -> None:
    product = catalog.product()
    for number in range(51):
        catalog.variant(sku=f"S{number}", product=product)
        receive(sku=f"S{number}", units=1)
    cart = a_cart({f"S{number}": 1 for number in range(50)})
    before = everything()
    problem = refused(post(f"/carts/{cart['id']}/lines/", {"sku": "S50", "quantity": 1}), 409, "cart_full")
    assert problem["max"] == 50
    nothing_changed(before)


def test_unknown_and_unsaleable_goods(shelf: None) -> None:
    cart = a_cart({"BOLO": 1})
    catalog.variant(sku="CORTE", product=catalog.product(kind="service"))
    catalog.variant(sku="VELHO", is_active=False)
    before = everything()
    refused(post(f"/carts/{cart['id']}/lines/", {"sku": "NADA", "quantity": 1}), 422, "unknown_sku")
    for sku in ("CORTE", "VELHO"):
        problem = refused(post(f"/carts/{cart['id']}/lines/", {"sku": sku, "quantity": 1}), 422, "not_for_sale")
        assert problem["sku"] == sku
    Product.objects.update(status="archived")
    line = f"/carts/{cart['id']}/lines/{cart['lines'][0]['id']}/"
    refused(patch(line, {"quantity": 2}), 422, "not_for_sale")
    refused(post(f"/carts/{cart['id']}/lines/", {"sku": "BOLO", "quantity": 1}), 422, "not_for_sale")
    nothing_changed(before)
    assert ok(delete(line))["lines"] == []


@pytest.mark.fault("D12")
@pytest.mark.parametrize("status", ["open", "expired", "ordered", "merged"])
def test_a_closed_cart_is_read_and_never_written(shelf: None, clock: Traveller, status: str) -> None:
    cart = a_cart({"BOLO": 1})
    if status != "open":
        Cart.objects.update(status=status)
    else:
        clock.move_to(MONDAY + timedelta(hours=24), tick=False)  # nobody has swept it
    base, line = f"/carts/{cart['id']}", cart["lines"][0]["id"]
    before = everything()
    refused(post(f"{base}/lines/", {"sku": "PAO", "quantity": 1}), 409, "cart_closed")
    refused(patch(f"{base}/lines/{line}/", {"quantity": 2}), 409, "cart_closed")
    refused(delete(f"{base}/lines/{line}/"), 409, "cart_closed")
    refused(delete(f"{base}/lines/"), 409, "cart_closed")
    refused(post(f"{base}/claim/", user=a_customer()), 409, "cart_closed")
    nothing_changed(before)
    assert ok(get(f"{base}/"))["status"] == ("expired" if status == "open" else status)


@pytest.mark.fault("L12")
def test_unknown_carts_and_lines_do_not_exist(shelf: None) -> None:
    cart, nobody = a_cart({"BOLO": 1}), uuid4()
    other = a_cart({"PAO": 1})
    for method, path, body in (
        ("GET", f"/carts/{nobody}/", None),
        ("POST", f"/carts/{nobody}/lines/", {"sku": "BOLO", "quantity": 1}),
        ("DELETE", f"/carts/{nobody}/lines/", None),
        ("POST", f"/carts/{nobody}/quote/", {}),
        ("PATCH", f"/carts/{cart['id']}/lines/{nobody}/", {"quantity": 1}),
        ("DELETE", f"/carts/{cart['id']}/lines/{other['lines'][0]['id']}/", None),
        ("GET", "/carts/1/", None),
        ("GET", "/carts/not-an-id/", None),
    ):
        refused(call(method, path, body), 404, "not_found")


@pytest.mark.fault("F1")
def test_a_customers_cart_is_nobody_elses(shelf: None) -> None:
    owner, stranger = a_customer(), a_customer()
    cart = a_cart({"BOLO": 1}, user=owner)
    base = f"/carts/{cart['id']}"
    before = everything()
    for who in (None, stranger, staff_with("cart.view_cart")):
        refused(get(f"{base}/", user=who), 404, "not_found")
        refused(post(f"{base}/lines/", {"sku": "PAO", "quantity": 1}, user=who), 404, "not_found")
        refused(patch(f"{base}/lines/{cart['lines'][0]['id']}/", {"quantity": 2}, user=who), 404, "not_found")
        refused(delete(f"{base}/lines/", user=who), 404, "not_found")
        refused(post(f"{base}/quote/", {}, user=who), 404, "not_found")
    refused(post(f"{base}/claim/", user=stranger), 404, "not_found")
    nothing_changed(before)
    assert ok(get(f"{base}/", user=owner)) == cart


def test_a_guests_cart_is_whoevers_knows_its_id(shelf: None) -> None:
    cart = a_cart({"BOLO": 1})
    assert ok(get(f"/carts/{cart['id']}/", user=a_customer())) == cart


def test_signing_in_takes_the_cart_along(shelf: None) -> None:
    customer = a_customer()
    cart = a_cart({"BOLO": 1})
    refused(post(f"/carts/{cart['id']}/claim/"), 401, "unauthenticated")
    refused(post(f"/carts/{cart['id']}/claim/", user=staff_with()), 403, "forbidden")
    taken = ok(post(f"/carts/{cart['id']}/claim/", user=customer))
    assert (taken["id"], taken["lines"], taken["notices"]) == (cart["id"], cart["lines"], [])
    refused(get(f"/carts/{cart['id']}/"), 404, "not_found")
    assert ok(post(f"/carts/{cart['id']}/claim/", user=customer))["lines"] == cart["lines"]


def test_signing_in_merges_the_cart_into_the_one_that_is_there(shelf: None) -> None:
    customer = a_customer()
    own = a_cart({"BOLO": 2}, user=customer)
    guest = a_cart({"BOLO": 1, "PAO": 4})
    taken = ok(post(f"/carts/{guest['id']}/claim/", user=customer))
    assert taken["id"] == own["id"]
    assert {line["sku"]: line["quantity"] for line in taken["lines"]} == {"BOLO": 3, "PAO": 4}
    assert ok(get(f"/carts/{guest['id']}/"))["status"] == "merged"
    assert reserved() == {"BOLO": 3, "PAO": 4}


def test_what_ordering_would_cost(shelf: None) -> None:
    cart = a_cart({"BOLO": 1, "PAO": 10})
    before = everything()
    quote = ok(post(f"/carts/{cart['id']}/quote/", {"fulfilment": {"method": "pickup"}, "payment_method": "transfer"}))
    assert {name: quote[name] for name in ("subtotal", "discount", "shipping", "total", "amount_due_now", "currency")} == {
        "subtotal": "68.90", "discount": "0.00", "shipping": "0.00", "total": "68.90", "amount_due_now": "68.90",
        "currency": "BRL",
    }  # fmt: skip
    assert quote["lines"] == cart["lines"]
    assert len(quote["pickup_windows"]) == 115
    assert quote["pickup_windows"][0] == {
        "starts_at": "2026-03-02T14:00:00+00:00", "ends_at": "2026-03-02T15:00:00+00:00",
    }  # fmt: skip
    assert ok(post(f"/carts/{cart['id']}/quote/", {"payment_method": "on_site"}))["amount_due_now"] == "0.00"
    nothing_changed(before)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/carts/"),
        ("PUT", "/carts/{cart}/"),
        ("PATCH", "/carts/{cart}/"),
        ("DELETE", "/carts/{cart}/"),
        ("GET", "/carts/{cart}/lines/"),
        ("PUT", "/carts/{cart}/lines/{line}/"),
        ("GET", "/carts/{cart}/claim/"),
        ("GET", "/carts/{cart}/quote/"),
    ],
)
def test_nothing_else_is_done_to_carts(shelf: None, method: str, path: str) -> None:
    cart = a_cart({"BOLO": 1})
    address = path.format(cart=cart["id"], line=cart["lines"][0]["id"])
    refused(call(method, address, user=a_customer()), 405, "method_not_allowed")


def test_refusals_speak_the_clients_language(shelf: None) -> None:
    def titles(language: str) -> str:
        problem = refused(get(f"/carts/{uuid4()}/", Accept_Language=language), 404, "not_found")
        return str(problem["title"])

    assert titles("pt-BR") == "Não encontramos"
    assert titles("en") == "Not found"
    assert titles("xx") == titles("pt-BR")


@pytest.mark.parametrize(
    ("fulfilment", "problems"),
    [
        ({}, {"/fulfilment/method": "required"}),
        ({"method": "drone"}, {"/fulfilment/method": "invalid_choice"}),
        ({"method": "pickup", "pickup_at": "2026-03-03T12:00:00"}, {"/fulfilment/pickup_at": "offset"}),
        ({"method": "pickup", "x": 1}, {"/fulfilment/x": "unknown_field"}),
        ({"method": "pickup", "address": {}}, {"/fulfilment/address": "not_allowed"}),
        ({"method": "delivery", "person": "Ana"}, {"/fulfilment/person": "not_allowed"}),
        ({"method": "delivery", "address": {"state": "XX"}}, {"/fulfilment/address/state": "state"}),
        ("pickup", {"/fulfilment": "invalid"}),
    ],
)
def test_a_quote_reads_what_it_is_told(shelf: None, fulfilment: Any, problems: dict[str, str]) -> None:
    where = f"/carts/{a_cart({'BOLO': 1})['id']}/quote/"
    assert pointers(post(where, {"fulfilment": fulfilment})) == problems
    assert ok(post(where, {"fulfilment": {"method": "pickup"}}))["total"] == "59.90"
    for enough in ({"method": "delivery"}, {"method": "delivery", "address": {"postal_code": "01310-100"}}):
        refused(post(where, {"fulfilment": enough}), 422, "delivery_unavailable")


def test_taking_over_reads_no_body(shelf: None) -> None:
    where = f"/carts/{a_cart({'BOLO': 1})['id']}/claim/"
    assert pointers(post(where, {"cart": "x"}, user=a_customer())) == {"/cart": "unknown_field"}
    assert Cart.objects.get().customer_id is None
