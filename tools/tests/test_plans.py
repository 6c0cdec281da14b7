"""Snapshots of plans: what they leave out, and what they complain of."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings

from catalog.models import Category
from common.testing import counted_by_the_planner
from inventory.tests.factories import MONDAY
from operations.tests.scenarios import held_open
from tools.calls.every import calls
from tools.calls.ground import Ground
from tools.plans import keeping
from tools.plans.__main__ import differences
from tools.plans.asking import Caught, carried_out, caught, explaining, plans, whole_indexes
from tools.plans.keeping import Planned
from tools.plans.shapes import nodes, read_whole, shape, statement

SELECT = 'SELECT "a"."id", "a"."b", "a"."c" FROM "a" WHERE "a"."id" IN (%s, %s) LIMIT 21'


LARGER = {
    *("accounts_customer", "accounts_user", "cart_keptunits", "common_idempotencyrecord", "common_outboxmessage"),
    *("inventory_stockreservation", "payments_refund", "scheduling_appointment", "scheduling_appointmentevent"),
}
"""Tables that are big in a larger shop than the snapshots are of, or in one with more accounts and visits."""

READ_WHOLE = keeping.KNOWN | {
    "40b7fd82": "a report of a year whose days are not summed yet, in a shop that is no older",
    "941c8c89": "the years in which there were visits, from an index alone",
}
"""Statements that read all of a big table here, by their key, and why they may."""
UNHEARD = {"POST /payments/webhooks/{gateway}/"}
"""Calls that the tests' shop does not understand: it has no gateway of which it knows a secret."""


def scan(table: str, **more: Any) -> dict[str, Any]:
    return {"Node Type": "Seq Scan", "Relation Name": table} | more


def by_index(table: str, index: str, **more: Any) -> dict[str, Any]:
    return {"Node Type": "Index Scan", "Relation Name": table, "Index Name": index} | more


def test_values_limits_and_lists_of_columns_make_no_other_statement() -> None:
    with_a_column_more = 'SELECT "a"."id", "a"."b", "a"."c", "a"."d"\n FROM "a" WHERE "a"."id" IN (%s, %s, %s) LIMIT 5'
    assert statement(SELECT).form == 'SELECT … FROM "a" WHERE "a"."id" IN (…) LIMIT n'
    assert statement(with_a_column_more).key == statement(SELECT).key
    assert statement(SELECT.replace('WHERE "a"."id"', 'WHERE "a"."b"')).key != statement(SELECT).key


def test_a_shape_is_how_big_tables_are_reached_whatever_is_joined_and_sorted() -> None:
    found = {"Node Type": "Bitmap Index Scan", "Index Name": "b_words"}
    other = {"Node Type": "Bitmap Index Scan", "Index Name": "b_kind"}
    either = {"Node Type": "BitmapOr", "Plans": [found, other]}
    bitmap = {"Node Type": "Bitmap Heap Scan", "Relation Name": "b", "Plans": [either]}
    joined = {"Node Type": "Hash Join", "Plans": [bitmap, by_index("a", "a_pkey"), scan("small"), scan("c")]}
    turned = {"Node Type": "Nested Loop", "Plans": [scan("c"), {"Node Type": "Sort", "Plans": [joined]}]}
    for plan in (joined, turned):
        assert shape(plan, big={"a", "b", "c"}).splitlines() == [
            "a by a_pkey",
            "b by b_kind",
            "b by b_words",
            "c row by row",
        ]
    assert shape(joined, big={"other"}) == ""


@pytest.mark.parametrize(
    ("plan", "complaints"),
    [
        (scan("big"), ["big is read row by row"]),
        (scan("small"), []),
        ({"Node Type": "Limit", "Plans": [scan("big")]}, []),
        ({"Node Type": "Limit", "Plans": [scan("big", Filter="(a = 1)")]}, ["big is read row by row"]),
        (by_index("big", "big_pkey"), ["all of big_pkey is read"]),
        (by_index("big", "big_pkey", **{"Index Cond": "(id = 1)"}), []),
        (by_index("big", "big_some"), []),
        ({"Node Type": "Limit", "Plans": [by_index("big", "big_pkey")]}, []),
        ({"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Plans": [scan("big")]}]}, ["big is read row by row"]),
        ({"Node Type": "Aggregate", "Plans": [{"Node Type": "Limit", "Plans": [scan("big")]}]}, []),
    ],
)
def test_what_reads_a_big_table_from_end_to_end_is_complained_of(plan: Any, complaints: list[str]) -> None:
    assert read_whole(plan, big={"big"}, whole_indexes={"big_pkey"}) == complaints


