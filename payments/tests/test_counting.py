"""Drawers that are counted blind and closed with that count: whose, beside what, and by whom signed."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from common.actors import Actor
from common.errors import NotFound
from common.transactions import unit_of_work
from counter import services as counter
from orders.tests.factories import MONDAY, STAFF, ordered, stocked
from payments import services as payments
from payments.errors import CountAgain, NoteRequired
from till import services as till
from till.errors import SessionClosed
from till.models import TillClose, TillCount, TillSession

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(hours=9)
BIA = Actor(kind="staff", id="99", door="api")
RIGHT = {"cash": Decimal("58.00"), "card": Decimal("3.00"), "pix": Decimal("0.00")}
WRONG = RIGHT | {"cash": Decimal("57.50")}


@pytest.fixture
def drawer() -> TillSession:
    """Return a drawer of fifty reais through which eight have come in cash and three by card."""
    stocked(sku="PAO", price="0.80", units=100)
    session = till.open_session(till=None, opening_float=Decimal("50.00"), actor=STAFF, now=MONDAY)
    take("8.00", "cash")
    take("3.00", "card")
    return session


def take(amount: str, tender: str) -> None:
    arrival = payments.Arrival.by_hand(method="on_site", amount=Decimal(amount), tender=tender)
    number = ordered(units={"PAO": 10}).number
    payments.record_arrival(number=number, arrival=arrival, actor=STAFF, now=MONDAY)


def count(row: TillSession, counted: Mapping[str, Decimal] = RIGHT, **differs: Any) -> TillCount:
    wanted: dict[str, Any] = {"session": row.public_id, "anybodys": False, "actor": STAFF, "now": LATER}
    return payments.count_session(counted=counted, **wanted | differs)


def close(row: TillSession, number: int, *, note: str = "", **differs: Any) -> TillClose:
    wanted: dict[str, Any] = {"session": row.public_id, "anybodys": False, "actor": STAFF, "now": LATER}
    return counter.close_drawer(count=number, note=note, **wanted | differs)


def test_a_count_is_written_down_beside_what_should_be_there(drawer: TillSession) -> None:
    made = count(drawer, WRONG)
    made.refresh_from_db()
    assert (made.session, made.counted, made.expected, made.at) == (drawer, WRONG, RIGHT, LATER)
    assert (made.actor_kind, made.actor_id) == ("staff", STAFF.id)
    drawer.refresh_from_db()
    assert drawer.closed_at is None


def test_a_drawer_is_closed_with_its_count_and_signed_by_whoever_closes_it(drawer: TillSession) -> None:
    counted = count(drawer)
    closed = close(drawer, counted.pk, anybodys=True, actor=BIA)
    closed.refresh_from_db()
    assert (closed.session, closed.count, closed.note, closed.at) == (drawer, counted, "", LATER)
    assert (closed.actor_kind, closed.actor_id, closed.counted, closed.expected) == ("staff", BIA.id, RIGHT, RIGHT)
    drawer.refresh_from_db()
    assert drawer.closed_at == LATER


def test_another_persons_drawer_is_counted_and_closed_only_by_those_who_may(drawer: TillSession) -> None:
    own = count(drawer)
    with pytest.raises(NotFound):
        count(drawer, actor=BIA)
    with pytest.raises(NotFound):
        close(drawer, own.pk, actor=BIA)
    assert (TillCount.objects.count(), TillClose.objects.count()) == (1, 0)
    hers = count(drawer, actor=BIA, anybodys=True)
    assert (hers.session, hers.actor_id) == (drawer, BIA.id)
    close(drawer, hers.pk)
    assert TillClose.objects.get().actor_id == STAFF.id


def test_a_drawer_that_is_closed_or_unknown_is_neither_counted_nor_closed(drawer: TillSession) -> None:
    counted = count(drawer)
    close(drawer, counted.pk)
    with pytest.raises(SessionClosed):
        count(drawer)
    with pytest.raises(SessionClosed):
        close(drawer, counted.pk)
    for anybodys in (True, False):
        with pytest.raises(NotFound):
            count(drawer, session=uuid4(), anybodys=anybodys)
        with pytest.raises(NotFound):
            close(drawer, counted.pk, session=uuid4(), anybodys=anybodys)


def test_only_the_last_count_of_this_drawer_closes_it(drawer: TillSession) -> None:
    with pytest.raises(CountAgain):
        close(drawer, 0)
    other = till.open_session(till=None, opening_float=Decimal("0.00"), actor=BIA, now=MONDAY)
    nothing = dict.fromkeys(RIGHT, Decimal("0.00"))
    first, second = count(drawer, WRONG), count(drawer)
    foreign = count(other, nothing, actor=BIA)
    for stale in (first, foreign):
        with pytest.raises(CountAgain):
            close(drawer, stale.pk, note="-")
    assert close(drawer, second.pk).count == second
    assert close(other, foreign.pk, actor=BIA).count == foreign


def test_money_that_moves_after_it_makes_a_count_worthless(drawer: TillSession) -> None:
    stale = count(drawer)
    take("2.00", "pix")
    with pytest.raises(CountAgain):
        close(drawer, stale.pk, note="-")
    fresh = count(drawer, RIGHT | {"pix": Decimal("2.00")})
    assert close(drawer, fresh.pk).expected["pix"] == Decimal("2.00")


def test_what_does_not_fit_is_closed_with_a_word_about_it_and_not_without(drawer: TillSession) -> None:
    wrong = count(drawer, WRONG)
    with pytest.raises(NoteRequired):
        close(drawer, wrong.pk)
    assert not TillClose.objects.exists()
    closed = close(drawer, wrong.pk, note="Troco errado")
    assert (closed.note, closed.counted, closed.expected) == ("Troco errado", WRONG, RIGHT)


def test_a_drawer_is_closed_within_something_larger_or_not_at_all(drawer: TillSession) -> None:
    counted = count(drawer)
    with pytest.raises(RuntimeError, match=r"^close_within must run within"):
        payments.close_within(session=drawer, count=counted.pk, note="", actor=STAFF, now=LATER)
    with unit_of_work():
        assert payments.close_within(session=drawer, count=counted.pk, note="", actor=STAFF, now=LATER).at == LATER
