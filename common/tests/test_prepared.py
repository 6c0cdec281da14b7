"""What a connection has prepared is asked without a cursor, and nobody can tell by the answer."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import DEFAULT_DB_ALIAS, Error, IntegrityError, OperationalError, connection, connections, transaction
from django.db.transaction import TransactionManagementError
from django.db.utils import ConnectionHandler
from psycopg.errors import UniqueViolation

from common import sql
from common.postgres.prepared import REMEMBERED, numbered
from common.testing import statements
from config.settings import servers
from shop.models import ShopSettings

EVERYTHING = """
SELECT %(text)s::text, %(number)s::bigint, %(money)s::numeric, %(moment)s::timestamptz, %(day)s::date, %(id)s::uuid,
       %(nothing)s::text, %(list)s::int[], %(number)s::int, '100 %%'
"""
VALUES: dict[str, Any] = {
    "text": "pão; 'queijo' \\ %s $1",
    "number": 7,
    "money": Decimal("19.90"),
    "moment": datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
    "day": date(2026, 2, 28),
    "id": UUID("6f2c1f6e-5b1e-4a1c-9a53-0d9a7c1c2b3d"),
    "nothing": None,
    "list": [1, 2, 3],
}
ROW = (*(VALUES[name] for name in ("text", "number", "money", "moment", "day", "id", "nothing", "list")), 7, "100 %")

pytestmark = pytest.mark.django_db


def backend() -> Any:
    """Return the connection as our engine makes it."""
    return connections[DEFAULT_DB_ALIAS]


def asked(statement: str, parameters: Mapping[str, Any]) -> Any:
    """Return the answer without a cursor, after so many times that the statement stands prepared."""
    for _time in range(servers.PREPARED["prepare_threshold"] + 1):
        sql.rows(statement, parameters)
    return backend().ask_prepared(statement, parameters)


def names_prepared(statement: str) -> int:
    """Return under how many names the server has a statement."""
    ((found,),) = sql.rows(
        "SELECT count(*) FROM pg_prepared_statements WHERE statement = %(text)s",
        {"text": numbered(statement).text.decode()},
    )
    return int(found)


def test_the_answer_is_that_of_a_cursor() -> None:
    with connection.cursor() as cursor:
        cursor.execute(EVERYTHING, VALUES)
        by_cursor = cursor.fetchall()
    answer = asked(EVERYTHING, VALUES)
    assert by_cursor == answer.fetchall() == sql.rows(EVERYTHING, VALUES) == [ROW]
    assert [type(value) for value in by_cursor[0]] == [type(value) for value in answer.fetchall()[0]]
    assert answer.fetchall()[0][3].tzinfo is UTC
    assert answer.rowcount == 1
    assert names_prepared(EVERYTHING) == 1


def test_the_first_times_need_a_cursor() -> None:
    statement = "SELECT %(first)s::int"
    for _time in range(servers.PREPARED["prepare_threshold"]):
        assert backend().ask_prepared(statement, {"first": 1}) is None
        assert sql.rows(statement, {"first": 1}) == [(1,)]
    assert backend().ask_prepared(statement, {"first": 1}) is None
    sql.rows(statement, {"first": 1})
    assert backend().ask_prepared(statement, {"first": 1}).fetchall() == [(1,)]


def test_values_of_another_width_are_another_statement() -> None:
    statement = "SELECT %(value)s + 0"
    assert asked(statement, {"value": 1}).fetchall() == [(1,)]
    assert backend().ask_prepared(statement, {"value": 2**40}) is None
    assert sql.rows(statement, {"value": 2**40}) == [(2**40,)]
    assert asked(statement, {"value": 2**40}).fetchall() == [(2**40,)]
    assert names_prepared(statement) == 2


def test_rows_changed_are_counted() -> None:
    ShopSettings.objects.get_or_create(pk=1)
    statement = "UPDATE shop_shopsettings SET currency = currency WHERE id = %(id)s"
    for _time in range(6):
        assert sql.execute(statement, {"id": 1}) == 1
        assert sql.execute(statement, {"id": 2}) == 0


def test_who_watches_sees_every_statement() -> None:
    asked(EVERYTHING, VALUES)
    seen: list[str] = []

    def watch(execute: Callable[..., Any], statement: str, *others: Any) -> Any:
        seen.append(statement)
        return execute(statement, *others)

    with connection.execute_wrapper(watch):
        assert sql.rows(EVERYTHING, VALUES) == [ROW]
    assert seen == [EVERYTHING]
    with statements() as counted:
        assert sql.rows(EVERYTHING, VALUES) == [ROW]
    assert len(counted) == 1


def test_a_long_text_goes_and_comes_back() -> None:
    statement = "SELECT %(text)s::text"
    text = "ação" * 2_000_000
    assert asked(statement, {"text": "short"}).fetchall() == [("short",)]
    assert backend().ask_prepared(statement, {"text": text}).fetchall() == [(text,)]


def test_many_rows_come_whole() -> None:
    statement = "SELECT n, repeat('x', 100) FROM generate_series(1, %(count)s) n"
    found = asked(statement, {"count": 50_000}).fetchall()
    assert len(found) == 50_000
    assert found[-1] == (50_000, "x" * 100)


def test_what_the_server_refuses_is_an_error_of_djangos() -> None:
    statement = "INSERT INTO shop_shopsettings SELECT * FROM shop_shopsettings WHERE id = %(id)s"
    for _time in range(4):
        sql.execute(statement, {"id": 99})
    ShopSettings.objects.get_or_create(pk=1)
    with pytest.raises(IntegrityError, match="shop_shopsettings_pkey") as refused, transaction.atomic():
        backend().ask_prepared(statement, {"id": 1})
    assert isinstance(refused.value.__cause__, UniqueViolation)
    assert refused.value.__cause__.diag.constraint_name == "shop_shopsettings_pkey"


def test_a_broken_transaction_answers_nothing() -> None:
    asked(EVERYTHING, VALUES)
    with transaction.atomic():
        connection.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            sql.rows(EVERYTHING, VALUES)


def test_a_parameter_that_is_missing_is_named() -> None:
    with pytest.raises(KeyError, match="second"):
        sql.rows("SELECT %(first)s::int, %(second)s::int", {"first": 1})


@pytest.mark.parametrize("statement", ["SELECT 5 % 2", "SELECT 1 WHERE 'a' LIKE 'a%'", "SELECT %s"])
def test_a_lone_percent_sign_is_refused(statement: str) -> None:
    with pytest.raises(ValueError, match="percent"):
        sql.rows(statement, {})


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    for number in range(REMEMBERED + 10):
        sql.rows(f"SELECT {number}, %(value)s::int", {"value": 1})
    assert len(connection.connection._transformers) <= REMEMBERED
    assert sql.rows(EVERYTHING, VALUES) == [ROW]


@contextmanager
def another() -> Iterator[Any]:
    """Yield another connection to the database."""
    other = ConnectionHandler()[DEFAULT_DB_ALIAS]
    try:
        yield other
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_after_a_migration_the_statement_is_prepared_anew() -> None:
    statement = "SELECT * FROM common_test_prepared WHERE %(value)s::int = 1"
    with another() as other, other.cursor() as cursor:
        cursor.execute("CREATE TABLE common_test_prepared (first int)")
        try:
            assert asked(statement, {"value": 1}).fetchall() == []
            cursor.execute("ALTER TABLE common_test_prepared ADD COLUMN second int DEFAULT 2")
            with pytest.raises(Error, match="cached plan"), transaction.atomic():
                sql.rows(statement, {"value": 1})
            cursor.execute("INSERT INTO common_test_prepared VALUES (1)")
            assert sql.rows(statement, {"value": 1}) == [(1, 2)]
        finally:
            cursor.execute("DROP TABLE common_test_prepared")


@pytest.mark.django_db(transaction=True)
def test_a_session_that_the_server_ends_is_an_error_and_the_next_works() -> None:
    asked(EVERYTHING, VALUES)
    with another() as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        with pytest.raises(OperationalError, match=r"terminat|closed"):
            sql.rows(EVERYTHING, VALUES)
    connection.close()
    assert sql.rows(EVERYTHING, VALUES) == [ROW]


def test_nothing_is_asked_so_where_nothing_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(EVERYTHING, VALUES)
    monkeypatch.setattr(connection.connection._prepared, "prepare_threshold", None)
    assert backend().ask_prepared(EVERYTHING, VALUES) is None
    assert sql.rows(EVERYTHING, VALUES) == [ROW]
