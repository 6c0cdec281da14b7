"""The outbox: told once for each handler, with patience, and never before the commit."""

import json
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import structlog
from django.db import connection
from django.db.models import Max, Min
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from common import counters, outbox, redis
from common.errors import Conflict
from common.models import OutboxMessage
from common.testing import Lines, race
from common.transactions import in_unit_of_work, run_unit_of_work, unit_of_work

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HERE = "common.tests.test_outbox"
SUBSCRIPTIONS = {
    "thing.happened": [f"{HERE}.listen", f"{HERE}.listen_too"],
    "thing.broke": [f"{HERE}.stumble", f"{HERE}.listen"],
    "nobody.cares": [],
    "handler.gone": [f"{HERE}.no_such_function"],
}

heard: list[tuple[str, str, UUID]] = []
heard_under: list[str] = []
stumbles: list[bool] = []


def listen(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Hear, with no transaction open."""
    assert not in_unit_of_work()
    heard.append(("listen", payload["thing"], event_id))
    heard_under.append(str(structlog.contextvars.get_contextvars().get("request_id", "")))


def listen_too(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Hear as well."""
    heard.append(("listen_too", payload["thing"], event_id))


def stumble(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Fail as often as the test says."""
    if stumbles:
        stumbles.pop()
        raise ConnectionError("the mail server said\nno")
    heard.append(("stumble", payload["thing"], event_id))


@pytest.fixture(autouse=True)
def own_subscriptions(settings: Settings) -> Any:
    """Hear the events of this file only."""
    settings.OUTBOX_SUBSCRIPTIONS = f"{HERE}.SUBSCRIPTIONS"
    outbox.subscriptions.cache_clear()
    heard.clear()
    heard_under.clear()
    stumbles.clear()
    yield
    outbox.subscriptions.cache_clear()
    redis.breaker.reset()


def emit(name: str, *, thing: str = "x", now: datetime = NOON) -> None:
    """Let something happen."""
    with unit_of_work():
        outbox.emit(name=name, payload={"thing": thing}, now=now)


@pytest.mark.django_db
def test_every_handler_hears_of_an_event_once() -> None:
    emit("thing.happened")
    assert outbox.relay(now=NOON) == 2
    assert [(who, thing) for who, thing, _event in heard] == [("listen", "x"), ("listen_too", "x")]
    assert len({event for _who, _thing, event in heard}) == 1
    assert outbox.relay(now=NOON + timedelta(days=1)) == 0
    assert len(heard) == 2
    assert set(OutboxMessage.objects.values_list("attempts", "last_error", "dead_at")) == {(1, "", None)}


@pytest.mark.django_db
def test_what_did_not_happen_is_never_told() -> None:
    def refused() -> None:
        outbox.emit(name="thing.happened", payload={"thing": "x"}, now=NOON)
        raise Conflict()

    with pytest.raises(Conflict):
        run_unit_of_work(refused)
    assert outbox.relay(now=NOON) == 0
    assert heard == []


@pytest.mark.django_db
def test_an_event_nobody_mapped_is_a_mistake() -> None:
    with pytest.raises(KeyError, match=r"thing\.forgotten"):
        emit("thing.forgotten")
    emit("nobody.cares")
    assert OutboxMessage.objects.count() == 0


@pytest.mark.django_db
def test_events_are_emitted_and_relayed_on_the_right_side_of_the_commit() -> None:
    with pytest.raises(RuntimeError, match="emit must run within"):
        outbox.emit(name="thing.happened", payload={}, now=NOON)
    with unit_of_work(), pytest.raises(RuntimeError, match="relay"):
        outbox.relay(now=NOON)


@pytest.mark.django_db
def test_rows_say_what_emit_writes() -> None:
    emit("thing.happened", thing="ç")
    rows = outbox.rows(name="thing.happened", payload={"thing": "ç"}, now=NOON)
    kept = [dict(row) for row in OutboxMessage.objects.order_by("pk").values()]
    assert len(rows) == len(kept) == 2
    for row, message in zip(rows, kept, strict=True):
        shared = {"name", "handler", "payload", "attempts", "last_error", "request_id"}
        assert {name: row[name] for name in shared} == {name: message[name] for name in shared}
        assert datetime.fromisoformat(row["not_before"]) == message["not_before"]
    assert rows[0]["event_id"] == rows[1]["event_id"]


@pytest.mark.django_db
def test_each_message_is_delivered_under_the_request_that_caused_it() -> None:
    for request_id in ("request-of-ana", "request-of-bia"):
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            emit("thing.happened")
            assert outbox.rows(name="thing.happened", payload={}, now=NOON)[0]["request_id"] == request_id
    emit("thing.happened")
    with structlog.contextvars.bound_contextvars(request_id="request-that-woke-the-relay"):
        assert outbox.relay(now=NOON) == 6
        assert structlog.contextvars.get_contextvars()["request_id"] == "request-that-woke-the-relay"
    assert heard_under == ["request-of-ana", "request-of-bia", "request-that-woke-the-relay"]


@pytest.mark.django_db
def test_one_handlers_trouble_is_not_anothers_and_is_tried_again_later() -> None:
    stumbles.extend([True, True])
    emit("thing.broke")
    assert outbox.relay(now=NOON) == 1
    assert [who for who, _thing, _event in heard] == ["listen"]
    message = OutboxMessage.objects.get(done_at=None)
    assert (message.attempts, message.last_error) == (1, "ConnectionError: the mail server said\nno")
    assert message.not_before == NOON + timedelta(seconds=2)
    assert outbox.relay(now=NOON + timedelta(seconds=1)) == 0
    assert outbox.relay(now=NOON + timedelta(seconds=2)) == 0
    assert outbox.relay(now=NOON + timedelta(seconds=6)) == 1
    assert [who for who, _thing, _event in heard] == ["listen", "stumble"]
    message.refresh_from_db()
    assert (message.attempts, message.last_error, message.claimed_until) == (3, "", None)


@pytest.mark.fault("D14")
@pytest.mark.django_db
@pytest.mark.parametrize("name", ["thing.broke", "handler.gone"])
def test_a_message_that_never_works_is_given_up_after_five_days(name: str, log_lines: Lines) -> None:
    stumbles.extend([True] * 100)
    emit(name)
    now = NOON
    while OutboxMessage.objects.filter(done_at=None, dead_at=None).exists():
        now = OutboxMessage.objects.filter(done_at=None).aggregate(next=Min("not_before"))["next"]
        outbox.relay(now=now)
    dead = OutboxMessage.objects.get(dead_at__isnull=False)
    assert dead.attempts == outbox.MAX_ATTEMPTS
    assert dead.done_at is None
    assert dead.last_error != ""
    assert timedelta(days=5) < now - NOON < timedelta(days=6)
    assert [line["event"] for line in log_lines.of("common.outbox")] == ["outbox_failed", "outbox_given_up"]


@pytest.mark.fault("D9")
@pytest.mark.django_db
def test_a_message_whose_worker_was_killed_is_told_by_another() -> None:
    emit("thing.happened")
    claimed = outbox._claim(now=NOON, limit=10)
    assert len(claimed) == 2
    assert outbox.relay(now=NOON + timedelta(seconds=159)) == 0
    assert outbox.relay(now=NOON + timedelta(seconds=160)) == 2
    assert OutboxMessage.objects.aggregate(most=Max("attempts"))["most"] == 2


@pytest.mark.django_db
def test_who_delivers_does_not_walk_past_what_was_delivered() -> None:
    delivered, waiting = 3000, 30
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO common_outboxmessage (event_id, handler, name, payload, last_error, attempts, occurred_at, "
            "not_before, done_at) SELECT gen_random_uuid(), 'x', 'x', '{}', '', 0, now(), now(), "
            "CASE WHEN n <= %(delivered)s THEN now() END FROM generate_series(1, %(all)s) n",
            {"delivered": delivered, "all": delivered + waiting},
        )
        cursor.execute("ANALYZE common_outboxmessage")
        moment = datetime(2100, 1, 1, tzinfo=UTC)
        cursor.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {outbox._CLAIM}",
            {"until": moment, "now": moment, "kind": "all", "letters": [], "limit": 10},
        )
        plan = json.dumps(cursor.fetchone()[0])
    assert [int(rows) for rows in re.findall(r'"Rows Removed by Filter": (\d+)', plan) if int(rows) > waiting] == []


@pytest.mark.django_db
def test_a_relay_stops_at_its_limit() -> None:
    for number in range(20):
        emit("thing.happened", thing=str(number))
    assert outbox.relay(now=NOON, limit=25) == 25
    assert outbox.relay(now=NOON, limit=25) == 15
    assert [thing for who, thing, _event in heard if who == "listen"] == [str(number) for number in range(20)]


@pytest.mark.fault("D11")
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_many_relays_at_once_tell_each_message_once() -> None:
    for number in range(40):
        emit("thing.happened", thing=str(number))
    delivered = race(workers=6, work=lambda _number: outbox.relay(now=NOON))
    assert sum(delivered) == 80
    assert len(heard) == len(set(heard)) == 80


@pytest.mark.fault("D10")
@pytest.mark.django_db
def test_a_wake_up_that_fails_is_counted_and_forgotten(
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.OUTBOX_WAKE = True
    tried: list[str] = []

    def unreachable(name: str, **options: object) -> None:
        tried.append(name)
        raise ConnectionRefusedError("no broker")

    monkeypatch.setattr("config.celery.send", unreachable)
    before = counters.read("outbox_wake_failed")
    with django_capture_on_commit_callbacks(execute=True):
        with unit_of_work():
            outbox.emit(name="thing.happened", payload={"thing": "x"}, now=NOON)
            outbox.wake()
        assert tried == []
    assert tried == ["common.tasks.relay_outbox"]
    assert counters.read("outbox_wake_failed") == before + 1
    with django_capture_on_commit_callbacks(execute=True):
        outbox.wake()
    assert len(tried) == 1
    assert outbox.relay(now=NOON) == 2


@pytest.mark.django_db
def test_work_in_bulk_wakes_the_relay_once(
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.OUTBOX_WAKE = True
    woken: list[str] = []
    monkeypatch.setattr("config.celery.send", lambda name, **options: woken.append(name))
    with outbox.waking_once():
        for _number in range(3):
            with django_capture_on_commit_callbacks(execute=True):
                outbox.wake()
        assert woken == []
    assert woken == ["common.tasks.relay_outbox"]
    with django_capture_on_commit_callbacks(execute=True):
        outbox.wake()
    assert len(woken) == 2


@pytest.fixture
def woken(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the wake-ups that are sent."""
    settings.OUTBOX_WAKE = True
    sent: list[str] = []
    monkeypatch.setattr("config.celery.send", lambda name, **options: sent.append(name))
    return sent


def happen(*, thing: str) -> None:
    """Let something happen, and wake whoever tells of it."""
    with unit_of_work():
        outbox.emit(name="thing.happened", payload={"thing": thing}, now=NOON)
        outbox.wake()


@pytest.mark.django_db(transaction=True)
def test_one_wake_up_does_for_everything_that_commits_until_the_relay_sleeps(woken: list[str]) -> None:
    for number in range(5):
        happen(thing=str(number))
    assert len(woken) == 1
    assert outbox.relay(now=NOON) == 10
    happen(thing="later")
    assert len(woken) == 2


@pytest.mark.fault("D10")
@pytest.mark.django_db(transaction=True)
def test_what_commits_while_a_relay_is_awake_is_told_by_it(woken: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody wakes another relay then, so this one must look again after it took the flag down."""
    happen(thing="first")
    really, late = outbox._fall_asleep, ["while asleep", "while awake"]

    def listen_and_go_on(**words: Any) -> None:
        listen(**words)
        if late:
            happen(thing=late.pop())

    def fall_asleep() -> None:
        if late:  # the very last moment in which nobody wakes a relay
            happen(thing=late.pop())
        really()

    monkeypatch.setattr(f"{HERE}.listen_too", listen_and_go_on)
    monkeypatch.setattr(outbox, "_fall_asleep", fall_asleep)
    assert outbox.relay(now=NOON) == 6
    assert len(woken) == 1
    assert {thing for _who, thing, _event in heard} == {"first", "while awake", "while asleep"}
    assert not OutboxMessage.objects.filter(done_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_what_commits_within_the_second_in_which_a_relay_began_is_told_by_it(
    woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody wakes another relay then, and what happened a moment after this one began is due by its clock too."""
    passed = [0.0]
    monkeypatch.setattr(outbox, "time", SimpleNamespace(monotonic=lambda: passed[0]))
    happen(thing="first")
    really = outbox._fall_asleep

    def fall_asleep() -> None:
        if passed[0] == 0:
            passed[0] = 0.4
            with unit_of_work():
                outbox.emit(name="thing.happened", payload={"thing": "late"}, now=NOON + timedelta(milliseconds=300))
        really()

    monkeypatch.setattr(outbox, "_fall_asleep", fall_asleep)
    outbox.relay(now=NOON)
    assert {thing for _who, thing, _event in heard} == {"first", "late"}
    assert not OutboxMessage.objects.filter(done_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_relay_that_leaves_something_undone_asks_for_another(woken: list[str]) -> None:
    for number in range(3):
        happen(thing=str(number))
    assert outbox.relay(now=NOON, limit=4) == 4
    assert len(woken) == 2
    assert outbox.relay(now=NOON, limit=4) == 2
    assert len(woken) == 2


@pytest.mark.fault("D9")
@pytest.mark.django_db
def test_what_was_told_before_the_worker_ended_is_not_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        emit("thing.happened", thing=str(number))

    really = listen

    def killed(**words: Any) -> None:
        if words["payload"]["thing"] == "1":
            raise SystemExit
        really(**words)

    with monkeypatch.context() as patched:
        patched.setattr(f"{HERE}.listen", killed)
        with pytest.raises(SystemExit):
            outbox.relay(now=NOON)
    assert len(heard) == 2
    assert outbox.relay(now=NOON + timedelta(minutes=5)) == 4
    assert len(heard) == len(set(heard)) == 6
