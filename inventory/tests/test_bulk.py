"""Many shelves at once: the same as one after the other, or nothing."""

import random
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.tests import factories as catalog
from catalog.tests.factories import NOW, OWNER
from common import sql
from common.testing import undone
from common.transactions import unit_of_work
from inventory import services as inventory
from inventory.models import StockItem, StockMovement, StockReservation
from inventory.services import bulk

pytestmark = pytest.mark.django_db
SOURCE = "SELECT * FROM unnest(%(numbers)s::integer[], %(variants)s::bigint[], %(ways)s::text[], %(units)s::integer[])"

Row = tuple[Any, str, int]


def fill(rows: list[Row]) -> None:
    bulk.fill(
        source=SOURCE,
        parameters={
            "numbers": list(range(2, len(rows) + 2)),
            "variants": [variant.pk if variant else None for variant, _way, _units in rows],
            "ways": [way for _variant, way, _units in rows],
            "units": [units for *_rest, units in rows],
        },
    )


def write(*rows: Row) -> list[tuple[int, str]]:
    with unit_of_work():
        fill(list(rows))
        bulk.compare(now=NOW, locked=True)
        found = bulk.write(reason="Planilha", actor=OWNER, now=NOW)
        if found:
            transaction.set_rollback(True)
        return found


def shelf(*, on_hand: int, reserved: int = 0, ran_out: int = 0) -> Any:
    variant = catalog.variant()
    if on_hand:
        inventory.adjust_stock(sku=variant.sku, operation="add", quantity=on_hand, reason="x", actor=OWNER, now=NOW)
        item = StockItem.objects.get(variant=variant)
        for quantity, until in ((reserved, None), (ran_out, NOW - timedelta(minutes=1))):
            if quantity:
                claim = UUID(int=random.getrandbits(128))
                StockReservation.objects.create(stock_item=item, claim=claim, quantity=quantity, expires_at=until)
        StockItem.objects.filter(pk=item.pk).update(reserved=reserved + ran_out)
    return variant


def whole_stock() -> Any:
    movements = StockMovement.objects.values_list(
        "stock_item__variant__sku", "kind", "delta", "on_hand_after", "reason", "reference", "claim", "actor_id", "door"
    )
    items = StockItem.objects.order_by("variant__sku").values_list("variant__sku", "on_hand", "reserved")
    return sorted(map(str, movements)), list(items), StockReservation.objects.count()


@pytest.mark.parametrize("seed", range(4))
def test_a_table_moves_what_the_single_service_moves(seed: int) -> None:
    chance = random.Random(seed)
    shelves = [
        shelf(on_hand=chance.choice([0, 10, 20]), reserved=chance.randint(0, 4), ran_out=chance.randint(0, 4))
        for _one in range(12)
    ]
    rows: list[Row] = []
    for variant in shelves:
        there = StockItem.objects.filter(variant=variant).values_list("on_hand", flat=True).first() or 0
        way = chance.choice(["add", "set"])
        rows.append((variant, way, chance.choice([n for n in (5, 9, 30) if way == "add" or n != there])))
    with undone():
        for variant, way, units in rows:
            inventory.adjust_stock(
                sku=variant.sku, operation=cast("Any", way), quantity=units, reason="Planilha", actor=OWNER, now=NOW
            )
        one_by_one = whole_stock()

    assert write(*rows) == []

    assert whole_stock() == one_by_one


def test_never_fewer_than_are_promised_and_then_nothing_at_all() -> None:
    kept, free = shelf(on_hand=10, reserved=6), shelf(on_hand=10, ran_out=6)
    before = whole_stock()

    assert write((free, "set", 1), (kept, "set", 5)) == [(3, "below_reserved")]
    assert whole_stock() == before
    assert write((free, "set", 1), (kept, "set", 6)) == []


def test_more_than_a_shelf_can_hold() -> None:
    assert write((shelf(on_hand=10), "add", 1_000_000_000)) == [(2, "too_many")]


def test_a_count_that_finds_what_is_there_moves_nothing() -> None:
    variant = shelf(on_hand=10)

    assert write((variant, "set", 10)) == []
    assert StockMovement.objects.count() == 1


def test_a_preview_knows_variants_to_come() -> None:
    there = shelf(on_hand=4)
    with unit_of_work():
        fill([(there, "add", 3), (None, "set", 7)])
        bulk.compare(now=NOW)
        found = sql.rows("SELECT before, after, problem FROM stock_verdict ORDER BY number", {})

    assert found == [(4, 7, None), (0, 7, None)]


def test_the_number_of_statements_does_not_depend_on_the_number_of_rows() -> None:
    counts = []
    for number in (2, 40):
        rows: list[Row] = [(shelf(on_hand=10, ran_out=1), "add", 1) for _one in range(number)]
        with CaptureQueriesContext(connection) as captured:
            assert write(*rows) == []
        counts.append(len(captured))
    assert counts[0] == counts[1]
