"""Units of work: one transaction each, steps that refuse to run outside, and the database's refusals in our words."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, InternalError, OperationalError, connection, connections, transaction
from django.db.utils import InterfaceError
from django.test import override_settings
from psycopg import errors as postgres
from psycopg_pool import PoolTimeout

from common import counters, transactions
from common.errors import Busy, Conflict, DatabaseUnavailable
from common.mail import GuardedEmailBackend
from common.models import Heartbeat
from common.testing import race, statements
from common.transactions import (
    in_unit_of_work,
    locked,
    refusal_for_constraint,
    refuse_inside,
    run_unit_of_work,
    translated,
    unit_of_work,
    within_unit_of_work,
)


@within_unit_of_work
def step(*, name: str = "x") -> str:
    """Return its argument, in a transaction only."""
    return name


def caused(cause: Exception, kind: type[Exception] = OperationalError) -> Exception:
    """Return a Django database error with a cause, as Django raises it."""
    problem = kind("from the database")
    problem.__cause__ = cause
    return problem


@pytest.mark.django_db
def test_the_harness_is_no_unit_of_work() -> None:
    assert connection.in_atomic_block
    assert not in_unit_of_work()
    with pytest.raises(RuntimeError, match="step must run within a unit of work"):
        step()
    with unit_of_work():
        assert in_unit_of_work()
        assert step(name="y") == "y"
    assert not in_unit_of_work()


@pytest.mark.django_db
def test_a_unit_of_work_has_no_unit_of_work_in_it() -> None:
    with unit_of_work(), pytest.raises(RuntimeError, match="durable"), unit_of_work():
        pass


@pytest.mark.django_db
def test_a_savepoint_in_a_unit_of_work_is_still_within() -> None:
    with unit_of_work(), transaction.atomic():
        assert step() == "x"


@pytest.mark.django_db
def test_what_must_wait_for_the_commit_says_so() -> None:
    refuse_inside("a letter")
    with unit_of_work(), pytest.raises(RuntimeError, match="a letter: not with a transaction open"):
        refuse_inside("a letter")


@pytest.mark.django_db
@override_settings(MAIL_DELIVERY="django.core.mail.backends.locmem.EmailBackend")
def test_no_letter_leaves_with_a_transaction_open(mailoutbox: list[EmailMessage]) -> None:
    letter = EmailMessage("Olá", "Tudo bem?", to=["ana@example.com"])
    with unit_of_work(), pytest.raises(RuntimeError, match="mail"):
        GuardedEmailBackend().send_messages([letter])
    assert mailoutbox == []
    assert GuardedEmailBackend().send_messages([letter]) == 1
    assert [sent.subject for sent in mailoutbox] == ["Olá"]


@pytest.mark.django_db
def test_rows_are_locked_weakly_by_pk_and_alone() -> None:
    with unit_of_work(), statements() as sql:
        list(locked(Heartbeat.objects.order_by("-name")))
    assert sql[0].endswith('ORDER BY "common_heartbeat"."id" ASC FOR NO KEY UPDATE OF "common_heartbeat"')


@pytest.mark.django_db
def test_a_unit_of_work_that_raises_leaves_nothing() -> None:
    def work() -> None:
        Heartbeat.objects.create(name="gone", beat_at="2026-03-02T12:00:00Z")
        raise Conflict()

    with pytest.raises(Conflict):
        run_unit_of_work(work)
    assert Heartbeat.objects.count() == 0


@pytest.mark.fault("A3")
@pytest.mark.django_db
@pytest.mark.parametrize("kind", [postgres.DeadlockDetected, postgres.SerializationFailure])
def test_deadlocks_are_repeated_and_then_busy(kind: type[Exception]) -> None:
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise caused(kind())
        return "done"

    assert run_unit_of_work(work) == "done"
    assert len(tries) == 3

    def not_merely_taken() -> None:
        tries.append(1)
        raise caused(kind())

    tries.clear()
    with pytest.raises(Busy) as refused:
        run_unit_of_work(not_merely_taken)
    assert len(tries) == 3
    assert refused.value.retry_after == 1


@pytest.mark.parametrize(
    ("problem", "refusal"),
    [
        (caused(postgres.LockNotAvailable()), Busy),
        (caused(postgres.QueryCanceled()), Busy),
        (caused(postgres.DeadlockDetected()), Busy),
        (caused(PoolTimeout()), DatabaseUnavailable),
        (PoolTimeout(), DatabaseUnavailable),
        (caused(postgres.AdminShutdown()), DatabaseUnavailable),
        (caused(postgres.CannotConnectNow()), DatabaseUnavailable),
        (caused(postgres.TooManyConnections()), DatabaseUnavailable),
        (caused(postgres.DiskFull()), DatabaseUnavailable),
        (caused(postgres.ReadOnlySqlTransaction(), InternalError), DatabaseUnavailable),
        (caused(postgres.InternalError("received 2 results from command 'BEGIN'"), InternalError), DatabaseUnavailable),
        (caused(postgres.IdleInTransactionSessionTimeout()), DatabaseUnavailable),
        (OperationalError("connection refused"), DatabaseUnavailable),
        (InterfaceError("the connection is closed"), DatabaseUnavailable),
    ],
)
@pytest.mark.fault("D7")
@pytest.mark.fault("D8")
def test_what_the_database_says_becomes_a_refusal(problem: Exception, refusal: type[Busy]) -> None:
    found = translated(problem)
    assert type(found) is refusal


@pytest.mark.parametrize(
    "problem", [ValueError(), IntegrityError("no constraint"), caused(postgres.UniqueViolation(), IntegrityError)]
)
def test_a_bug_is_no_refusal(problem: Exception) -> None:
    assert translated(problem) is None


class NameTaken(Conflict):
    """A refusal that a constraint stands for."""

    code = "name_taken_in_test"


@pytest.fixture
def verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test say what constraints mean."""
    monkeypatch.setattr(transactions, "_by_constraint", dict(transactions.constraints_that_speak()))


