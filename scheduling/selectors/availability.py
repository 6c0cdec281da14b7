"""Which times are free, why the others are not, and what to offer instead of one that is gone.

One computation serves the public list, the desk's choices, the check at commit and the explanation: a `Judgement` per
professional. The desk (`desk=True`) is bound neither by notice nor by horizon, which protect the shop
from customers, not from itself; what has begun is over for the desk, too, which may write it down knowingly.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling.models import Appointment
from scheduling.selectors.diaries import diaries
from scheduling.selectors.offers import Performer, Visit
from scheduling.slots import (
    TAKEN,
    Diary,
    Judgement,
    day_span,
    grid,
    judge,
    local_day,
    moment_of,
    on_grid,
    seconds_of,
)
from shop.policy import Policy

SECRET_REASONS = {"booked": "occupied", "held": "occupied", "time_off": "occupied"}
OPENLY_TAKEN = frozenset(SECRET_REASONS.get(reason, reason) for reason in TAKEN)
ALTERNATIVES = 3
NOT_PERFORMED = "professional"
SEARCH_DAYS = (2, 8, 31)
NEXT_LOOKS = (7, 31, 62, 86)
"""How many days each look for the next free time takes in, one after the other: half a year, however little is free."""
FAR = 2**40


@dataclass(frozen=True)
class FreeStart:
    """A start that can be booked, with everybody who could take it. Instants in seconds since the epoch."""

    start: int
    performers: tuple[Performer, ...]


@dataclass(frozen=True)
class RefusedStart:
    """A start that cannot be booked, and every reason why."""

    start: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class NextFree:
    """The next free start, if there is one; and the last day that was looked at."""

    found: FreeStart | None
    until: date


@dataclass(frozen=True)
class NamedProfessional:
    """A professional, by what a caller may know of them."""

    id: UUID
    name: str


@dataclass(frozen=True)
class FreePlace:
    """A free time that a refusal offers instead."""

    starts_at: datetime
    ends_at: datetime
    professional: NamedProfessional


@dataclass(frozen=True)
class Alternative:
    """A free time near one that is not."""

    starts_at: datetime
    ends_at: datetime
    performer: Performer


def free_starts(
    *,
    visit: Visit,
    policy: Policy,
    first: date,
    last: date,
    now: datetime,
    professional: UUID | None = None,
    desk: bool = False,
    except_ids: Sequence[int] = (),
) -> list[FreeStart]:
    """Return the free starts from the first day to the last, in two statements; of all performers or of one.

    The appointments in `except_ids` count for nothing: where one of them may move to.
    """
    zone = ZoneInfo(policy.timezone)
    performers = _performers(visit, professional)
    judgements = judgements_of(
        visit=visit,
        performers=performers,
        policy=policy,
        first=first,
        last=last,
        now=now,
        desk=desk,
        except_ids=except_ids,
    )
    points = grid(first=first, last=last, minutes=visit.granularity, zone=zone)
    begins, ends = day_span(day=first, zone=zone)[0], day_span(day=last, zone=zone)[1]
    able: dict[int, list[Performer]] = {}
    for performer in performers:
        if performer.pk in judgements:
            for start in judgements[performer.pk].free(grid=points, first=begins, last=ends):
                able.setdefault(start, []).append(performer)
    return [FreeStart(start=start, performers=tuple(able[start])) for start in sorted(able)]


def next_free_start(
    *,
    visit: Visit,
    policy: Policy,
    first: date,
    now: datetime,
    professional: UUID | None = None,
    desk: bool = False,
) -> NextFree:
    """Return the first free start from a day on, today at the earliest; of all performers or of one.

    Nobody looks further than customers may book, nor further than `NEXT_LOOKS`.
    """
    today = local_day(instant=seconds_of(now), zone=ZoneInfo(policy.timezone))
    begins = max(first, today)
    until = min(today + timedelta(days=visit.horizon), begins + timedelta(days=sum(NEXT_LOOKS) - 1))
    for days in NEXT_LOOKS:
        last = min(begins + timedelta(days=days - 1), until)
        if begins > last:
            break
        free = free_starts(
            visit=visit, policy=policy, first=begins, last=last, professional=professional, now=now, desk=desk
        )
        if free:
            return NextFree(found=free[0], until=last)
        begins = last + timedelta(days=1)
    return NextFree(found=None, until=until)


def refused_starts(
    *,
    visit: Visit,
    policy: Policy,
    first: date,
    last: date,
    professional: UUID | None,
    now: datetime,
    desk: bool = False,
) -> list[RefusedStart]:
    """Return every start of the grid that is free for nobody, or not for one professional, with the reasons.

    Where several could take the visit, they are those of whoever comes nearest to it: merely taken before not there.
    """
    zone = ZoneInfo(policy.timezone)
    performers = _performers(visit, professional)
    judgements = judgements_of(
        visit=visit, performers=performers, policy=policy, first=first, last=last, now=now, desk=desk
    )
    points = grid(first=first, last=last, minutes=visit.granularity, zone=zone)
    if not judgements:
        return [RefusedStart(start=start, reasons=(NOT_PERFORMED,)) for start in points]
    refused: list[RefusedStart] = []
    for start in points:
        reasons = [judgement.reasons(start=start, on_grid=True) for judgement in judgements.values()]
        if all(reasons):
            nearest = min(reasons, key=_distance)
            refused.append(RefusedStart(start=start, reasons=tuple(nearest)))
    return refused


def judged_at(
    *,
    visit: Visit,
    performers: Sequence[Performer],
    policy: Policy,
    starts_at: datetime,
    now: datetime,
    desk: bool = False,
    except_ids: Sequence[int] = (),
) -> dict[int, tuple[Judgement, list[str]]]:
    """Return, for each active professional, the judgement of that day and why the visit cannot start then."""
    zone = ZoneInfo(policy.timezone)
    start = seconds_of(starts_at)
    day = local_day(instant=start, zone=zone)
    fits = starts_at.microsecond == 0 and on_grid(instant=start, minutes=visit.granularity, zone=zone)
    judgements = judgements_of(
        visit=visit,
        performers=performers,
        policy=policy,
        first=day,
        last=day,
        now=now,
        desk=desk,
        except_ids=except_ids,
    )
    return {pk: (judgement, judgement.reasons(start=start, on_grid=fits)) for pk, judgement in judgements.items()}


def reasons_at(
    *, visit: Visit, policy: Policy, professional: UUID, starts_at: datetime, now: datetime, desk: bool = False
) -> list[str]:
    """Return why the visit cannot start then with this professional; nothing when it can."""
    judged = judged_at(
        visit=visit,
        performers=_performers(visit, professional),
        policy=policy,
        starts_at=starts_at,
        now=now,
        desk=desk,
    )
    return next((reasons for _judgement, reasons in judged.values()), [NOT_PERFORMED])


def shown(*, reasons: Collection[str], desk: bool) -> list[str]:
    """Return the reasons as the reader may know them: only the team learns who or what occupies the time."""
    if desk:
        return list(reasons)
    return list(dict.fromkeys(SECRET_REASONS.get(reason, reason) for reason in reasons))


def alternatives(
    *,
    visit: Visit,
    policy: Policy,
    starts_at: datetime,
    now: datetime,
    desk: bool = False,
    count: int = ALTERNATIVES,
    moving: Appointment | None = None,
) -> list[Alternative]:
    """Return the nearest free times, with whoever is free then; the same time with a colleague comes first.

    `moving`: a visit that stands in its own way no more, and is offered anything but where it is.
    """
    zone = ZoneInfo(policy.timezone)
    wanted = seconds_of(starts_at)
    day = local_day(instant=wanted, zone=zone)
    found: list[tuple[int, Performer]] = []
    for reach in SEARCH_DAYS:
        free = free_starts(
            visit=visit,
            policy=policy,
            first=day - timedelta(days=reach),
            last=day + timedelta(days=reach),
            now=now,
            desk=desk,
            except_ids=[moving.pk] if moving else (),
        )
        found = [
            (one.start, performer)
            for one in free
            for performer in one.performers
            if moving is None or (one.start, performer.pk) != (seconds_of(moving.starts_at), moving.professional_id)
        ]
        if len(found) >= count:
            break
    found.sort(key=lambda pair: (abs(pair[0] - wanted), pair[0], pair[1].pk))
    return [
        Alternative(starts_at=moment_of(start), ends_at=moment_of(start + visit.demand.duration), performer=performer)
        for start, performer in found[:count]
    ]


def ranked(
    *, visit: Visit, policy: Policy, starts_at: datetime, now: datetime, desk: bool = False
) -> list[tuple[Performer, list[str]]]:
    """Return who could take the visit, the free with the fewest booked minutes that day first.

    Those who are not free come last, with their reasons: those with another appointment before those not working.
    """
    zone = ZoneInfo(policy.timezone)
    start = seconds_of(starts_at)
    today = day_span(day=local_day(instant=start, zone=zone), zone=zone)
    judged = judged_at(visit=visit, performers=visit.performers, policy=policy, starts_at=starts_at, now=now, desk=desk)
    rows = []
    for performer in visit.performers:
        if performer.pk in judged:
            judgement, reasons = judged[performer.pk]
            busy = _booked_seconds(diary=judgement.diary, today=today)
            not_merely_taken = not TAKEN.issuperset(reasons)
            rows.append(((bool(reasons), not_merely_taken, busy, performer.pk), performer, reasons))
    rows.sort(key=lambda row: row[0])
    return [(performer, reasons) for _rank, performer, reasons in rows]


def judgements_of(
    *,
    visit: Visit,
    performers: Sequence[Performer],
    policy: Policy,
    first: date,
    last: date,
    now: datetime,
    desk: bool = False,
    except_ids: Sequence[int] = (),
) -> dict[int, Judgement]:
    """Return one judgement per active professional, for starts between two days; two statements for all."""
    if not performers:
        return {}
    known = diaries(
        professionals=[performer.pk for performer in performers],
        rooms=visit.demand.rooms or frozenset(),
        first=first,
        last=last,
        policy=policy,
        now=now,
        except_ids=except_ids,
    )
    earliest, latest = bounds(visit=visit, policy=policy, now=now, desk=desk)
    return {
        pk: judge(demand=visit.demand, diary=diary, earliest=earliest, latest=latest) for pk, diary in known.items()
    }


def bounds(*, visit: Visit, policy: Policy, now: datetime, desk: bool) -> tuple[int, int]:
    """Return the first start that notice allows and the first that lies too far ahead, in seconds."""
    zone = ZoneInfo(policy.timezone)
    today = local_day(instant=seconds_of(now), zone=zone)
    notice = now if desk else now + timedelta(minutes=visit.lead)
    earliest = seconds_of(notice) + (1 if notice.microsecond else 0)
    return earliest, FAR if desk else day_span(day=today + timedelta(days=visit.horizon), zone=zone)[1]


def _performers(visit: Visit, professional: UUID | None) -> Sequence[Performer]:
    if professional is None:
        return visit.performers
    one = visit.performer(public_id=professional)
    return [one] if one else []


def _distance(reasons: Sequence[str]) -> tuple[bool, int]:
    """Return how far somebody is from having a time: farther than all others who would not be there anyway.

    It is measured by what everybody may know, so that the choice tells nobody more than the reasons do.
    """
    told = shown(reasons=reasons, desk=False)
    return not OPENLY_TAKEN.issuperset(told), len(told)


def _booked_seconds(*, diary: Diary, today: tuple[int, int]) -> int:
    return sum(
        max(min(other.ends, today[1]) - max(other.starts, today[0]), 0)
        for other in diary.occupied
        if other.professional == diary.professional
    )


def free_place(*, alternative: Alternative, zone: ZoneInfo) -> FreePlace:
    """Return an alternative as a refusal names it, in the shop's zone."""
    return FreePlace(
        starts_at=alternative.starts_at.astimezone(zone),
        ends_at=alternative.ends_at.astimezone(zone),
        professional=NamedProfessional(id=alternative.performer.public_id, name=alternative.performer.name),
    )
