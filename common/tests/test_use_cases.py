"""Use cases: leased, whole, repeated where that helps, and answered once for each key."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from common import locks
from common.errors import Busy, Conflict, IdempotencyKeyReused
from common.idempotency import StoredResponse
from common.keys import IdempotencyKey
from common.models import Heartbeat, IdempotencyRecord
from common.testing import statements
from common.use_cases import answered, remembered, use_case

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONCE = IdempotencyKey(scope="orders:1", key="k", fingerprint="f")
BODY = '{"nome":"ação"}'.encode()


@dataclass(frozen=True)
class Beat:
    """What of a heartbeat is given."""

    name: str
    at: datetime
    cost: Decimal


@use_case()
def beat(*, name: str, now: datetime, refusal: Exception | None = None) -> Heartbeat:
    """Write something down."""
    made = Heartbeat.objects.create(name=name, beat_at=now)
    if refusal is not None:
        raise refusal
    return made


def written(made: Heartbeat) -> StoredResponse:
    assert Heartbeat.objects.filter(pk=made.pk).exists()
    return StoredResponse(status=201, body=BODY)


def names() -> list[str]:
    return list(Heartbeat.objects.order_by("name").values_list("name", flat=True))


def test_a_use_case_returns_what_its_function_returns() -> None:
    assert beat(name="one", now=NOON).name == "one"
    with pytest.raises(Conflict):
        beat(name="two", now=NOON, refusal=Conflict())
    assert names() == ["one"]


def test_the_same_request_has_the_same_answer_and_one_effect() -> None:
    first = answered(beat, written, once=ONCE)(name="one", now=NOON)
    again = answered(beat, written, once=ONCE)(name="two", now=NOON)
    assert first == StoredResponse(status=201, body=BODY)
    assert again == StoredResponse(status=201, body=BODY, replayed=True)
    assert names() == ["one"]


def test_a_value_is_given_again_as_it_was() -> None:
    beats = remembered(beat, lambda made: Beat(made.name, made.beat_at, Decimal("1.10")), kind=Beat, once=ONCE)
    first = beats(name="one", now=NOON)
    assert first == Beat("one", NOON, Decimal("1.10"))
    assert beats(name="two", now=NOON) == first
    assert names() == ["one"]


def test_a_key_costs_one_statement_and_keeping_the_answer_another() -> None:
    with statements() as sql:
        answered(beat, lambda _made: StoredResponse(status=201, body=BODY), once=ONCE)(name="one", now=NOON)
    assert [line.split()[0] for line in sql] == ["SAVEPOINT", "INSERT", "INSERT", "UPDATE", "RELEASE"]


@pytest.mark.fault("A17")
def test_a_refused_request_leaves_nothing_and_its_key_may_be_used_again() -> None:
    with pytest.raises(Conflict):
        answered(beat, written, once=ONCE)(name="never", now=NOON, refusal=Conflict())
    assert IdempotencyRecord.objects.count() == 0
    assert not answered(beat, written, once=ONCE)(name="one", now=NOON).replayed
    assert names() == ["one"]


def test_an_answer_that_cannot_be_written_undoes_the_work() -> None:
    def broken(_made: Heartbeat) -> StoredResponse:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        answered(beat, broken, once=ONCE)(name="never", now=NOON)
    assert (names(), IdempotencyRecord.objects.count()) == ([], 0)


def test_without_a_key_everything_happens_each_time() -> None:
    for name in ("one", "two"):
        assert not answered(beat, written, once=None)(name=name, now=NOON).replayed
    assert (names(), IdempotencyRecord.objects.count()) == (["one", "two"], 0)


@pytest.mark.fault("A12")
def test_the_same_key_for_something_else_is_refused() -> None:
    answered(beat, written, once=ONCE)(name="one", now=NOON)
    other = IdempotencyKey(scope=ONCE.scope, key=ONCE.key, fingerprint="another body")
    with pytest.raises(IdempotencyKeyReused):
        answered(beat, written, once=other)(name="two", now=NOON)
    assert names() == ["one"]


def test_what_is_refused_before_any_transaction_may_have_been_done_before() -> None:
    def picky(*, name: str, now: datetime) -> Heartbeat:
        if Heartbeat.objects.filter(name=name).exists():
            raise Conflict()
        return beat(name=name, now=now)

    first = answered(picky, written, once=ONCE)(name="one", now=NOON)
    again = answered(picky, written, once=ONCE)(name="one", now=NOON)
    assert (again.body, again.replayed) == (first.body, True)
    other = IdempotencyKey(scope=ONCE.scope, key="k2", fingerprint="f")
    with pytest.raises(Conflict):
        answered(picky, written, once=other)(name="one", now=NOON)
    assert IdempotencyRecord.objects.count() == 1


def test_an_answer_kept_with_spaces_is_given_without() -> None:
    IdempotencyRecord.objects.create(
        scope=ONCE.scope, key=ONCE.key, fingerprint="f", status=201, body='{"nome": "ação"}',
        created_at=NOON, expires_at=NOON,
    )  # fmt: skip
    assert answered(beat, written, once=ONCE)(name="one", now=NOON).body == BODY


def test_a_lease_that_covers_too_little_is_taken_again_and_then_it_is_busy() -> None:
    wanted, taken = ["a"], list[list[str]]()

    def keys(**_arguments: Any) -> list[str]:
        taken.append(list(wanted))
        return wanted

    @use_case(lease=keys)
    def work(*, needs: list[str]) -> str:
        wanted.append("b")
        locks.require(needs)
        return "done"

    assert work(needs=["a", "b"]) == "done"
    assert taken == [["a"], ["a", "b"]]
    with pytest.raises(Busy):
        work(needs=["z"])
