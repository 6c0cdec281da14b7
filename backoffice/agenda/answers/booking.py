"""What a booking is put together from: free times and people who are known."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from api.answers import Answer, InstantText, instant
from backoffice.agenda.answers.shared import PersonResponse
from common.money import format_brl
from customers.selectors import ReadRecord
from desk.shown import shown_phone
from scheduling import selectors
from scheduling.selectors import Alternative, Performer, Visit
from scheduling.slots import day_span, moment_of
from shop.policy import Policy


class TimeResponse(Answer, frozen=True, kw_only=True):
    """A free time, with whom, and what it costs."""

    starts_at: InstantText
    clock: str
    professional: PersonResponse
    price: str


class NearestResponse(Answer, frozen=True, kw_only=True):
    """A free time of another day."""

    starts_at: InstantText
    ends_at: InstantText
    professional: PersonResponse


class TimesResponse(Answer, frozen=True, kw_only=True):
    """The free times of a day, and the nearest ones when it has none."""

    minutes: int
    times: list[TimeResponse]
    alternatives: list[NearestResponse]


class KnownCustomer(Answer, frozen=True, kw_only=True):
    """Somebody who is known already; `warning` says what the team should know before it books."""

    id: UUID
    name: str
    email: str
    phone: str
    shown_phone: str
    warning: str


class CustomersResponse(Answer, frozen=True, kw_only=True):
    """Who goes by a text."""

    customers: list[KnownCustomer]


class AbsenceResponse(Answer, frozen=True, kw_only=True):
    """An absence that was written down, or taken away."""

    id: int


def times_answer(
    *,
    visit: Visit,
    day: date,
    professional: UUID | None,
    besides: Sequence[int],
    policy: Policy,
    now: datetime,
) -> TimesResponse:
    """Return the free times of a day, and the nearest ones when that day has none."""
    zone = ZoneInfo(policy.timezone)
    found = selectors.free_starts(
        visit=visit,
        policy=policy,
        first=day,
        last=day,
        professional=professional,
        now=now,
        desk=True,
        except_ids=besides,
    )
    free = [_time(start=moment_of(one.start).astimezone(zone), who=who) for one in found for who in one.performers]
    nearest: Sequence[Alternative] = ()
    if not free:
        noon = moment_of(day_span(day=day, zone=zone)[0]) + timedelta(hours=12)
        nearest = selectors.alternatives(visit=visit, policy=policy, starts_at=noon, now=now, desk=True)
    return TimesResponse(
        minutes=visit.duration,
        times=free,
        alternatives=[
            NearestResponse(
                starts_at=instant(one.starts_at.astimezone(zone)),
                ends_at=instant(one.ends_at.astimezone(zone)),
                professional=PersonResponse(id=one.performer.public_id, name=one.performer.name),
            )
            for one in nearest
        ],
    )


def customers_answer(found: Iterable[ReadRecord]) -> CustomersResponse:
    """Say who goes by a text."""
    return CustomersResponse(
        customers=[
            KnownCustomer(
                id=one.public_id,
                name=one.name,
                email=one.email,
                phone=one.phone,
                shown_phone=shown_phone(one.phone) if one.phone else "",
                warning=gettext("Blocked") if one.is_kept_out else "",
            )
            for one in found
        ]
    )


def _time(*, start: datetime, who: Performer) -> TimeResponse:
    return TimeResponse(
        starts_at=instant(start),
        clock=f"{start:%H:%M}",
        professional=PersonResponse(id=who.public_id, name=who.name),
        price=format_brl(who.price),
    )
