"""What the agenda's page sends. Wall-clock times are the shop's."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from msgspec import UNSET, UnsetType, field

from api.bodies import Body
from api.kinds import Amount, Choice, Day, Id, Instant, Many, Name, Sku, Sought, Text, TextLine, Wrong
from api.kinds_of_people import Email, Phone
from common.dates import FIRST_YEAR, LAST_YEAR
from payments.models import Payment
from scheduling.models import MAX_SERVICES

WALL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:00)?")


class Wall(Instant):
    """A wall-clock time of the shop, such as 2026-03-02T09:00, or an instant with its offset."""

    schema = {"type": "string", "minLength": 1, "examples": ["2026-03-02T09:00"]}

    def read(self, given: Any) -> datetime:
        """Return the time, without zone where none was given. Raises Wrong."""
        if not isinstance(given, str) or not WALL.fullmatch(given):
            return super().read(given)
        try:
            wall = datetime.fromisoformat(given)
        except ValueError:
            wall = None
        if wall is None or not FIRST_YEAR <= wall.year < LAST_YEAR:
            raise Wrong("invalid", _("Write a time as in 2026-03-02T09:00."))
        return wall


class WeekQuery(Body, frozen=True, kw_only=True):
    """Which days."""

    first: Annotated[date, Day()] = field(name="from")
    last: Annotated[date, Day()] = field(name="to")


class TimesQuery(Body, frozen=True, kw_only=True):
    """Free times of some services, or of a visit that is to move, on one day."""

    service: Annotated[list[Annotated[str, Sku()]], Many(MAX_SERVICES)] = []
    visit: Annotated[UUID, Id()] | UnsetType = UNSET
    professional: Annotated[UUID, Id()] | None = None
    day: Annotated[date, Day()]


class CustomersQuery(Body, frozen=True, kw_only=True):
    """Part of a name, an e-mail or a phone number."""

    q: Annotated[str, Sought(120)]


class VisitRequest(Body, frozen=True, kw_only=True):
    """A visit to book. `force`: why at a time that is not free; `reason`: why at one that has passed."""

    services: Annotated[list[Annotated[str, Sku()]], Many(MAX_SERVICES, least=1)]
    professional: Annotated[UUID, Id()] | None = None
    starts_at: Annotated[datetime, Wall()]
    customer: Annotated[UUID, Id()] | None = None
    name: Annotated[str, Name()]
    email: Annotated[str, Email(blank=True)] = ""
    phone: Annotated[str, Phone()] = ""
    note: Annotated[str, Text(500, blank=True)] = ""
    force: Annotated[str, TextLine(blank=True)] = ""
    reason: Annotated[str, TextLine(blank=True)] = ""


class MoveRequest(Body, frozen=True, kw_only=True):
    """Where a visit goes."""

    starts_at: Annotated[datetime, Wall()]
    professional: Annotated[UUID, Id()] | None = None
    reason: Annotated[str, TextLine(blank=True)] = ""
    force: Annotated[str, TextLine(blank=True)] = ""


class SwapRequest(Body, frozen=True, kw_only=True):
    """Which visit one changes places with, and where the page shows it."""

    other: Annotated[UUID, Id()]
    starts_at: Annotated[datetime, Wall()]
    professional: Annotated[UUID, Id()]
    reason: Annotated[str, TextLine(blank=True)] = ""


class ReasonRequest(Body, frozen=True, kw_only=True):
    """Why."""

    reason: Annotated[str, TextLine(blank=True)] = ""


class ChargeRequest(Body, frozen=True, kw_only=True):
    """Money taken at the counter: how it was paid, and how much the page said."""

    tender: Annotated[str, Choice(*Payment.Tender.values)]
    amount: Annotated[Decimal, Amount()]


class TimeOffRequest(Body, frozen=True, kw_only=True):
    """A stretch in which somebody is away."""

    professional: Annotated[UUID, Id()]
    starts_at: Annotated[datetime, Wall()]
    ends_at: Annotated[datetime, Wall()]
    reason: Annotated[str, TextLine(blank=True)] = ""
