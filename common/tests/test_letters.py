"""How many letters one mailbox gets and one client causes; what is owed goes out all the same, and all is counted."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail

from common import counters, letters
from common.mail import Letter
from common.models import SentLetter
from common.testing import race

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def bounds(settings: Any) -> None:
    settings.LETTER_LIMITS = {"mailbox": 5, "unknown": 3, "client": 4}


def write(*, to: str = "ana@example.com", now: datetime = NOON, identity: UUID | None = None, **how: Any) -> bool:
    """Send a letter, and say whether it went out."""
    letter = Letter(recipient=to, subject="Pedido", body="Olá!", identity=identity or uuid4(), **how)
    return letters.send(letter=letter, now=now)


def held_back() -> list[str]:
    return list(SentLetter.objects.exclude(held_back="").order_by("pk").values_list("held_back", flat=True))


def test_a_mailbox_that_nobody_is_known_to_read_gets_a_few_in_a_month() -> None:
    sent = [write(to=f"ana+{number}@example.com", now=NOON + timedelta(days=number)) for number in range(5)]
    assert sent == [True, True, True, False, False]
    assert (held_back(), len(mail.outbox)) == (["unknown"] * 2, 3)
    assert write(now=NOON + timedelta(days=5), is_known=True)
    assert write(now=NOON + timedelta(days=40))


def test_a_known_mailbox_gets_more_and_not_for_ever() -> None:
    assert [write(is_known=True) for _number in range(6)] == [True] * 5 + [False]
    assert held_back() == ["mailbox"]
    assert write(is_known=True, now=NOON + timedelta(days=1))


def test_one_client_does_not_write_to_everybody() -> None:
    before = counters.read("letters_held_back")
    sent = [write(to=f"{number}@example.com", client="203.0.113.7") for number in range(6)]
    assert sent == [True] * 4 + [False] * 2
    assert write(to="other@example.com", client="203.0.113.8")
    assert (held_back(), counters.read("letters_held_back") - before) == (["client"] * 2, 2)


def test_what_is_owed_goes_out_and_is_counted() -> None:
    assert [write(is_owed=True) for _number in range(9)] == [True] * 9
    assert (SentLetter.objects.count(), held_back()) == (9, [])
    assert write() is False


def test_a_letter_that_is_tried_again_is_counted_once() -> None:
    identity = uuid4()
    assert [write(identity=identity) for _number in range(4)] == [True] * 4
    assert SentLetter.objects.count() == 1


def test_nothing_is_bounded_where_the_bound_is_none(settings: Any) -> None:
    settings.LETTER_LIMITS = {"mailbox": 0, "unknown": 0, "client": 0}
    assert [write(client="203.0.113.7") for _number in range(9)] == [True] * 9


def test_what_is_remembered_tells_no_address_and_is_forgotten() -> None:
    write(client="203.0.113.7")
    row = SentLetter.objects.get()
    assert "ana" not in row.mailbox
    assert "203" not in row.client
    assert (letters.forget(now=NOON + timedelta(days=29)), letters.forget(now=NOON + timedelta(days=30))) == (0, 1)


@pytest.mark.race
def test_many_at_once_stay_within_the_bound() -> None:
    assert sum(race(workers=8, work=lambda _number: write())) == 3
