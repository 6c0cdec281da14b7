"""The command, as an operator or a program calls it, in its own read-only snapshot."""

import json
from collections.abc import Generator
from contextlib import closing
from io import StringIO
from typing import Any, cast

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from common import clock
from common.models import Examination
from operations.integrity import CHECKS, Check, Moment, examine, sql
from operations.integrity.examination import MOST_ROWS
from operations.tests.scenarios import MONDAY, guards_asleep, open_for_business

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


def run(*words: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("check_integrity", *words, stdout=out)
    except CommandError as problem:
        return problem.returncode, out.getvalue()
    return 0, out.getvalue()


@pytest.mark.fault("D18")
def test_healthy_then_corrupt_then_healthy() -> None:
    world = open_for_business()
    code, printed = run()
    assert (code, f"{len(CHECKS)} " in printed) == (0, True)
    with transaction.atomic(), guards_asleep(), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET paid = paid + 1 WHERE id = %s", [world.orders["transferred"].pk])
    code, printed = run()
    assert code == 1
    assert world.orders["transferred"].number in printed
    assert "money.paid_is_the_sum_of_payments" in printed
    code, printed = run("--json")
    report: dict[str, Any] = json.loads(printed)
    broken = [check for check in report["checks"] if not check["ok"]]
    assert (code, report["ok"], report["findings"]) == (1, False, len(broken))
    assert {"money.paid_is_the_sum_of_payments"} <= {check["name"] for check in broken}
    assert run("--only", "stock")[0] == 0
    assert run("--only", "money.paid_is_the_sum_of_payments")[0] == 1


def test_an_unknown_check_is_called_wrongly() -> None:
    assert run("--only", "no.such")[0] == 2


def test_lists_every_check() -> None:
    code, printed = run("--list")
    assert code == 0
    assert [line.split("  ")[0] for line in printed.splitlines()] == [check.name for check in CHECKS]


def test_looks_without_being_able_to_write() -> None:
    writing = Check(
        name="planted.writing", promise="-", remedy="-", find=sql("SELECT nextval('common_heartbeat_id_seq')")
    )
    result = examine(now=MONDAY, checks=[writing]).results[0]
    assert "read-only" in result.failure


def test_sees_one_moment() -> None:
    """What another session commits while the checks run is not seen by any of them."""
    seen: list[int] = []

    def count_and_interfere(moment: Any) -> list[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM common_heartbeat")
            seen.append(cursor.fetchone()[0])
        with closing(connection.copy()) as other, other.cursor() as elsewhere:
            elsewhere.execute("INSERT INTO common_heartbeat (name, beat_at) VALUES (%s, now())", [f"beat-{len(seen)}"])
        return []

    looking = Check(name="planted.looking", promise="-", remedy="-", find=count_and_interfere)
    examine(now=MONDAY, checks=[looking, looking])
    assert seen == [0, 0]


def test_no_more_rows_are_fetched_than_are_told() -> None:
    """A promise broken a million times is read as far as it is told."""
    many = Check(name="planted.many", promise="-", remedy="-", find=sql("SELECT n FROM generate_series(1, 1000000) n"))
    [result] = examine(now=MONDAY, checks=[many]).results
    assert (len(result.rows), result.more) == (MOST_ROWS, True)
    with (
        transaction.atomic(),
        closing(cast("Generator[Any]", many.find(Moment(now=MONDAY)))) as rows,
        connection.cursor() as cursor,
    ):
        assert next(rows) == {"n": 1}
        cursor.execute("SELECT count(*) FROM pg_cursors WHERE statement LIKE %s", ["%generate_series(1, 1000000)%"])
        assert cursor.fetchone()[0] == 1  # the rows stay where they are


def test_a_check_that_takes_too_long_ends_and_the_others_are_told() -> None:
    slow = Check(name="planted.slow", promise="-", remedy="-", find=sql("SELECT pg_sleep(60)"))
    quick = Check(name="planted.quick", promise="-", remedy="-", find=sql("SELECT 1 WHERE false"))
    first, second, third = examine(now=MONDAY, checks=[quick, slow, quick], seconds=1).results
    assert (first.kept, "statement timeout" in second.failure) == (True, True)
    assert third.failure  # no time was left
    assert len(examine(now=MONDAY, checks=[quick, slow, quick], seconds=1).findings) == 2


def test_what_an_operator_finds_is_kept_where_asked() -> None:
    assert run("--keep")[0] == 0
    kept = Examination.objects.get()
    assert (kept.night, kept.checks, kept.broken) == (None, len(CHECKS), [])
    assert run()[0] == 0
    assert run("--keep", "--only", "stock")[0] == 2
    assert Examination.objects.count() == 1
