"""Letters outlive a mail server that is away for days; only what can never be delivered is given up."""

import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from smtplib import SMTPNotSupportedError
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from pytest_django import Settings

from common import letters, mail, outages, outbox
from common.mail import Letter
from common.models import Outage, OutboxMessage
from common.outbox import Kind
from common.testing import Lines
from common.tests.mail_server import mail_server
from common.transactions import unit_of_work
from devstack import ports

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HERE = "common.tests.test_letters_in_outages"
SUBSCRIPTIONS = {"letter.due": [f"{HERE}.write"], "step.due": [f"{HERE}.step"]}
LETTERS = frozenset({f"{HERE}.write"})

stepped: list[str] = []


def write(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Write to somebody."""
    letter = Letter(recipient=payload["to"], subject="S", body="B", identity=event_id, is_owed=True)
    letters.send(letter=letter, now=now)


def step(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Do what writes to nobody."""
    stepped.append(payload["to"])


@pytest.fixture(autouse=True)
def by_smtp(settings: Settings) -> Iterator[Settings]:
    """Send letters by SMTP, as a real shop does, to a port where nobody listens yet."""
    settings.EMAIL_BACKEND = "common.mail.GuardedEmailBackend"
    settings.MAIL_DELIVERY = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", ports.free_port(), 1
    settings.OUTBOX_SUBSCRIPTIONS, settings.OUTBOX_LETTERS = f"{HERE}.SUBSCRIPTIONS", f"{HERE}.LETTERS"
    outbox.subscriptions.cache_clear()
    outbox.letter_handlers.cache_clear()
    stepped.clear()
    yield settings
    outbox.subscriptions.cache_clear()
    outbox.letter_handlers.cache_clear()


def due(*names: str, event: str = "letter.due") -> None:
    """Let letters, or steps, become due."""
    with unit_of_work():
        for name in names:
            outbox.emit(name=event, payload={"to": f"{name}@example.com"}, now=NOON)


def relayed(*, since: datetime, until: datetime, every: timedelta) -> datetime:
    """Relay as beat does, in a hurry; return when it ended."""
    now = since
    while now < until:
        outbox.relay(now=now, kind=Kind.LETTERS)
        now += every
    return now


def told(lines: Lines) -> list[str]:
    """Return what the log says of letters and outages."""
    said = [json.loads(line)["event"] for line in lines.text.splitlines()]
    return [event for event in said if event.startswith(("outbox", "outage"))]


@pytest.mark.fault("D25")
@pytest.mark.django_db
def test_letters_survive_an_outage_of_three_days(by_smtp: Settings, log_lines: Lines) -> None:
    due(*(f"guest{number}" for number in range(30)))
    now = relayed(since=NOON, until=NOON + timedelta(days=3), every=timedelta(minutes=20))
    assert not OutboxMessage.objects.exclude(dead_at=None).exists()
    assert told(log_lines) == ["outage_began"]
    assert Outage.objects.get().tries < 90, "a server that is away is asked seldom"
    with mail_server(port=by_smtp.EMAIL_PORT) as server:
        relayed(since=now, until=now + timedelta(hours=2), every=timedelta(minutes=1))
    assert len(server.letters) == 30
    assert not OutboxMessage.objects.filter(done_at=None).exists()
    assert told(log_lines) == ["outage_began", "outage_over"]
    assert not Outage.objects.exists()


@pytest.mark.fault("D25")
@pytest.mark.django_db
def test_letters_leave_within_minutes_of_a_short_outage(by_smtp: Settings) -> None:
    due("ana", "bia", "caio")
    now = relayed(since=NOON, until=NOON + timedelta(minutes=5), every=timedelta(seconds=10))
    with mail_server(port=by_smtp.EMAIL_PORT) as server:
        relayed(since=now, until=now + timedelta(minutes=5), every=timedelta(seconds=10))
    assert len(server.letters) == 3


@pytest.mark.fault("D9")
@pytest.mark.django_db
def test_a_letter_that_was_sent_is_ticked_off_before_the_next(
    by_smtp: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is killed between two letters has no time to tick anything off."""
    due("ana", "bia", "caio")
    ticked_off: list[int] = []
    really = write

    def looking(**words: Any) -> None:
        ticked_off.append(OutboxMessage.objects.exclude(done_at=None).count())
        really(**words)

    monkeypatch.setattr(f"{HERE}.write", looking)
    with mail_server(port=by_smtp.EMAIL_PORT):
        assert outbox.relay(now=NOON, kind=Kind.LETTERS) == 3
    assert ticked_off == [0, 1, 2]


@pytest.mark.fault("D26")
@pytest.mark.django_db
def test_a_silent_server_is_waited_for_once_and_keeps_no_step(by_smtp: Settings) -> None:
    due(*(f"guest{number}" for number in range(20)))
    due("one", "two", event="step.due")
    with mail_server(silent=True) as server:
        by_smtp.EMAIL_PORT = server.port
        began = time.monotonic()
        outbox.relay(now=NOON, kind=Kind.LETTERS)
        outbox.relay(now=NOON + timedelta(seconds=10), kind=Kind.LETTERS)
        assert time.monotonic() - began < 3
        assert server.sessions == 1
        assert outbox.relay(now=NOON, kind=Kind.STEPS) == 2
    assert set(OutboxMessage.objects.filter(done_at=None).values_list("attempts", flat=True)) == {0}


@pytest.mark.fault("D14")
@pytest.mark.django_db
def test_a_mailbox_that_does_not_exist_is_given_up_at_once_and_alone(by_smtp: Settings, log_lines: Lines) -> None:
    due("ana", "nobody", "bia")
    with mail_server() as server:
        by_smtp.EMAIL_PORT = server.port
        assert outbox.relay(now=NOON) == 2
    dead = OutboxMessage.objects.get(done_at=None)
    assert (dead.dead_at, dead.last_error) == (NOON, "550 5.1.1")
    assert told(log_lines) == ["outbox_given_up"]
    assert "nobody@" not in log_lines.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ("450 4.2.0 greylisted, come back", "later"),
        ("554 5.7.1 relay access denied", "later"),
        ("553 no such name", "dead"),
        ("552 5.2.2 mailbox full", "dead"),
        ("421 4.3.2 closing", "away"),
        ("530 5.7.0 authentication required", "away"),
    ],
)
def test_what_a_refusal_means(by_smtp: Settings, said: str, becomes: str) -> None:
    due("ana")
    with mail_server() as server:
        server.refusals["ana"] = said
        by_smtp.EMAIL_PORT = server.port
        assert outbox.relay(now=NOON) == 0
    message = OutboxMessage.objects.get()
    is_away = outages.is_on(name=outages.MAIL, now=NOON)
    assert ("away" if is_away else "dead" if message.dead_at else "later") == becomes
    assert message.attempts == (0 if is_away else 1)


@pytest.mark.django_db
def test_a_letter_at_which_the_server_hangs_up_holds_up_no_other(by_smtp: Settings) -> None:
    due("poison", "ana", "bia")
    with mail_server() as server:
        server.refusals["poison"] = "421 4.3.0 internal error"
        by_smtp.EMAIL_PORT = server.port
        relayed(since=NOON, until=NOON + timedelta(minutes=2), every=timedelta(seconds=10))
        assert len(server.letters) == 2
    assert OutboxMessage.objects.get(done_at=None).payload == {"to": "poison@example.com"}


@pytest.mark.django_db
def test_a_letter_that_is_not_sent_does_not_end_an_outage(by_smtp: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    due("ana")
    outbox.relay(now=NOON)
    monkeypatch.setattr(f"{HERE}.write", lambda **_words: None)  # as when the visit has changed since
    OutboxMessage.objects.update(not_before=NOON)
    assert outbox.relay(now=NOON + timedelta(minutes=1)) == 1
    assert Outage.objects.count() == 1


@pytest.mark.django_db
def test_an_outage_ends_although_no_letter_waits_any_more(by_smtp: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    due("ana")
    outbox.relay(now=NOON, kind=Kind.LETTERS)
    monkeypatch.setattr(f"{HERE}.write", lambda **_words: None)  # as when the visit has changed since
    now = relayed(since=NOON, until=NOON + timedelta(hours=2), every=timedelta(minutes=1))
    assert not OutboxMessage.objects.filter(done_at=None).exists()
    assert Outage.objects.get().tries > 2, "the server is still away"
    with mail_server(port=by_smtp.EMAIL_PORT) as server:
        relayed(since=now, until=now + timedelta(hours=2), every=timedelta(minutes=1))
        assert (server.sessions, server.letters) == (1, [])
    assert not Outage.objects.exists()


@pytest.mark.django_db
def test_a_letter_that_begins_outage_after_outage_is_given_up(
    by_smtp: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MAX_ATTEMPTS", 3)
    due("poison")
    now = NOON
    with mail_server() as server:
        server.refusals["poison"] = "421 4.3.0 internal error"
        by_smtp.EMAIL_PORT = server.port
        for number in range(5):
            due(f"guest{number}")
            now = relayed(since=now, until=now + timedelta(hours=3), every=timedelta(minutes=5))
        assert len(server.letters) == 5
    [dead] = OutboxMessage.objects.filter(done_at=None)
    assert (dead.dead_at is not None, dead.attempts, dead.last_error) == (True, 3, "421 4.3.0")


@pytest.mark.django_db
def test_what_was_given_up_is_brought_back_by_kind_and_age(by_smtp: Settings, capsys: Any) -> None:
    due("nobody", "nobody2")
    with mail_server() as server:
        server.refusals["nobody2"] = "550 5.1.1 nobody here either"
        by_smtp.EMAIL_PORT = server.port
        outbox.relay(now=NOON)
        assert outbox.given_up().count() == 2
        OutboxMessage.objects.filter(payload__to__startswith="nobody2").update(dead_at=NOON - timedelta(days=400))
        call_command("requeue", "--dry-run")
        assert outbox.given_up().count() == 2
        assert "550 5.1.1" in capsys.readouterr().out
        call_command("requeue", "step.due")
        assert outbox.given_up().count() == 2
        days = (datetime.now(tz=UTC) - NOON).days + 2
        call_command("requeue", "letter.due", "--days", str(days))
        assert outbox.given_up().count() == 1
        server.refusals.clear()
        OutboxMessage.objects.filter(dead_at=None).update(not_before=NOON)
        assert outbox.relay(now=NOON) == 1
    assert len(server.letters) == 1


@pytest.mark.django_db
def test_old_messages_are_deleted_a_few_at_a_time_and_nothing_else(settings: Settings) -> None:
    due(*(f"guest{number}" for number in range(7)))
    done, dead, waiting = OutboxMessage.objects.all()[:5], *OutboxMessage.objects.all()[5:7]
    OutboxMessage.objects.filter(pk__in=[one.pk for one in done]).update(done_at=NOON)
    OutboxMessage.objects.filter(pk=dead.pk).update(dead_at=NOON)
    assert outbox.forget(now=NOON + timedelta(days=29)) == 0
    assert outbox.forget(now=NOON + timedelta(days=31), batch=2) == 5
    assert set(OutboxMessage.objects.values_list("pk", flat=True)) == {dead.pk, waiting.pk}
    assert outbox.forget(now=NOON + timedelta(days=91)) == 1
    settings.OUTBOX_KEPT_DAYS = 1
    assert outbox.forget(now=NOON + timedelta(days=900)) == 0


def test_an_address_outside_ascii_is_refused_for_good() -> None:
    problem = SMTPNotSupportedError("SMTPUTF8")
    assert isinstance(mail.judged(problem, recipient="josé@example.com"), mail.LetterRefusedError)
    assert isinstance(mail.judged(problem, recipient="jose@example.com"), mail.MailAwayError)
    assert isinstance(mail.judged(socket.gaierror(), recipient="jose@example.com"), mail.MailAwayError)
