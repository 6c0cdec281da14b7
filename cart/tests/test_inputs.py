"""What a cart is told that is no cart talk: refused with a pointer, and nothing is written."""

from typing import Any

import pytest
from time_machine import Traveller

from accounts.tests.doors import call, get, ok, patch, pointers, post, refused
from cart.models import CartLine
from cart.tests.factories import a_cart
from inventory.models import StockItem
from inventory.tests.factories import MONDAY, stocked

pytestmark = [pytest.mark.django_db, pytest.mark.fault("A20")]

DIGITS = b"9" * 5000


@pytest.fixture(autouse=True)
def line(time_machine: Traveller) -> str:
    """The address of a line with two cakes."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=2000)
    cart = a_cart({"BOLO": 2})
    return f"/carts/{cart['id']}/lines/{cart['lines'][0]['id']}/"


def untouched() -> bool:
    return list(CartLine.objects.values_list("quantity", flat=True)) == [2] and StockItem.objects.get().reserved == 2


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (b"true", "invalid"),
        (b"null", "null"),
        (b'"1"', "invalid"),
        (b"1.0", "invalid"),
        (b"1.5", "invalid"),
        (b"1e2", "invalid"),
        (b"0", "min_value"),
        (b"-1", "min_value"),
        (b"-0", "min_value"),
        (b"1000", "max_value"),
        (b"9223372036854775808", "max_value"),
        ('"１２"'.encode(), "invalid"),
        (b'"1_000"', "invalid"),
        (b"[1]", "invalid"),
        (b'{"a": 1}', "invalid"),
    ],
)
def test_a_quantity_is_a_whole_number_from_1_to_999(line: str, written: bytes, code: str) -> None:
    assert pointers(patch(line, b'{"quantity": ' + written + b"}")) == {"/quantity": code}
    lines = line.rsplit("/", 2)[0] + "/"
    assert pointers(post(lines, b'{"sku": "BOLO", "quantity": ' + written + b"}")) == {"/quantity": code}
    wanted = b'{"lines": [{"sku": "BOLO", "quantity": 1}, {"sku": "BOLO", "quantity": ' + written + b"}]}"
    assert pointers(post("/carts/", wanted)) == {"/lines/1/quantity": code}
    assert untouched()


@pytest.mark.fault("E5")
@pytest.mark.fault("E6")
@pytest.mark.fault("E7")
@pytest.mark.parametrize(
    "body",
    [
        b'{"quantity": 1e400}',
        b'{"quantity": -1e400}',
        b'{"quantity": NaN}',
        b'{"quantity": Infinity}',
        b'{"quantity": ' + DIGITS + b"}",
        '{"quantity": １２}'.encode(),
        b'{"quantity": 1_000}',
        b'{"quantity": 0x10}',
        b'{"quantity": 01}',
        b'{"quantity": 1, "quantity": 2}',
        b'{"quantity": 1',
        b"quantity=1",
        b"",
        b"\xff\xfe",
    ],
)
def test_what_is_no_json_number_is_no_json(line: str, body: bytes) -> None:
    refused(patch(line, body), 400, "invalid_request")
    assert untouched()


@pytest.mark.parametrize("body", [[], "text", 1, None, [{"quantity": 1}]])
def test_a_body_is_an_object(line: str, body: Any) -> None:
    refused(call("PATCH", line, body), 400, "invalid_request")
    assert untouched()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, {"/sku": "required", "/quantity": "required"}),
        ({"sku": "BOLO"}, {"/quantity": "required"}),
        ({"quantity": 1}, {"/sku": "required"}),
        ({"sku": "BOLO", "quantity": 1, "price": "0.01"}, {"/price": "unknown_field"}),
        ({"sku": "BOLO", "quantity": 0, "unit_price": 1, "claim": 2}, {
            "/quantity": "min_value", "/unit_price": "unknown_field", "/claim": "unknown_field",
        }),
        ({"sku": "", "quantity": 1}, {"/sku": "blank"}),
        ({"sku": "a" * 65, "quantity": 1}, {"/sku": "sku"}),
        ({"sku": "BOLO ", "quantity": 1}, {"/sku": "sku"}),
        ({"sku": "ＢＯＬＯ", "quantity": 1}, {"/sku": "sku"}),
        ({"sku": "B'; DROP TABLE cart_cart; --", "quantity": 1}, {"/sku": "sku"}),
        ({"sku": 7, "quantity": 1}, {"/sku": "sku"}),
        ({"sku": "BOLO", "quantity": 1, "starts_at": "2026-03-03T10:00:00-03:00"}, {"/starts_at": "not_allowed"}),
        ({"services": ["X"], "starts_at": "2026-03-03T10:00:00"}, {"/starts_at": "offset"}),
        ({"services": ["X"], "starts_at": "tomorrow", "quantity": 1}, {"/starts_at": "invalid"}),
        ({"services": [], "starts_at": "2026-03-03T10:00:00Z"}, {"/services": "min_length"}),
    ],
)  # fmt: skip
def test_a_line_is_units_or_a_visit_and_nothing_besides(
    line: str, wanted: dict[str, Any], expected: dict[str, str]
) -> None:
    lines = line.rsplit("/", 2)[0] + "/"
    assert pointers(post(lines, wanted)) == expected
    assert untouched()


def test_a_cart_begins_with_fifty_lines_at_most() -> None:
    for number in range(51):
        stocked(sku=f"S{number}", units=9)
    wanted = [{"sku": f"S{number}", "quantity": 1} for number in range(51)]
    refused(post("/carts/", {"lines": wanted}), 409, "cart_full")
    assert CartLine.objects.count() == 1
    repeated = [*wanted[:50], {"sku": "S0", "quantity": 2}]
    assert len(ok(post("/carts/", {"lines": repeated}), 201)["lines"]) == 50
    assert pointers(post("/carts/", {"lines": wanted * 2})) == {"/lines": "max_length"}
    assert pointers(post("/carts/", {"customer": 1, "status": "ordered"})) == {
        "/customer": "unknown_field", "/status": "unknown_field",
    }  # fmt: skip


def test_a_quote_asks_only_for_what_there_is(line: str) -> None:
    base = "/" + "/".join(line.split("/")[1:3])
    assert pointers(post(f"{base}/quote/", {"payment_method": "gold", "coupon": "X"})) == {
        "/payment_method": "invalid_choice", "/coupon": "unknown_field",
    }  # fmt: skip
    assert pointers(get(f"{base}/?expand=lines")) == {"/expand": "unknown_field"}
    assert untouched()


@pytest.mark.fault("E1")
@pytest.mark.fault("E2")
@pytest.mark.parametrize("body", [b'{"sku": "BO\\u0000LO", "quantity": 1}', b'{"sku": "\\ud800", "quantity": 1}'])
def test_text_that_no_database_holds(line: str, body: bytes) -> None:
    refused(post(line.rsplit("/", 2)[0] + "/", body), 400, "invalid_request")
    assert untouched()


@pytest.mark.fault("E10")
def test_only_json_is_read(line: str) -> None:
    form = call("PATCH", line, "quantity=1", Content_Type="application/x-www-form-urlencoded")
    refused(form, 415, "unsupported_media_type")
    refused(get(line.rsplit("/", 3)[0] + "/", Accept="text/html"), 406, "not_acceptable")
    assert untouched()


def test_a_cart_that_was_refused_is_still_good(line: str) -> None:
    refused(patch(line, {"quantity": 0}), 400, "invalid_request")
    assert ok(patch(line, {"quantity": 3}))["lines"][0]["quantity"] == 3
