"""Drawers as the desk shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext

from audit.selectors import subject_of
from common.actors import Actor
from common.money import format_brl
from desk.shown import name_actors
from till import selectors
from till.models import TENDERS, Counted, TillClose, TillCount, TillSession
from till.services import whose

SHOWN = 20
"""Closed drawers on the page; the days hold the rest."""


@dataclass(frozen=True)
class Drawer:
    """An open drawer: whose, where, since when, and what was put in and taken out of it. Not what is in it.

    `subject`: by what name changes of it are found.
    """

    session: UUID
    subject: str
    person: str
    till: str
    opened_at: datetime
    opened_by_itself: bool
    opening_float: str
    movements: Sequence[Any]


@dataclass(frozen=True)
class TenderRow:
    """One tender of a count: what was counted, what should be there, and what lies between."""

    name: str
    counted: str
    expected: str
    difference: str
    colour: str


def shown(session: TillSession) -> Drawer:
    """Return a drawer as the desk shows it."""
    movements = list(session.movements.order_by("-pk"))
    name_actors([session, *movements])
    for movement in movements:
        movement.shown_amount = format_brl(movement.amount)  # type: ignore[attr-defined]
    return _drawer(session, movements)


def open_ones(*, but: TillSession | None) -> list[Drawer]:
    """Return the other drawers that are open, the longest open first; two statements however many there are."""
    sessions = [one for one in selectors.open_sessions() if but is None or one.pk != but.pk]
    name_actors(sessions)
    return [_drawer(session, ()) for session in sessions]


def closed(*, of: Actor | None) -> list[Any]:
    """Return the drawers that were closed last, everybody's or one person's."""
    found = TillClose.objects.select_related("session__till").annotate(counts=Count("session__counts")).order_by("-pk")
    if of is not None:
        kind, identity = whose(actor=of)
        found = found.filter(session__actor_kind=kind, session__actor_id=identity)
    rows: list[Any] = list(found[:SHOWN])
    name_actors([*rows, *(row.session for row in rows)])
    for row in rows:
        row.shown_counted = format_brl(sum(row.counted.values(), Decimal("0.00")))
        row.subject = subject_of(row.session)
        row.shown_difference, row.colour = difference(row.difference)
    return rows


def tills() -> list[Any]:
    """Return every till, those out of use too."""
    found: list[Any] = list(selectors.all_tills())
    for till in found:
        till.subject = subject_of(till)
    return found


def last_count(session: TillSession) -> TillCount | None:
    """Return the last count of a drawer; None where nobody has counted it."""
    return session.counts.last()


def tenders(count: Counted) -> list[TenderRow]:
    """Return a count, tender by tender."""
    rows = []
    for tender in TENDERS:
        text, colour = difference(count.differences[tender])
        rows.append(
            TenderRow(
                name=tender_names()[tender],
                counted=format_brl(count.counted[tender]),
                expected=signed(count.expected[tender]),
                difference=text,
                colour=colour,
            )
        )
    return rows


def tender_names() -> dict[str, str]:
    """Return what the desk calls the tenders."""
    return {"cash": gettext("Cash"), "card": gettext("Card"), "pix": gettext("Pix")}


def difference(amount: Decimal) -> tuple[str, str]:
    """Return what was counted beyond what should be there, in words, and the class of its colour."""
    if amount == 0:
        return gettext("It fits"), "is-more"
    words = gettext("%(amount)s too much") if amount > 0 else gettext("%(amount)s missing")
    return words % {"amount": format_brl(abs(amount))}, "is-less"


def signed(amount: Decimal) -> str:
    """Return an amount that may be less than nothing."""
    return f"-{format_brl(-amount)}" if amount < 0 else format_brl(amount)


def is_own(session: TillSession, actor: Actor) -> bool:
    """Say whether a drawer is this person's."""
    return (session.actor_kind, session.actor_id) == whose(actor=actor)


def _drawer(session: Any, movements: Sequence[Any]) -> Drawer:
    return Drawer(
        session=session.public_id,
        subject=subject_of(session),
        person=session.actor_name,
        till=session.till.name,
        opened_at=session.opened_at,
        opened_by_itself=session.opened_by_itself,
        opening_float=format_brl(session.opening_float),
        movements=movements,
    )