def beat_twice() -> None:
    """Write down a heartbeat of a name that has one."""
    Heartbeat.objects.create(name="one", beat_at="2026-03-02T12:00:00Z")


NAME = "common_heartbeat_name_key"


@pytest.mark.django_db
def test_a_constraint_that_had_to_judge_speaks_in_our_words(verdicts: None) -> None:
    beat_twice()
    del transactions._by_constraint[NAME]
    with pytest.raises(IntegrityError, match=NAME):
        run_unit_of_work(beat_twice)
    refusal_for_constraint(name=NAME, refusal=NameTaken)
    before = counters.read("constraint_judged")
    with pytest.raises(NameTaken):
        run_unit_of_work(beat_twice)
    assert counters.read("constraint_judged") == before + 1


@pytest.mark.django_db
def test_a_rule_that_was_judged_may_look_once_more_and_speak_for_itself(verdicts: None) -> None:
    beat_twice()
    refusal_for_constraint(name=NAME, refusal=NameTaken, again=True)
    tries: list[int] = []

    def look_the_second_time() -> str:
        tries.append(1)
        if len(tries) == 1:
            beat_twice()
        return "found it"

    assert run_unit_of_work(look_the_second_time) == "found it"
    assert len(tries) == 2

    def never_look() -> None:
        tries.append(1)
        beat_twice()

    tries.clear()
    with pytest.raises(NameTaken):
        run_unit_of_work(never_look)
    assert len(tries) == 2


@pytest.mark.fault("A4")
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_row_that_stays_locked_makes_the_next_one_busy() -> None:
    row = Heartbeat.objects.create(name="held", beat_at="2026-03-02T12:00:00Z")
    holding, over = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with unit_of_work():
                locked(Heartbeat.objects.filter(pk=row.pk)).get()
                holding.set()
                over.wait(timeout=30)
        finally:
            connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert holding.wait(timeout=30)

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
        locked(Heartbeat.objects.filter(pk=row.pk)).get()

    before = counters.read("database_busy")
    try:
        with pytest.raises(Busy):
            run_unit_of_work(work)
    finally:
        over.set()
        holder.join()
    assert counters.read("database_busy") == before + 1


@pytest.mark.fault("A3")
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_real_deadlock_is_repeated_until_both_are_done() -> None:
    pks = [Heartbeat.objects.create(name=f"row {n}", beat_at="2026-03-02T12:00:00Z").pk for n in range(2)]
    meeting = threading.Barrier(2)

    def take(number: int) -> Any:
        first_try = [True]

        def work() -> str:
            for pk in pks if number else reversed(pks):
                Heartbeat.objects.select_for_update().get(pk=pk)
                if first_try[0]:
                    first_try[0] = False
                    meeting.wait(timeout=30)
            return "done"

        return run_unit_of_work(work)

    before = counters.read("unit_of_work_repeated")
    assert race(workers=2, work=take) == ["done", "done"]
    assert counters.read("unit_of_work_repeated") > before


@pytest.mark.fault("D13")
@pytest.mark.django_db
def test_every_session_is_impatient() -> None:
    wanted = {"lock_timeout": "3s", "statement_timeout": "15s", "idle_in_transaction_session_timeout": "10s"}
    shown: dict[str, Callable[[], str] | str] = {}
    with connection.cursor() as cursor:
        for name in wanted:
            cursor.execute(f"SHOW {name}")
            shown[name] = cursor.fetchone()[0]
    assert shown == wanted
