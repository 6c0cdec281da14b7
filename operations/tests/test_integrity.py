"""Every check is silent on a healthy shop and finds the corruption planted for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from operations.integrity import CHECKS, Check, examine, findings, sql
from operations.integrity.checks_schema import actual_triggers, expected_constraints, expected_triggers
from operations.integrity.examination import MOST_ROWS
from operations.tests.corruptions import PLANTS
from operations.tests.scenarios import World, guards_asleep, held_open, open_for_business
from orders.models import Order, OrderLine
from orders.seals import digest_like

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: Any, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), held_open():
        yield open_for_business()


@pytest.fixture(autouse=True)
def _opened_before_each_test(world: World) -> None:
    """The shop is opened once; the transaction of each test lies inside its transaction."""


def test_healthy(world: World) -> None:
    report = examine(now=world.now)
    assert findings(now=world.now) == []
    assert {result.check.name: result.rows for result in report.results if result.rows} == {}
    assert len(report.results) == len(CHECKS)


def plant(name: str, world: World) -> None:
    with guards_asleep(), connection.cursor() as cursor:
        for statement in PLANTS[name]:
            cursor.execute(statement, world.keys())


@pytest.mark.parametrize("name", sorted(PLANTS))
def test_finds_what_is_planted(name: str, world: World) -> None:
    plant(name, world)
    report = examine(now=world.now)
    found = {result.check.name: result for result in report.results if not result.kept}
    assert name in found
    assert found[name].failure == ""
    assert len(found[name].rows) >= 1
    assert found[name] in [*report.findings, *report.warnings, *report.notes]


def test_every_check_has_its_corruption() -> None:
    assert sorted(PLANTS) == sorted(check.name for check in CHECKS)


def test_orders_sealed_by_the_first_rule_stay_verifiable(world: World) -> None:
    with guards_asleep():
        for order in Order.objects.all():
            order.digest = digest_like("", order=order, lines=list(order.lines.order_by("position")))
            order.save(update_fields=["digest"])
    assert findings(now=world.now) == []
    plant("orders.digest", world)
    assert [finding.check.name for finding in examine(now=world.now).findings] == ["orders.digest"]


def test_a_visit_that_is_no_snapshot_any_more_is_found(world: World) -> None:
    with guards_asleep():
        assert OrderLine.objects.filter(kind="visit").update(appointment={}) > 0
    [found] = [result for result in examine(now=world.now).findings if result.check.name == "orders.digest"]
    assert (found.failure, {row["computed"] for row in found.rows}) == ("", {"unreadable"})


def test_warnings_are_no_findings(world: World) -> None:
    for name in ("stock.expired_reservations_are_swept", "orders.expired_are_swept", "outbox.moves"):
        plant(name, world)
    report = examine(now=world.now)
    assert {result.check.name for result in report.warnings} >= {"orders.expired_are_swept", "outbox.moves"}
    assert report.findings == []


def test_what_is_swept_late_is_forgiven_for_minutes(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inventory_stockreservation SET expires_at = %(now)s - interval '4 minutes' WHERE NOT allocated",
            world.keys(),
        )
    report = examine(now=world.now)
    assert (report.findings, report.warnings) == ([], [])


def test_a_check_that_cannot_look_is_a_finding_and_stops_nobody(world: World) -> None:
    broken = Check(name="planted.broken", promise="-", remedy="-", find=sql("SELECT * FROM no_such_table"))
    report = examine(now=world.now, checks=[broken, *CHECKS])
    assert [result.check.name for result in report.findings] == ["planted.broken"]
    assert "no_such_table" in report.findings[0].failure
    assert len(report.results) == len(CHECKS) + 1


def test_rows_are_capped_and_said_to_be(world: World) -> None:
    many = Check(name="planted.many", promise="-", remedy="-", find=sql("SELECT n FROM generate_series(1, 500) n"))
    result = examine(now=world.now, checks=[many]).results[0]
    assert (len(result.rows), result.more) == (MOST_ROWS, True)


def test_the_list_of_guards_is_complete() -> None:
    """Every trigger and every exclusion constraint of a freshly migrated database is one the examination expects."""
    assert set(actual_triggers()) == expected_triggers()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('x', 'c') AND conrelid <> 0"
        )
        actual = {(table, name) for table, name in cursor.fetchall() if not name.endswith("_check")}
    assert actual <= expected_constraints()
    assert ("shop_openinghours", "openinghours_no_overlap") in actual
