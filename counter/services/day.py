"""The close of a day: its figures as they are, sealed; and entries that put right what a closed day says."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from common.actors import Actor
from common.transactions import one_at_a_time, within_unit_of_work
from common.use_cases import use_case
from counter import daysheet
from counter.errors import DayAhead, DayClosed, DrawersOpen
from counter.services.awaiting import shut_drawer
from shop import services as shop
from till import selectors as till
from till.models import DayClose, DayCorrection


@dataclass(frozen=True)
class LastDrawer:
    """The drawer that is closed with the day: its last count, what explains a difference, and whose it may be."""

    session: UUID
    count: int
    note: str
    anybodys: bool


@use_case()
def close_day(*, day: date, note: str, actor: Actor, now: datetime) -> DayClose:
    """Close a day with the figures of its sheet, and return its close. What comes later counts for the day after.

    Raises DayAhead, DayClosed, DrawersOpen (drawers that were opened by then and are still open).
    """
    return _close(day=day, note=note, actor=actor, now=now)


@use_case()
def end_day(*, drawer: LastDrawer, day: date, note: str, actor: Actor, now: datetime) -> DayClose:
    """Close the last open drawer and the day with it, both or neither. Raises what either of them raises."""
    shut_drawer(
        session=drawer.session, count=drawer.count, note=drawer.note, anybodys=drawer.anybodys, actor=actor, now=now
    )
    return _close(day=day, note=note, actor=actor, now=now)


@within_unit_of_work
def _close(*, day: date, note: str, actor: Actor, now: datetime) -> DayClose:
    one_at_a_time(names=["close of a day"])
    timezone = shop.policy().timezone
    if day > now.astimezone(ZoneInfo(timezone)).date():
        raise DayAhead()
    period = daysheet.period_of(day=day, timezone=timezone, now=now)
    if period.closed is not None:
        raise DayClosed()
    waiting = till.open_before(until=period.ends)
    if waiting:
        raise DrawersOpen(count=len(waiting), drawers=[str(session.public_id) for session in waiting])
    figures = daysheet.figures_of(period=period, timezone=timezone)
    totals = daysheet.totals_of(drawers=figures["drawers"])
    return DayClose.objects.create(
        day=day,
        starts_at=period.starts,
        ends_at=period.ends,
        figures=figures,
        digest=daysheet.digest_of(figures=figures),
        expected=totals["expected"],
        counted=totals["counted"],
        note=note,
        actor_kind=actor.kind,
        actor_id=actor.id,
        door=actor.door,
        at=now,
    )


@use_case()
def correct_day(*, day: date, tender: str, amount: Decimal, reason: str, actor: Actor, now: datetime) -> DayCorrection:
    """Write down that a day's money was more (or, below nothing, less) than its drawers say, and why.

    Nothing that was written is changed. Raises DayAhead.
    """
    if day > now.astimezone(ZoneInfo(shop.policy().timezone)).date():
        raise DayAhead()
    return DayCorrection.objects.create(
        day=day,
        tender=tender,
        amount=amount,
        reason=reason,
        actor_kind=actor.kind,
        actor_id=actor.id,
        door=actor.door,
        at=now,
    )
