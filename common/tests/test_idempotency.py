"""One effect per key: kept with the work, replayed to whoever asks again, forgotten with a refusal."""

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from common import idempotency
from common.errors import Conflict, IdempotencyInProgress, IdempotencyKeyReused
from common.idempotency import StoredResponse
from common.keys import IdempotencyKey
from common.models import Heartbeat, IdempotencyRecord
from common.testing import race, statements
from common.transactions import run_unit_of_work, unit_of_work

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONCE = IdempotencyKey(scope="orders:1", key="k", fingerprint="f")


def work_once(*, once: IdempotencyKey = ONCE, now: datetime = NOON, name: str = "done") -> StoredResponse:
    """Do something that must happen once."""

    def work() -> StoredResponse:
        kept = idempotency.claim(once=once, now=now)
        if kept is not None:
            return kept
        Heartbeat.objects.create(name=name, beat_at=now)
        answer = StoredResponse(status=201, body='{"name":"%s","ação":["ç",null]}'.replace("%s", name).encode())
        idempotency.keep(once=once, answer=answer)
        return answer

    return run_unit_of_work(work)


@pytest.mark.django_db
def test_the_first_request_does_the_work_and_the_second_gets_its_answer() -> None:
    first, second = work_once(), work_once()
    assert (first.replayed, second.replayed) == (False, True)
    assert (second.status, second.body) == (first.status, first.body)
    assert Heartbeat.objects.count() == 1


@pytest.mark.django_db
def test_winning_costs_one_statement_and_keeping_another() -> None:
    with statements() as sql:
        work_once()
    assert [line.split()[0] for line in sql] == ["SAVEPOINT", "INSERT", "INSERT", "UPDATE", "RELEASE"]


@pytest.mark.fault("A12")
@pytest.mark.django_db
def test_the_same_key_for_something_else_is_refused() -> None:
    work_once()
    with pytest.raises(IdempotencyKeyReused):
        work_once(once=IdempotencyKey(scope=ONCE.scope, key=ONCE.key, fingerprint="another body"))
    assert Heartbeat.objects.count() == 1


@pytest.mark.fault("A13")
@pytest.mark.django_db
def test_the_same_key_of_somebody_else_is_another_key() -> None:
    work_once(name="mine")
    theirs = work_once(once=IdempotencyKey(scope="orders:2", key=ONCE.key, fingerprint="f"), name="theirs")
    assert not theirs.replayed
    assert Heartbeat.objects.count() == 2


@pytest.mark.fault("A17")
@pytest.mark.django_db
def test_a_refused_request_leaves_nothing_and_its_key_may_be_used_again() -> None:
    def refused() -> None:
        idempotency.claim(once=ONCE, now=NOON)
        Heartbeat.objects.create(name="never", beat_at=NOON)
        raise Conflict()

    with pytest.raises(Conflict):
        run_unit_of_work(refused)
    assert IdempotencyRecord.objects.count() == 0
    assert not work_once().replayed
    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["done"]


@pytest.mark.django_db
def test_only_what_was_done_is_kept() -> None:
    with unit_of_work():
        idempotency.claim(once=ONCE, now=NOON)
        with pytest.raises(RuntimeError, match="only what was done"):
            idempotency.keep(once=ONCE, answer=StoredResponse(status=409, body=b"{}"))


@pytest.mark.django_db
def test_a_scope_of_any_length_fits_its_column() -> None:
    long = [
        IdempotencyKey(scope="payments", key="k", fingerprint="f").within("x" * length) for length in (5000, 5001, 5000)
    ]
    assert [work_once(once=once, name=f"{number}").replayed for number, once in enumerate(long)] == [False, False, True]


@pytest.mark.django_db
def test_claiming_and_keeping_belong_to_a_unit_of_work() -> None:
    with pytest.raises(RuntimeError, match="claim must run within"):
        idempotency.claim(once=ONCE, now=NOON)
    with pytest.raises(RuntimeError, match="keep must run within"):
        idempotency.keep(once=ONCE, answer=StoredResponse(status=200, body=b"{}"))


@pytest.mark.django_db
def test_answers_are_kept_for_more_than_a_day_and_then_forgotten() -> None:
    work_once()
    assert idempotency.purge(now=NOON + timedelta(hours=47)) == 0
    assert work_once(now=NOON + timedelta(hours=47)).replayed
    assert idempotency.purge(now=NOON + timedelta(hours=48)) == 1
    assert not work_once(now=NOON + timedelta(hours=48), name="again").replayed


@pytest.mark.fault("A10")
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_do_the_work_once() -> None:
    results = race(workers=20, work=lambda _number: work_once())
    assert sorted(answer.replayed for answer in results) == [False] + [True] * 19
    assert {json.loads(answer.body)["name"] for answer in results} == {"done"}
    assert Heartbeat.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_reading_first_and_writing_later_does_the_work_many_times() -> None:
    """Negative control: look whether the key is known, then work, then write it down."""
    everybody_looked = threading.Barrier(8)

    def carelessly(number: int) -> Any:
        if IdempotencyRecord.objects.filter(key="k").exists():
            return "replayed"
        everybody_looked.wait(timeout=30)
        Heartbeat.objects.create(name=f"done {number}", beat_at=NOON)
        IdempotencyRecord.objects.create(
            scope=f"{number}", key="k", fingerprint="f", created_at=NOON, expires_at=NOON, status=201, body="{}"
        )
        return "done"

    assert race(workers=8, work=carelessly) == ["done"] * 8
    assert Heartbeat.objects.count() == 8


def hold_the_key(*, holding: threading.Event, over: threading.Event) -> threading.Thread:
    """Begin a first request that does not end before it is told to; its work is lost."""

    def first() -> None:
        try:
            with unit_of_work():
                idempotency.claim(once=ONCE, now=NOON)
                holding.set()
                over.wait(timeout=30)
                raise Conflict()
        except Conflict:
            pass
        finally:
            connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert holding.wait(timeout=30)
    return thread


@pytest.mark.fault("A14")
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_first_request_that_takes_too_long_is_still_running() -> None:
    holding, over = threading.Event(), threading.Event()
    thread = hold_the_key(holding=holding, over=over)

    def second() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
        idempotency.claim(once=ONCE, now=NOON)

    try:
        with pytest.raises(IdempotencyInProgress) as refused:
            run_unit_of_work(second)
        assert refused.value.status == 409
    finally:
        over.set()
        thread.join()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_who_waited_for_a_request_that_was_refused_does_the_work() -> None:
    holding, over = threading.Event(), threading.Event()
    thread = hold_the_key(holding=holding, over=over)
    threading.Timer(0.3, over.set).start()
    assert not work_once().replayed
    thread.join()
    assert Heartbeat.objects.count() == 1
