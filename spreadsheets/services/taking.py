"""From a file to a preview, and from a preview that somebody confirmed to the tables: all of it, or nothing.

Both are one unit of work. What was previewed is sealed; what is taken in is compared again under locks, and a seal that
no longer fits takes nothing in and shows what is different now.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db import DataError, IntegrityError
from django.db.models import Count
from django.utils import translation
from django.utils.translation import gettext as _

from common import sql
from common.actors import Actor
from common.errors import Conflict, Invalid, NotFound
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case
from shop import services as shop
from spreadsheets.errors import ChangedMeanwhile, NotReady
from spreadsheets.files import UnreadableError
from spreadsheets.models import Import, ImportRow
from spreadsheets.services import agenda, people, products, progress, reading
from spreadsheets.services.reading import Parse
from spreadsheets.wording import file_problem, refusal_problem, unforeseen

log = structlog.get_logger(__name__)

State = Import.State
MOST_SAID = 300


@dataclass(frozen=True)
class Taker:
    """What is done with the rows of a kind.

    `parse` reads a row on a day of the shop, without asking the database. `compare` writes down what becomes of each
    row of a `run` at `now`, and returns the seal of what was found. `write` writes it if the seal still fits, for a
    `reason` and an `actor`. Raises ChangedMeanwhile.
    """

    parse: Callable[[date], Parse]
    compare: Callable[..., str]
    write: Callable[..., None]


TAKERS: Mapping[str, Taker] = {
    Import.Kind.PRODUCTS: Taker(parse=lambda _today: products.parsed, compare=products.compare, write=products.write),
    Import.Kind.CUSTOMERS: Taker(
        parse=lambda today: partial(people.parsed, today=today), compare=people.compare, write=people.write
    ),
    Import.Kind.SERVICES: Taker(parse=lambda _today: agenda.parsed, compare=agenda.compare, write=agenda.write),
}


def prepare(*, public_id: UUID, now: datetime) -> Import:
    """Read a file that waits and say what it would change; a file that cannot be read is refused with a sentence.

    Safe to repeat. Raises NotFound, Busy.
    """
    try:
        return _prepare(public_id=public_id, now=now)
    except UnreadableError as problem:
        return _refuse(public_id=public_id, problem=problem)
    finally:
        progress.forget(public_id=public_id)


def take_in(*, public_id: UUID, now: datetime) -> Import:
    """Take in what was confirmed, all of it or nothing; what is refused or changed meanwhile is shown again, and why.

    Safe to repeat. Raises NotFound, Busy.
    """
    progress.tell(public_id=public_id, done=0, of=0)
    try:
        return _take_in(public_id=public_id, now=now)
    except (Conflict, Invalid) as refusal:
        return _look_again(public_id=public_id, why=partial(refusal_problem, refusal), now=now)
    except (DataError, IntegrityError):  # a rule of the tables by which no row was judged: a mistake of ours
        log.exception("spreadsheet_not_taken_in", spreadsheet=str(public_id))
        return _look_again(public_id=public_id, why=unforeseen, now=now)
    finally:
        progress.forget(public_id=public_id)


@use_case()
def confirm(*, public_id: UUID, seal: str) -> Import:
    """Let a preview be taken in. Raises NotFound, NotReady, ChangedMeanwhile (another preview was looked at)."""
    run = _locked(public_id=public_id)
    if run.state in (State.CONFIRMED, State.DONE):
        return run
    if run.state != State.READY or run.wrong or not run.fresh + run.changed:
        raise NotReady()
    if run.seal != seal:
        raise ChangedMeanwhile()
    run.state = State.CONFIRMED
    run.save(update_fields=["state"])
    return run


@use_case()
def _prepare(*, public_id: UUID, now: datetime) -> Import:
    run = _locked(public_id=public_id)
    if run.state != State.WAITING:
        return run
    _take_time()
    content = bytes(run.content)
    lines = content.count(b"\n")
    today = now.astimezone(ZoneInfo(shop.policy().timezone)).date()
    with translation.override(run.language):
        grid, places, run.ignored = reading.opened(content=content, kind=run.kind)
        reading.stage(
            run=run,
            grid=grid,
            places=places,
            parse=TAKERS[run.kind].parse(today),
            tell=lambda done: progress.tell(public_id=public_id, done=done, of=lines),
        )
    sql.execute("ANALYZE spreadsheets_importrow", {})
    progress.tell(public_id=public_id, done=lines, of=lines)
    run.content = b""
    _compare(run=run, now=now)
    return run


@use_case()
def _take_in(*, public_id: UUID, now: datetime) -> Import:
    run = _locked(public_id=public_id)
    if run.state != State.CONFIRMED:
        return run
    _take_time()
    actor = Actor(kind="staff", id=run.actor_id, door="admin")
    with translation.override(run.language):
        reason = _("Spreadsheet %(name)s") % {"name": run.name}
    TAKERS[run.kind].write(run=run, seal=run.seal, reason=reason, actor=actor, now=now)
    run.state, run.finished_at, run.problem = State.DONE, now, ""
    run.save(update_fields=["state", "finished_at", "problem"])
    return run


@use_case()
def _look_again(*, public_id: UUID, why: Callable[[], str], now: datetime) -> Import:
    run = _locked(public_id=public_id)
    _take_time()
    with translation.override(run.language):
        run.problem = why()[:MOST_SAID]
    _compare(run=run, now=now)
    return run


@use_case()
def _refuse(*, public_id: UUID, problem: UnreadableError) -> Import:
    run = _locked(public_id=public_id)
    with translation.override(run.language):
        run.problem = file_problem(problem)
    run.state, run.content = State.REFUSED, b""
    run.save(update_fields=["state", "content", "problem"])
    return run


@within_unit_of_work
def _locked(*, public_id: UUID) -> Import:
    run = locked(Import.objects.filter(public_id=public_id)).first()
    if run is None:
        raise NotFound()
    return run


def _take_time() -> None:
    """Let this transaction's statements take as long as a large file needs."""
    sql.execute("SET LOCAL statement_timeout = 0", {})
    sql.execute("SET LOCAL idle_in_transaction_session_timeout = 0", {})


def _compare(*, run: Import, now: datetime) -> None:
    run.seal = TAKERS[run.kind].compare(run=run, now=now)
    found = ImportRow.objects.filter(run=run).values_list("what").annotate(count=Count("pk")).order_by()
    counts: dict[str, int] = dict(found)
    run.fresh, run.changed = counts.get("new", 0), counts.get("changed", 0)
    run.same, run.wrong = counts.get("same", 0), counts.get("wrong", 0)
    run.state = State.READY
    run.save()
