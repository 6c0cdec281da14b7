"""What is kept for a while goes in batches, each in a transaction of its own, after as many days as the setting says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Model
from pytest_django import Settings

from accounts import services as accounts
from accounts.models import RefreshFamily, SignInAttempt, SignInChallenge
from accounts.tests import factories
from chats import services as chats
from chats.models import SentChat
from common import examinations, letters
from common.batches import BATCH, delete_in_batches
from common.models import Examination, SentLetter
from common.transactions import unit_of_work
from desk import kept
from desk.models import KeptFile
from spreadsheets import services as spreadsheets
from spreadsheets.models import Import, ImportRow

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MANY = BATCH + 1
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Kind:
    """Rows that are forgotten: how one of an instant is made, by whom it is forgotten, and which setting says when."""

    make: Callable[[datetime], Callable[[int], Model]]
    forget: Callable[..., int]
    setting: str = ""


def _attempt(at: datetime) -> Callable[[int], Model]:
    return lambda _number: SignInAttempt(at=at, door="api", email="ana@example.com", address="192.0.2.1")


def _challenge(at: datetime) -> Callable[[int], Model]:
    user, ends = factories.user(), at + timedelta(minutes=5)
    return lambda _number: SignInChallenge(digest=uuid4().hex, user=user, stamp="x", created_at=at, expires_at=ends)


def _session(at: datetime) -> Callable[[int], Model]:
    user, ends = factories.user(), at + A_DAY
    return lambda _number: RefreshFamily(user=user, address="", agent="", created_at=at, seen_at=at, expires_at=ends)


def _letter(at: datetime) -> Callable[[int], Model]:
    return lambda _number: SentLetter(identity=uuid4(), mailbox="x", subject="x", at=at)


def _chat(at: datetime) -> Callable[[int], Model]:
    return lambda _number: SentChat(
        occasion="visit_soon", subject=uuid4(), about=at, at=at, actor_kind="staff", actor_id="1"
    )


def _examination(at: datetime) -> Callable[[int], Model]:
    return lambda _number: Examination(began_at=at)


def _file(at: datetime) -> Callable[[int], Model]:
    return lambda _number: KeptFile(name="x", content=b"x", kept_at=at)


def _row(at: datetime) -> Callable[[int], Model]:
    run = Import.objects.create(
        kind="products", state="done", language="pt-br", created_at=at, finished_at=at, actor_kind="staff", actor_id="1"
    )
    return lambda number: ImportRow(run=run, number=number, content={})


KINDS = {
    "sign-ins": Kind(_attempt, accounts.forget_attempts, "SIGN_INS_KEPT_DAYS"),
    "sign-ins that waited": Kind(_challenge, accounts.forget_attempts),
    "sessions": Kind(_session, accounts.forget_sessions),
    "letters": Kind(_letter, letters.forget, "LETTERS_KEPT_DAYS"),
    "chats": Kind(_chat, chats.forget_old, "CHATS_KEPT_DAYS"),
    "examinations": Kind(_examination, examinations.forget, "EXAMINATIONS_KEPT_DAYS"),
    "files of forms": Kind(_file, kept.forget),
    "rows of spreadsheets": Kind(_row, spreadsheets.forget),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_is_old_goes_a_thousand_at_a_time_and_what_is_not_stays(kind: Kind, settings: Settings) -> None:
    if kind.setting:
        setattr(settings, kind.setting, 40)
    old, young = kind.make(NOW - 41 * A_DAY), kind.make(NOW - 39 * A_DAY if kind.setting else NOW)
    rows = type(old(0))._default_manager
    rows.bulk_create([*(old(number) for number in range(MANY)), young(MANY)])
    deleted: list[int] = []

    def watched(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if sql.startswith(f'DELETE FROM "{rows.model._meta.db_table}"'):
            deleted.append(context["cursor"].rowcount)
        return result

    with connection.execute_wrapper(watched):
        kind.forget(now=NOW)

    assert (sum(deleted), rows.count()) == (MANY, 1)
    assert [batch for batch in deleted if batch > BATCH] == []


def test_batches_in_one_transaction_would_be_none() -> None:
    with unit_of_work(), pytest.raises(RuntimeError, match="delete_in_batches: not with a transaction open"):
        delete_in_batches(SentLetter.objects.all())
