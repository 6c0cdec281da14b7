"""Drawers: opened by somebody or by the first money, one at a time, and what the database refuses of them."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from common.actors import Actor
from common.errors import NotFound
from common.testing import statements
from common.transactions import unit_of_work
from inventory.tests.factories import MONDAY
from till import selectors
from till import services as till
from till.errors import SessionClosed, SessionOpen
from till.models import CashMovement, Till, TillClose, TillSession

pytestmark = pytest.mark.django_db

ANA = Actor(kind="staff", id="7", door="admin")
BIA = Actor(kind="staff", id="8", door="api")
NOBODY = Actor.system(door="task")
MINE: dict[str, Any] = {"anybodys": False, "actor": ANA, "now": MONDAY}
NOTHING = dict.fromkeys(("cash", "card", "pix"), Decimal("0.00"))


def opened(actor: Actor = ANA, **more: Any) -> TillSession:
    given: dict[str, Any] = {"till": None, "opening_float": Decimal("50.00"), "actor": actor, "now": MONDAY, **more}
    return till.open_session(**given)


def session_for(actor: Actor = ANA) -> TillSession:
    with unit_of_work():
        return till.session_for(actor=actor, now=MONDAY)


def closed(session: TillSession, *, note: str = "", counted: str = "50.00") -> TillClose:
    with unit_of_work():
        row = till.locked_session(session=session.public_id, of=None)
        count = till.count_drawer(
            session=row, counted=NOTHING | {"cash": Decimal(counted)}, expected=NOTHING | {"cash": Decimal("50.00")},
            actor=ANA, now=MONDAY,
        )  # fmt: skip
        return till.close_drawer(session=row, count=count, note=note, actor=ANA, now=MONDAY)


def test_the_first_drawer_makes_the_first_till() -> None:
    session = opened()
    assert (bool(session.till.name), session.opened_by_itself, session.opening_float) == (True, False, Decimal("50.00"))
    assert session_for() == session
    assert selectors.open_session_of(actor=ANA) == session
    assert (Till.objects.count(), TillSession.objects.count()) == (1, 1)


def test_money_opens_a_drawer_where_nobody_has() -> None:
    session = session_for()
    assert (session.opened_by_itself, session.opening_float, session.actor_id) == (True, Decimal("0.00"), "7")
    assert session_for() == session
    assert session_for(BIA) != session


def test_who_is_no_person_uses_the_drawer_of_nobody() -> None:
    session = session_for(NOBODY)
    assert (session.actor_kind, session.actor_id) == ("system", "")
    assert session_for(Actor(kind="gateway", id="stripe", door="task")) == session


def test_an_open_drawer_costs_one_statement() -> None:
    session_for()
    with unit_of_work(), statements() as found:
        till.session_for(actor=ANA, now=MONDAY)
    assert len(found) == 1


def test_a_person_opens_one_drawer_at_a_time() -> None:
    session = opened()
    with pytest.raises(SessionOpen):
        opened(till=Till.objects.create(name="Porta").pk)
    assert list(TillSession.objects.all()) == [session]


def test_a_till_out_of_use_opens_nothing() -> None:
    place = Till.objects.create(name="Antigo", active=False)
    with pytest.raises(NotFound):
        opened(till=place.pk)
    assert TillSession.objects.count() == 0
    assert session_for().till == place  # money is never turned away


def test_cash_goes_in_and_out_of_an_open_drawer() -> None:
    session = opened()
    given: dict[str, Any] = {"session": session.public_id, "actor": ANA, "anybodys": False, "now": MONDAY}
    till.move_cash(kind="in", amount=Decimal("20.00"), reason="Troco do banco", **given)
    till.move_cash(kind="out", amount=Decimal("5.00"), reason="Café", **given)
    moved = [(one.kind, one.amount, one.reason, one.actor_id, one.door) for one in session.movements.all()]
    assert moved == [
        ("in", Decimal("20.00"), "Troco do banco", "7", "admin"),
        ("out", Decimal("5.00"), "Café", "7", "admin"),
    ]


def test_nothing_moves_in_a_closed_drawer() -> None:
    session = opened()
    closed(session)
    with pytest.raises(SessionClosed):
        till.move_cash(session=session.public_id, kind="in", amount=Decimal(1), reason="x", **MINE)
    assert CashMovement.objects.count() == 0
    assert session_for() != session


@pytest.mark.parametrize(
    ("statement", "judge"),
    [
        ("UPDATE till_tillsession SET opening_float = 1", "may not be changed"),
        ("UPDATE till_tillsession SET closed_at = NULL", "may not be changed"),
        ("DELETE FROM till_tillsession", "may not be changed"),
        ("UPDATE till_tillclose SET counted_cash = 1", "may not be changed"),
        ("DELETE FROM till_tillcount", "may not be changed"),
        ("UPDATE till_cashmovement SET amount = 2", "may not be changed"),
        (
            """INSERT INTO till_cashmovement (public_id, session_id, kind, amount, reason, actor_kind, actor_id, door, at)
               SELECT gen_random_uuid(), id, 'in', 1, 'x', 'staff', '7', 'admin', now() FROM till_tillsession""",
            "was closed at",
        ),
    ],
)
def test_the_database_refuses_what_was_written(statement: str, judge: str) -> None:
    session = opened()
    till.move_cash(session=session.public_id, kind="in", amount=Decimal(5), reason="x", **MINE)
    till.move_cash(session=session.public_id, kind="out", amount=Decimal(5), reason="x", **MINE)
    closed(session)
    with pytest.raises(DatabaseError, match=judge), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_difference_without_a_note_is_refused_by_the_database() -> None:
    session = opened()
    with pytest.raises(DatabaseError, match="tillclose_difference_has_note"):
        closed(session, counted="49.99")
    session.refresh_from_db()
    assert session.closed_at is None
    assert closed(session, counted="49.99", note="Faltou um centavo").difference == Decimal("-0.01")


def test_a_close_says_what_really_went_through() -> None:
    session = opened()
    till.move_cash(session=session.public_id, kind="out", amount=Decimal(20), reason="x", **MINE)
    with pytest.raises(DatabaseError, match="what went through session"):
        closed(session)


def test_two_drawers_of_one_person_at_one_till_are_one_too_many() -> None:
    session = opened()
    with pytest.raises(DatabaseError, match="tillsession_one_open"), transaction.atomic():
        TillSession.objects.create(
            till=session.till, actor_kind="staff", actor_id="7", opening_float=0, opened_at=MONDAY
        )
