"""Security events: what a line says, when it is told, and what is never in it."""

from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from common import security
from common.security import REFUSALS, Event
from common.testing import Lines

pytestmark = pytest.mark.django_db

BASE = Path(settings.BASE_DIR)


def test_a_line_says_who_whence_and_what(log_lines: Lines) -> None:
    security.arrived(request_id="request-12345", address="203.0.113.9")
    security.identified(login=7)
    security.note(Event.ACCESS_REFUSED, permission="orders.view_order", path="", subject=None)
    (line,) = log_lines.of("security")
    assert line["timestamp"].endswith("Z")
    del line["timestamp"]
    assert line == {
        "event": "access_refused",
        "level": "warning",
        "logger": "security",
        "request_id": "request-12345",
        "address": "203.0.113.9",
        "login": 7,
        "permission": "orders.view_order",
    }


def test_every_request_begins_as_a_guests(log_lines: Lines) -> None:
    security.identified(login=7)
    security.arrived(request_id="request-12345", address="203.0.113.9")
    security.note(Event.RATE_EXCEEDED, kind="login")
    assert [line["login"] for line in log_lines.of("security")] == ["guest"]


@pytest.mark.django_db(transaction=True)
def test_what_was_undone_is_not_told_and_a_refusal_is_told_all_the_same(log_lines: Lines) -> None:
    with transaction.atomic():
        security.note(Event.PASSWORD_CHANGED, subject=1)
        security.note(Event.PASSWORD_REFUSED, subject=1)
        transaction.set_rollback(True)
    with transaction.atomic():
        security.note(Event.PASSWORD_CHANGED, subject=2)
        assert len(log_lines.of("security")) == 1
    assert [(line["event"], line["subject"]) for line in log_lines.of("security")] == [
        ("password_refused", 1),
        ("password_changed", 2),
    ]


@pytest.mark.parametrize("event", Event)
def test_refusals_are_warnings(
    event: Event, log_lines: Lines, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        security.note(event)
    (line,) = log_lines.of("security")
    assert (line["event"], line["level"]) == (event.value, "warning" if event in REFUSALS else "info")


@pytest.mark.fault("F19")
@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("Maria.Souza@Loja.example", "m***@loja.example"),
        ("x@y.example", "x***@y.example"),
        ("pao-de-queijo-quentinho", ""),
        ("", ""),
        ("a@b@c.example", ""),
    ],
)
def test_what_was_typed_is_told_only_as_far_as_it_is_an_address(typed: str, hint: str) -> None:
    assert security.mailbox_hint(typed) == hint


def test_a_long_fact_is_cut(log_lines: Lines) -> None:
    security.note(Event.FORM_REFUSED, path="/" + "x" * 5000)
    assert len(log_lines.of("security")[0]["path"]) == security.MOST_TEXT


@pytest.mark.parametrize("event", Event)
def test_every_event_is_told_somewhere_and_explained_to_operators(event: Event) -> None:
    assert any(f"Event.{event.name}" in text for text in _code())
    assert f"`{event.value}`" in (BASE / "docs" / "operations.md").read_text()


@cache
def _code() -> list[str]:
    apps = [place for place in BASE.iterdir() if (place / "apps.py").is_file()]
    files = [file for app in apps for file in app.rglob("*.py") if "tests" not in file.parts]
    return [file.read_text() for file in files if file != Path(security.__file__)]
