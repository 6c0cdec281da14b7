"""What the database writes down of a change, whoever makes it, and that nobody rewrites it."""

from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import Entry
from catalog.models import Variant
from catalog.tests import factories as catalog
from common.testing import ASLEEP, AWAKE, race
from common.transactions import unit_of_work
from inventory.models import StockItem
from inventory.tests.factories import stocked
from operations.integrity import CHECKS, examine
from orders.tests.factories import MONDAY, cart_with, ordered

pytestmark = pytest.mark.django_db(transaction=True)

AUDIT = [check for check in CHECKS if check.name.startswith("audit.")]


def entries(table: str, row: int) -> list[Entry]:
    return list(Entry.objects.filter(table_name=table, row_id=row).order_by("seq"))


def found() -> dict[str, list[dict[str, Any]]]:
    """The findings of the checks that look at what was written down."""
    return {result.check.name: result.rows for result in examine(now=MONDAY, checks=AUDIT).results if result.rows}


@pytest.fixture
def bread() -> Variant:
    return catalog.variant(sku="BREAD", price=Decimal("10.00"))


def test_sql_from_elsewhere_is_written_down_with_the_role(bread: Variant, operator: psycopg.Connection[Any]) -> None:
    operator.execute("SET timezone = 'America/Sao_Paulo'")
    operator.execute("UPDATE catalog_variant SET price = 1, name = 'Cheap' WHERE id = %s", [bread.pk])
    entry = entries("catalog_variant", bread.pk)[-1]
    assert (entry.action, entry.seq) == ("update", 2)
    assert (entry.before, entry.after) == ({"price": 10.0, "name": ""}, {"price": 1, "name": "Cheap"})
    assert entry.subject == f"catalog_product:{bread.product_id}"
    assert (entry.actor, entry.role) == (f"role:{operator.info.user}", operator.info.user)
    assert (entry.door, entry.by_hand, entry.request_id) == ("sql psql", True, "")
    operator.execute("DELETE FROM catalog_variant WHERE id = %s", [bread.pk])
    gone = entries("catalog_variant", bread.pk)[-1]
    assert (gone.action, gone.before["sku"], gone.after) == ("delete", "BREAD", {})
    assert found() == {}


def test_somebody_at_psql_may_say_who_they_are(bread: Variant, operator: psycopg.Connection[Any]) -> None:
    operator.execute("SET balcao.actor = 'Maria, who looks after the server'")
    operator.execute("UPDATE catalog_variant SET price = 2 WHERE id = %s", [bread.pk])
    entry = entries("catalog_variant", bread.pk)[-1]
    assert (entry.actor, entry.by_hand) == ("Maria, who looks after the server", True)


def test_what_changes_nothing_is_no_change(bread: Variant, operator: psycopg.Connection[Any]) -> None:
    operator.execute("UPDATE catalog_variant SET price = price WHERE id = %s", [bread.pk])
    operator.execute("UPDATE catalog_product SET updated_at = now() WHERE id = %s", [bread.product_id])
    assert [entry.action for entry in entries("catalog_variant", bread.pk)] == ["insert"]
    assert [entry.action for entry in entries("catalog_product", bread.product_id)] == ["insert"]


def test_units_kept_by_the_shop_are_not_written_down_twice(operator: psycopg.Connection[Any]) -> None:
    item = StockItem.objects.get(variant=stocked(sku="BREAD", units=9))
    written = len(entries("inventory_stockitem", item.pk))
    cart_with(units={"BREAD": 2})
    assert len(entries("inventory_stockitem", item.pk)) == written
    operator.execute("UPDATE inventory_stockitem SET reserved = 1 WHERE id = %s", [item.pk])
    entry = entries("inventory_stockitem", item.pk)[-1]
    assert (entry.before, entry.after) == ({"reserved": 2}, {"reserved": 1})
    assert found() == {}