@pytest.mark.parametrize(
    ("read", "complaints"),
    [
        ({"Actual Rows": 1000, "Rows Removed by Filter": 98_999, "Actual Loops": 1}, []),
        ({"Actual Rows": 1000, "Rows Removed by Filter": 99_000, "Actual Loops": 1}, ["big is read row by row"]),
        ({"Actual Rows": 1000, "Rows Removed by Filter": 49_000, "Actual Loops": 2}, ["big is read row by row"]),
        ({}, ["big is read row by row"]),
    ],
)
def test_a_scan_that_its_limit_soon_ended_is_none_of_a_whole_table(read: Any, complaints: list[str]) -> None:
    unlimited = scan("big", Filter="(a = 1)", **read)
    plan = {"Node Type": "Limit", "Plans": [unlimited]}
    assert read_whole(plan, big={"big"}, whole_indexes=set(), rows={"big": 1_000_000}) == complaints
    assert read_whole(unlimited, big={"big"}, whole_indexes=set(), rows={"big": 1_000_000}) != []


@pytest.mark.parametrize(
    ("read", "complaints"),
    [
        ({"Actual Rows": 99_999, "Actual Loops": 1}, []),
        ({"Actual Rows": 100_000, "Actual Loops": 1}, ["all of big_pkey is read"]),
        ({}, ["all of big_pkey is read"]),
    ],
)
def test_an_index_that_a_join_soon_left_was_not_read_whole(read: Any, complaints: list[str]) -> None:
    plan = {"Node Type": "Merge Join", "Plans": [by_index("big", "big_pkey", **read), scan("small")]}
    assert read_whole(plan, big={"big"}, whole_indexes={"big_pkey"}, rows={"big": 1_000_000}) == complaints


@pytest.mark.django_db
def test_a_statement_is_carried_out_where_it_only_reads() -> None:
    ran = Caught()
    with connection.execute_wrapper(ran), transaction.atomic():
        list(Category.objects.filter(name="None")[:5])
        list(Category.objects.select_for_update().filter(name="None"))
        Category.objects.filter(name="None").update(name="Some")
    plans = [carried_out(ran, form) for form in ran.of]
    assert [plan is not None and "Actual Rows" in tuple(nodes(plan))[-1] for plan in plans] == [True, False, False]


def test_snapshots_are_read_as_they_were_written_and_each_stands_once(tmp_path: Path) -> None:
    one, other = (Planned(statement(SELECT), text) for text in ("a by x\nb row by row", "a by y"))
    keeping.write({"GET /a/": [one, one], "GET /b/": [other, one]}, rows={"a": 7}, orders=5, folder=tmp_path / "5")
    assert keeping.kept(tmp_path) == {one.statement.key: {one.shape, other.shape}}
    assert keeping.big_tables(tmp_path) == {"a"}
    assert (tmp_path / "5" / "get-b.txt").read_text().count("[") == 1


def test_another_plan_is_told_only_where_no_sample_is_as_it_was() -> None:
    said, new = statement(SELECT), statement("SELECT 1")
    found = {"GET /a/": [Planned(said, "a by x"), Planned(said, "a by y"), Planned(new, "a by x")]}
    assert differences(found, {said.key: {"a by y", "a by z"}, new.key: {"a by x"}}) == ([], [])
    [other], [missing] = differences(found, {said.key: {"a by z"}})
    assert other.startswith(f"GET /a/: another plan\n  [{said.key}]")
    assert missing.startswith(f"GET /a/: no snapshot of [{new.key}]")


def test_what_is_known_to_be_read_from_end_to_end_is_still_asked() -> None:
    assert set(keeping.KNOWN) - set(keeping.kept(keeping.KEPT)) == set()


@pytest.fixture(scope="module")
def ground(django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """The demonstration on a Monday, made once."""
    files = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"), SHOP_NOW=MONDAY)
    with django_db_blocker.unblock(), files, held_open():
        call_command("seed_demo", orders=200, verbosity=0)
        counted_by_the_planner()  # plans are of what is there, not of what tests before have left
        yield Ground()


def believed_large(tables: Iterable[str]) -> None:
    """Have PostgreSQL believe that tables hold a million rows each, on the pages that they have."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                "SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', %s::text, 'reltuples', 1e6::real,"
                " 'relpages', greatest(1, pg_relation_size(%s::regclass) / 8192)::int)",
                [table, table],
            )


@pytest.mark.timeout(600)
@pytest.mark.django_db
def test_every_statement_has_an_index_to_read_big_tables_by(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where tables are believed to be large and scans are forbidden, an index that serves is taken, with a condition."""
    big, whole, unserved = keeping.big_tables(keeping.KEPT) | LARGER, whole_indexes(), []
    believed_large(big)
    for page in admin.site._registry.values():  # a list of one page has no limit
        monkeypatch.setattr(page, "list_per_page", 1)
    for call in calls():
        if call.is_file or call.route in UNHEARD:
            continue
        statements = caught(call, ground)
        with explaining(enable_seqscan="off"):
            for one, plan in plans(statements):
                wholes = [] if one.key in READ_WHOLE else read_whole(plan, big=big, whole_indexes=whole)
                unserved += [f"{call.name}: {what}: [{one.key}] {one.form}" for what in wholes]
    assert unserved == []
