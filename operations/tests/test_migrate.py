"""Migrations have time limits of their own: statements any time, locks a short one, again and again."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Self

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from operations.management.commands import migrate as command

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault("D17")]

LAST_BUT = "0006"
INDEX, BROKEN = "outboxmessage_next", "0010_next_of_the_outbox"  # on which no other migration depends


def shown(*names: str) -> list[str]:
    found = []
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"SHOW {name}")
            found.append(cursor.fetchone()[0])
    return found


def there() -> bool:
    return "common_outage" in connection.introspection.table_names()


@pytest.fixture
def migrated_again() -> Iterator[None]:
    yield
    call_command("migrate", "common", verbosity=0)
    assert there()


class Holder:
    """Somebody who reads a table in a transaction that does not end."""

    def __init__(self, table: str) -> None:
        self.over, self.held = threading.Event(), threading.Event()
        self._table = table
        self._thread = threading.Thread(target=self._hold)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self.held.wait(10)
        return self

    def __exit__(self, *_problem: object) -> None:
        self.over.set()
        self._thread.join()

    def _hold(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(f"SELECT count(*) FROM {self._table}")
            self.held.set()
            self.over.wait(30)
            cursor.execute("ROLLBACK")
        connections.close_all()


def test_a_statement_may_take_any_time_and_the_session_is_as_it_was_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    before, within = shown(*limits), []
    really = MigrationExecutor.migrate

    def migrate(self: MigrationExecutor, *words: Any, **options: Any) -> Any:
        within.append(shown(*limits))
        return really(self, *words, **options)

    monkeypatch.setattr(MigrationExecutor, "migrate", migrate)
    call_command("migrate", verbosity=0)
    call_command("migrate", "--statement-timeout", "90", "--lock-timeout", "0.5", verbosity=0)
    assert within == [["0", "3s", "0"], ["90s", "500ms", "0"]]
    assert shown(*limits) == before == ["15s", "3s", "10s"]


def release_at_the_second_try(holder: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    really, tries = command._limit, []

    def limit(seconds: Any) -> None:
        tries.append(seconds)
        if len(tries) > 1:
            holder.over.set()
        really(seconds)

    monkeypatch.setattr(command, "_limit", limit)


def test_a_lock_that_somebody_holds_is_asked_for_again(
    migrated_again: None, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Holder("common_outage") as holder:
        release_at_the_second_try(holder, monkeypatch)
        call_command("migrate", "common", LAST_BUT, "--lock-timeout", "0.2", verbosity=0)
    assert not there()
    assert "(1 " in capsys.readouterr().err


def test_a_lock_that_is_never_given_back_ends_the_migration_and_nothing_has_happened(migrated_again: None) -> None:
    with Holder("common_outage"), pytest.raises(OperationalError, match="lock timeout"):
        call_command("migrate", "common", LAST_BUT, "--lock-timeout", "0.2", "--tries", "2", verbosity=0)
    assert there()


def index_is_valid() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", [INDEX])
        [(is_valid,)] = cursor.fetchall()
        return bool(is_valid)


@pytest.fixture
def broken_off() -> Iterator[None]:
    """Leave an index as a run does that ended before it could write its migration down."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE applied_before AS TABLE django_migrations")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'common' AND name = %s", [BROKEN])
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [INDEX])
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_migrations")
        cursor.execute("INSERT INTO django_migrations OVERRIDING SYSTEM VALUE TABLE applied_before")
        cursor.execute("DROP TABLE applied_before")


def test_an_index_that_a_broken_run_left_is_built_anew(broken_off: None) -> None:
    call_command("migrate", "common", verbosity=0)
    assert index_is_valid()


def test_an_index_that_cannot_be_dropped_yet_is_asked_for_again(
    broken_off: None, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Holder("common_outboxmessage") as holder:
        release_at_the_second_try(holder, monkeypatch)
        call_command("migrate", "common", "--lock-timeout", "0.2", verbosity=0)
    assert index_is_valid()
    assert "(1 " in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--plan",), ("--check",), ("--fake",)])
def test_what_changes_nothing_drops_nothing(broken_off: None, words: tuple[str, ...]) -> None:
    with suppress(SystemExit):
        call_command("migrate", "common", *words, verbosity=0)
    assert not index_is_valid()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_index SET indisvalid = true WHERE indexrelid = %s::regclass", [INDEX])


@pytest.mark.parametrize(("app", "names"), [
    ("scheduling", {"appointment_record", "appointment_unknown"}), ("catalog", {"variant_barcode_once"}),
])  # fmt: skip
def test_every_index_that_is_built_beside_the_shop_is_known(app: str, names: set[str]) -> None:
    found = MigrationLoader(None).disk_migrations
    known = {name for (label, _name), step in found.items() if label == app
             for name in command._built_beside(step.operations)}  # fmt: skip
    assert names <= known