def test_an_order_that_somebody_writes_by_sql_is_written_down(operator: psycopg.Connection[Any]) -> None:
    stocked(sku="BREAD", units=9)
    order = ordered(units={"BREAD": 1}, payment_method="transfer")
    assert entries("orders_order", order.pk) == []
    operator.execute(
        """INSERT INTO payments_payment (public_id, order_id, gateway, method, tender, status, amount, currency, reference,
               gateway_reference, given, return_url, failure, actor_kind, actor_id, created_at)
           VALUES (gen_random_uuid(), %s, 'transfer', 'transfer', '', 'pending', 1, 'BRL', 'Maria', '', '{}', '', '',
               'staff', '', now())""",
        [order.pk],
    )
    entry = Entry.objects.get(table_name="payments_payment")
    assert (entry.action, entry.subject, entry.by_hand) == ("insert", f"orders_order:{order.pk}", True)
    assert "Maria" not in str(entry.after)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'nobody'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        """INSERT INTO audit_entry (at, table_name, row_id, seq, subject, action, before, after, unsaid, actor, door,
               request_id, role, by_hand, digest)
           SELECT at, table_name, row_id, seq + 1, subject, action, before, after, unsaid, actor, door, request_id, role,
               by_hand, digest FROM audit_entry""",
    ],
)
def test_what_was_written_stays_and_only_triggers_write(bread: Variant, statement: str) -> None:
    before = list(Entry.objects.order_by("pk").values())
    with pytest.raises(DatabaseError, match="audit_entry"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(Entry.objects.order_by("pk").values()) == before


def asleep(*statements: str) -> None:
    """Do what somebody with the keys to the server could do."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (ASLEEP, *statements, AWAKE):
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("statement", "check", "steps"),
    [
        ("UPDATE audit_entry SET after = '{}' WHERE table_name = 'catalog_variant' AND seq = 2", "audit.chains", [2]),
        ("DELETE FROM audit_entry WHERE table_name = 'catalog_variant' AND seq = 2", "audit.chains", [3]),
        (
            """UPDATE audit_entry e SET actor = 'nobody', digest = audit_digest(
                   (SELECT digest FROM audit_entry WHERE table_name = 'catalog_variant' AND seq = 1),
                   (SELECT x FROM (SELECT (e.*)::audit_entry AS x) y))
               WHERE table_name = 'catalog_variant' AND seq = 2""",
            "audit.chains",
            [2],
        ),
        ("DELETE FROM audit_entry WHERE table_name = 'catalog_variant' AND seq = 3", "audit.rows_are_as_told", [2]),
        ("UPDATE catalog_variant SET price = 99", "audit.rows_are_as_told", [3]),
        ("DELETE FROM catalog_variant", "audit.rows_are_as_told", [3]),
    ],
)
def test_what_is_done_behind_the_triggers_is_found(
    bread: Variant, statement: str, check: str, steps: list[int]
) -> None:
    for price in (11, 12):
        Variant.objects.filter(pk=bread.pk).update(price=price)
    assert found() == {}
    asleep(statement)
    assert {name: [row["step"] for row in rows] for name, rows in found().items()} == {check: steps}


def test_changes_of_one_row_at_once_make_one_chain(bread: Variant) -> None:
    def change(number: int) -> None:
        with unit_of_work():
            Variant.objects.filter(pk=bread.pk).update(position=number + 1)

    assert race(workers=8, work=change) == [None] * 8
    written = entries("catalog_variant", bread.pk)
    assert [entry.seq for entry in written] == list(range(1, 10))
    places = [0, *(entry.after["position"] for entry in written[1:])]
    assert [entry.before["position"] for entry in written[1:]] == places[:-1]
    assert found() == {}


def test_whoever_changes_another_row_waits_for_nobody(bread: Variant, operator: psycopg.Connection[Any]) -> None:
    cake = catalog.variant(sku="CAKE", product=bread.product)
    operator.execute("SET lock_timeout = '100ms'")
    with unit_of_work():
        Variant.objects.filter(pk=bread.pk).update(price=11)
        operator.execute("UPDATE catalog_variant SET price = 12 WHERE id = %s", [cake.pk])
    assert [entries("catalog_variant", row.pk)[-1].after for row in (bread, cake)] == [{"price": 11.0}, {"price": 12}]


def test_what_is_undone_was_not_written(bread: Variant) -> None:
    with unit_of_work():
        Variant.objects.filter(pk=bread.pk).update(price=11)
        transaction.set_rollback(True)
    assert [entry.action for entry in entries("catalog_variant", bread.pk)] == ["insert"]


def test_emptying_a_table_is_written_down(bread: Variant, operator: psycopg.Connection[Any]) -> None:
    operator.execute("INSERT INTO auth_group (name) VALUES ('planted')")
    operator.execute("TRUNCATE catalog_productimage")
    entry = Entry.objects.get(table_name="catalog_productimage")
    assert (entry.action, entry.row_id, entry.subject) == ("truncate", 0, "catalog_productimage:0")
    assert found() == {}
