"""Things sold by weight and by volume, from the shelf into an order: whole grams, one rounding, one price."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from time_machine import Traveller

from accounts.tests.doors import ok, patch, pointers, post, refused
from cart.tests.factories import a_cart, line_of
from catalog.models import Variant
from catalog.tests import factories as catalog
from inventory.models import StockItem
from inventory.tests.factories import MONDAY, receive, stocked
from operations.integrity import findings
from orders.models import Order, OrderLine
from orders.tests.factories import cart_with, hand_over, place, shown
from scheduling.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shelf(time_machine: Traveller) -> Variant:
    """Two and a half kilograms of cheese at 59.90 a kilogram, and pieces of bread."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="PAO", units=2000)
    cheese = catalog.variant(sku="QUEIJO", price=Decimal("59.90"), unit="g", price_per=1000)
    receive(sku="QUEIJO", units=2500)
    return cheese


def bought(units: dict[str, int]) -> Order:
    return Order.objects.get(number=place(cart=cart_with(units=units)).order.number)


def reserved() -> int:
    return StockItem.objects.get(variant__sku="QUEIJO").reserved


def test_grams_go_into_a_cart_and_are_added_up() -> None:
    cart = a_cart({"QUEIJO": 350})
    line = line_of(cart, "QUEIJO")
    assert (line["unit"], line["price_per"], line["unit_price"], line["line_total"]) == ("g", 1000, "59.90", "20.97")
    cart = ok(post(f"/carts/{cart['id']}/lines/", {"sku": "QUEIJO", "quantity": 150}), 201)
    assert (line_of(cart, "QUEIJO")["quantity"], cart["total"], reserved()) == (500, "29.95", 500)
    where = f"/carts/{cart['id']}/lines/{line['id']}/"
    assert ok(patch(where, {"quantity": 2500}), 200)["total"] == "149.75"
    problem = refused(patch(where, {"quantity": 2501}), 409, "out_of_stock")
    assert (problem["requested"], problem["available"], reserved()) == (2501, 2500, 2500)


def test_pieces_end_at_999_and_grams_at_100_000() -> None:
    cart = a_cart()
    lines = f"/carts/{cart['id']}/lines/"
    assert pointers(post(lines, {"sku": "PAO", "quantity": 1000})) == {"/quantity": "max_value"}
    assert pointers(post(lines, {"sku": "QUEIJO", "quantity": 100_001})) == {"/quantity": "max_value"}
    wanted = [{"sku": "QUEIJO", "quantity": 1000}, {"sku": "PAO", "quantity": 1000}]
    assert pointers(post("/carts/", {"lines": wanted})) == {"/lines/1/quantity": "max_value"}
    receive(sku="QUEIJO", units=200_000)
    twice = [{"sku": "QUEIJO", "quantity": 60_000}, {"sku": "QUEIJO", "quantity": 60_000}]
    assert refused(post("/carts/", {"lines": twice}), 409, "quantity_limit")["max"] == 100_000
    make.set_policy(max_units_held=0)
    most = ok(post(lines, {"sku": "QUEIJO", "quantity": 100_000}), 201)
    assert most["total"] == "5990.00"
    assert refused(post(lines, {"sku": "QUEIJO", "quantity": 1}), 409, "quantity_limit")["max"] == 100_000


def test_a_begun_kilogram_counts_as_a_piece_of_what_one_person_may_keep() -> None:
    make.set_policy(max_units_held=3)
    cart = a_cart({"QUEIJO": 1001, "PAO": 1})
    lines = f"/carts/{cart['id']}/lines/"
    assert refused(post(lines, {"sku": "PAO", "quantity": 1}), 409, "too_many_holds")["max"] == 3
    assert refused(post(lines, {"sku": "QUEIJO", "quantity": 1000}), 409, "too_many_holds")["max"] == 3
    assert ok(post(lines, {"sku": "QUEIJO", "quantity": 999}), 201)["lines"]


def test_an_order_keeps_what_it_was_counted_in_and_is_handed_over_in_parts() -> None:
    order = bought({"QUEIJO": 350, "PAO": 2})
    cheese = order.lines.get(sku="QUEIJO")
    assert (cheese.quantity, cheese.unit, cheese.price_per, cheese.line_total) == (350, "g", 1000, Decimal("20.97"))
    assert order.total == Decimal("40.97")
    assert str(cheese) == "350 g " + cheese.name
    hand_over(order=order)
    item = StockItem.objects.get(variant__sku="QUEIJO")
    assert (item.on_hand, item.reserved) == (2150, 0)
    assert findings(now=MONDAY) == []


def test_the_database_holds_it_too(shelf: Variant) -> None:
    order = bought({"QUEIJO": 350})
    line = order.lines.get()

    def refused_by(constraint: str, values: dict[str, Any]) -> None:
        fresh = {**vars(line), "id": None, "position": 9, "claim": order.public_id, **values}
        fields = {field.attname: fresh[field.attname] for field in OrderLine._meta.concrete_fields}
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            OrderLine.objects.create(**{**fields, "public_id": order.public_id})

    refused_by("orderline_unit_known", {"unit": "kg"})
    refused_by("orderline_unit_known", {"unit": "piece"})
    refused_by("orderline_total_adds_up", {"line_total": Decimal("20.96")})
    refused_by("orderline_quantity_bounds", {"quantity": 100_001, "line_total": Decimal("5990.06")})
    pieces = {"unit": "piece", "price_per": 1, "quantity": 1000, "unit_price": Decimal("1.00")}
    refused_by("orderline_quantity_bounds", {**pieces, "line_total": Decimal("1000.00")})
    with pytest.raises(IntegrityError, match="catalog_variant"), transaction.atomic():
        Variant.objects.filter(pk=shelf.pk).update(unit="ml")
    with pytest.raises(IntegrityError, match="variant_unit_known"), transaction.atomic():
        catalog.variant(sku="TORTO", unit="piece", price_per=1000)


def test_a_line_of_grams_is_sealed_with_its_unit() -> None:
    bought({"QUEIJO": 350})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE orders_orderline SET unit = 'ml'")
    [found] = findings(now=MONDAY)
    assert found.startswith("orders.digest:")


def test_what_is_shown_of_an_order_says_how_it_was_counted() -> None:
    order = bought({"QUEIJO": 350})
    [line] = shown(order=order)["lines"]
    assert (line["quantity"], line["unit"], line["price_per"], line["unit_price"]) == (350, "g", 1000, "59.90")
