"""A drawer closed while money goes into it: the money is in the close, or in another drawer, and the database judges."""

import threading
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from common.actors import Actor
from common.errors import Refusal
from common.testing import race
from counter import services as counter
from counter.tests.factories import MONDAY, STAFF, cash, goods, sell
from inventory.tests.factories import stocked
from operations.integrity import findings
from payments import selectors
from payments import services as payments
from payments.errors import CountAgain
from payments.models import Payment
from payments.selectors import DrawerSums, drawer_sums
from till import services as till
from till.models import TillClose, TillSession

pytestmark = pytest.mark.django_db(transaction=True)


def bread(_number: int = 0) -> Any:
    return sell(cash("0.80"), goods=goods(PAO=1))


def count_of(session: TillSession) -> int:
    [sums] = drawer_sums(sessions=[session])
    counted = payments.count_session(
        session=session.public_id, counted=sums.expected, anybodys=True, actor=STAFF, now=MONDAY
    )
    return counted.pk


def close(session: TillSession, count: int) -> TillClose:
    return counter.close_drawer(
        session=session.public_id, count=count, note="x", anybodys=True, actor=STAFF, now=MONDAY
    )


def count_and_close(session: TillSession) -> Any:
    """Close a drawer as a person would: count again whenever money has moved."""
    for _try in range(20):
        try:
            return close(session, count_of(session))
        except CountAgain:
            continue
    raise AssertionError("never closed")


def act(session: TillSession, number: int) -> Any:
    return count_and_close(session) if number == 0 else bread()


def test_a_drawer_is_closed_while_sales_are_paid() -> None:
    stocked(sku="PAO", price="0.80", units=50)
    bread()
    session = TillSession.objects.get()
    found = race(workers=5, work=partial(act, session))
    assert [one for one in found if isinstance(one, Exception) and not isinstance(one, Refusal)] == []
    session.refresh_from_db()
    inside = sum((one.amount for one in Payment.objects.filter(session=session)), Decimal(0))
    assert TillClose.objects.get().expected["cash"] == inside
    assert Payment.objects.filter(session=None).count() == 0
    assert findings(now=MONDAY) == []


def test_money_that_found_an_open_drawer_which_is_closed_now_goes_into_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: money no longer shares its session's row, and the trigger refuses the closed one."""
    stocked(sku="PAO", price="0.80", units=50)
    bread()
    session = TillSession.objects.get()
    found, closed = threading.Event(), threading.Event()
    asked = till.session_for

    def without_courtesy(*, actor: Actor, now: datetime) -> TillSession:
        if found.is_set():
            return asked(actor=actor, now=now)
        seen = TillSession.objects.get(pk=session.pk)  # read, and not kept from anybody
        found.set()
        assert closed.wait(timeout=60)
        return seen

    monkeypatch.setattr(till, "session_for", without_courtesy)

    def work(number: int) -> Any:
        if number:
            return bread()
        assert found.wait(timeout=60)
        done = count_and_close(session)
        closed.set()
        return done

    results = race(workers=2, work=work)
    assert [one for one in results if isinstance(one, Exception)] == []
    first, last = Payment.objects.order_by("pk")
    assert first.session == session
    assert last.session not in (None, session)
    assert findings(now=MONDAY) == []


def test_a_close_that_was_added_up_too_early_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: whoever closes no longer waits for money, and the trigger adds up once more."""
    stocked(sku="PAO", price="0.80", units=50)
    bread()
    session = TillSession.objects.get()
    count = count_of(session)
    added, paid = threading.Event(), threading.Event()
    asked = selectors.drawer_sums

    def without_courtesy(*, sessions: Any) -> list[DrawerSums]:
        sums = asked(sessions=sessions)
        if not added.is_set():
            added.set()
            assert paid.wait(timeout=60)
        return sums

    def unlocked(*, session: Any, of: Any) -> TillSession:
        return TillSession.objects.get(public_id=session)

    monkeypatch.setattr(selectors, "drawer_sums", without_courtesy)
    monkeypatch.setattr(till, "locked_session", unlocked)

    def work(number: int) -> Any:
        if number == 0:
            return close(session, count)
        assert added.wait(timeout=60)
        done = bread()
        paid.set()
        return done

    refused, _sold = race(workers=2, work=work)
    assert isinstance(refused, CountAgain)
    assert TillClose.objects.count() == 0
    assert findings(now=MONDAY) == []
