"""What is known of the professionals' time: two statements, however many of them and however long the stretch.

Appointments of other professionals are in a diary too, when they are in a room the visit could use.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from scheduling.lifecycle import OCCUPYING
from scheduling.models import AvailabilityRule, DateOverride, Professional, TimeOff
from scheduling.models.services import MAX_BUFFER
from scheduling.slots import (
    DayHours,
    Diary,
    Occupied,
    Spans,
    WeeklyHours,
    day_span,
    intersect,
    moment_of,
    openings,
    seconds_of,
    subtract,
)
from shop.policy import Policy

_REACH = timedelta(days=1, minutes=2 * MAX_BUFFER)
"""No visit is longer than a day, so none that starts further away can reach into a stretch."""

_OCCUPIED = """
SELECT professional_id, room_id, session, lane, state = 'held',
       floor(extract(epoch FROM starts_at))::bigint, ceil(extract(epoch FROM ends_at))::bigint,
       floor(extract(epoch FROM lower(blocked)))::bigint, ceil(extract(epoch FROM upper(blocked)))::bigint
FROM scheduling_appointment
WHERE (professional_id = ANY(%(professionals)s) OR room_id = ANY(%(rooms)s))
  AND starts_at > %(reach_from)s AND starts_at < %(reach_until)s
  AND blocked && tstzrange(%(begins)s, %(ends)s)
  AND state = ANY(%(occupying)s) AND (expires_at IS NULL OR expires_at > %(now)s)
  AND NOT (id = ANY(%(except_ids)s))
ORDER BY starts_at, id
"""


def diaries(
    *,
    professionals: Collection[int],
    rooms: Collection[int],
    first: date,
    last: date,
    policy: Policy,
    now: datetime,
    except_ids: Sequence[int] = (),
) -> dict[int, Diary]:
    """Return the diary of each active professional by key, for visits that start between two days of the shop.

    What ran out by `now`, and the appointments in `except_ids`, count for nothing.
    """
    zone = ZoneInfo(policy.timezone)
    begins = day_span(day=first - timedelta(days=1), zone=zone)[0]
    ends = day_span(day=last + timedelta(days=2), zone=zone)[1]
    there = _occupied(
        professionals=professionals, rooms=rooms, begins=begins, ends=ends, now=now, except_ids=except_ids
    )
    rows = _hours(professionals=list(professionals), first=first, last=last, begins=begins, ends=ends)
    holidays = [holiday.day for holiday in policy.holidays]
    return {
        row["pk"]: Diary(
            professional=row["pk"],
            working=openings(
                weekly=[_weekly(rule) for rule in row["weekly"]],
                overrides=[_day_hours(hours) for hours in row["special"]],
                holidays=holidays,
                zone=zone,
                first=first - timedelta(days=1),
                last=last + timedelta(days=2),
            ),
            away=[(off["from"], off["until"]) for off in row["away"]],
            occupied=[one for one in there if one.professional == row["pk"] or one.room in rooms],
        )
        for row in rows
    }


def working_time(*, stretches: Sequence[tuple[date, date]], policy: Policy) -> list[dict[int, Spans]]:
    """Return, for each stretch of days, when every active professional works in it, by key; one statement.

    The hours are those of today: what somebody worked before their week was changed is not kept.
    """
    zone = ZoneInfo(policy.timezone)
    first, last = min(one[0] for one in stretches), max(one[1] for one in stretches)
    begins, ends = day_span(day=first, zone=zone)[0], day_span(day=last, zone=zone)[1]
    everybody = Professional.objects.filter(is_active=True).values("pk")
    rows = list(_hours(professionals=everybody, first=first, last=last, begins=begins, ends=ends))
    holidays = [holiday.day for holiday in policy.holidays]
    return [
        {row["pk"]: _working(row, holidays=holidays, zone=zone, first=first, last=last) for row in rows}
        for first, last in stretches
    ]


def _working(row: dict[str, Any], *, holidays: Sequence[date], zone: ZoneInfo, first: date, last: date) -> Spans:
    open_ = openings(
        weekly=[_weekly(rule) for rule in row["weekly"]],
        overrides=[_day_hours(hours) for hours in row["special"]],
        holidays=holidays,
        zone=zone,
        first=first - timedelta(days=1),
        last=last,
    )
    within = [(day_span(day=first, zone=zone)[0], day_span(day=last, zone=zone)[1])]
    return intersect(subtract(open_, [(off["from"], off["until"]) for off in row["away"]]), within)


def _occupied(
    *,
    professionals: Collection[int],
    rooms: Collection[int],
    begins: int,
    ends: int,
    now: datetime,
    except_ids: Sequence[int],
) -> list[Occupied]:
    with connection.cursor() as cursor:
        cursor.execute(
            _OCCUPIED,
            {
                "professionals": list(professionals),
                "rooms": list(rooms),
                "begins": moment_of(begins),
                "ends": moment_of(ends),
                "reach_from": moment_of(begins) - _REACH,
                "reach_until": moment_of(ends) + _REACH,
                "occupying": list(OCCUPYING),
                "now": now,
                "except_ids": list(except_ids),
            },
        )
        return [
            Occupied(
                professional=professional,
                room=room,
                session=session,
                lane=lane,
                held=held,
                starts=starts,
                ends=until,
                blocked=(lower, upper),
            )
            for professional, room, session, lane, held, starts, until, lower, upper in cursor.fetchall()
        ]


def _hours(*, professionals: Any, first: date, last: date, begins: int, ends: int) -> Iterable[dict[str, Any]]:
    weekly = AvailabilityRule.objects.filter(professional=OuterRef("pk")).values(
        row=JSONObject(
            weekday="weekday", opens="opens", closes="closes", valid_from="valid_from", valid_until="valid_until"
        )
    )
    special = DateOverride.objects.filter(
        professional=OuterRef("pk"), date__gte=first - timedelta(days=1), date__lte=last + timedelta(days=2)
    ).values(row=JSONObject(date="date", opens="opens", closes="closes"))
    away = TimeOff.objects.filter(
        professional=OuterRef("pk"), ends_at__gt=moment_of(begins), starts_at__lt=moment_of(ends)
    ).values(row=JSONObject(starts_at="starts_at", ends_at="ends_at"))
    rows: Iterable[Any] = (
        Professional.objects.filter(pk__in=professionals, is_active=True)
        .annotate(weekly=ArraySubquery(weekly), special=ArraySubquery(special), away=ArraySubquery(away))
        .order_by("pk")
        .values("pk", "weekly", "special", "away")
    )
    for row in rows:
        row["away"] = [
            {"from": _second(off["starts_at"]), "until": _second(off["ends_at"], up=True)} for off in row["away"]
        ]
        yield row


def _second(text: str, *, up: bool = False) -> int:
    moment = datetime.fromisoformat(text)
    return seconds_of(moment) + (1 if up and moment.microsecond else 0)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _weekly(rule: dict[str, Any]) -> WeeklyHours:
    return WeeklyHours(
        weekday=rule["weekday"],
        opens=rule["opens"],
        closes=rule["closes"],
        valid_from=_day(rule["valid_from"]),
        valid_until=_day(rule["valid_until"]),
    )


def _day_hours(hours: dict[str, Any]) -> DayHours:
    return DayHours(day=date.fromisoformat(hours["date"]), opens=hours["opens"], closes=hours["closes"])
