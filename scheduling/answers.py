"""What requests say of time, and what time answers. Instants are shown in the shop's zone, with their offset."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, UnsetType

from api.answers import Answer, InstantText, instant, one_of, to_keep
from api.bodies import Body
from api.kinds import Amount, Choice, Day, Id, Instant, Many, Name, Sku, Text, TextLine
from api.kinds_of_people import Email, Phone
from common.access import access_token
from common.idempotency import StoredResponse
from scheduling.lifecycle import effective_state
from scheduling.models import MAX_SERVICES, Appointment
from scheduling.selectors import FreeStart, NextFree, Offer, OnShow, RefusedStart, Visit, shown
from scheduling.services import Booked, Wish
from scheduling.slots import moment_of
from scheduling.wording import KIND, calendar_path, whatsapp_url
from shop.policy import Policy

Services = Annotated[list[Annotated[str, Sku()]], Many(MAX_SERVICES, least=1)]


class ProfessionalFilter(Body, frozen=True, kw_only=True):
    """Services of one professional."""

    professional: Annotated[UUID, Id()] | UnsetType = UNSET


class ServiceFilter(Body, frozen=True, kw_only=True):
    """Professionals who perform one service."""

    service: Annotated[str, Sku()] | UnsetType = UNSET


class SlotsQuery(Body, frozen=True, kw_only=True):
    """Which free times, of whom. `service` may be given several times: the visit's services in order.

    `explain`: 1 for what one professional has not free, any for what nobody has free on a day.
    """

    service: Services
    professional: Annotated[UUID, Id()] | None = None
    explain: Annotated[str, Choice("0", "1", "any")] = "0"
    first: Annotated[date, Day()] | None = msgspec.field(name="from", default=None)
    last: Annotated[date, Day()] | None = msgspec.field(name="to", default=None)


class NextSlotQuery(Body, frozen=True, kw_only=True):
    """The next free time of which visit, of whom, and from which day on: today unless one is given."""

    service: Services
    professional: Annotated[UUID, Id()] | None = None
    first: Annotated[date, Day()] | None = msgspec.field(name="from", default=None)


class ContactRequest(Body, frozen=True, kw_only=True):
    """Who comes."""

    name: Annotated[str, Name()]
    email: Annotated[str, Email()]
    phone: Annotated[str, Phone()] = ""


class BookingRequest(Body, frozen=True, kw_only=True):
    """A visit to book."""

    services: Services
    professional: Annotated[UUID, Id()] | None = None
    starts_at: Annotated[datetime, Instant()]
    customer: ContactRequest
    note: Annotated[str, Text(500, blank=True)] = ""

    @property
    def wish(self) -> Wish:
        """The visit it asks for."""
        return Wish(services=tuple(self.services), starts_at=self.starts_at, professional=self.professional)


class CancellationRequest(Body, frozen=True, kw_only=True):
    """Why a visit is cancelled."""

    reason: Annotated[str, TextLine(blank=True)] = ""


class MoveRequest(Body, frozen=True, kw_only=True):
    """Where a visit goes."""

    starts_at: Annotated[datetime, Instant()]
    professional: Annotated[UUID, Id()] | None = None
    reason: Annotated[str, TextLine(blank=True), msgspec.Meta(description="Of the team, past the cut-off.")] = ""
    expected_total: Annotated[Decimal, Amount()] | None = None


class MoveQuery(Body, frozen=True, kw_only=True):
    """Where a visit may go: of whom, the one it is booked with unless another is named, and between which days."""

    professional: Annotated[UUID, Id()] | None = None
    first: Annotated[date, Day()] | None = msgspec.field(name="from", default=None)
    last: Annotated[date, Day()] | None = msgspec.field(name="to", default=None)


class PersonResponse(Answer, frozen=True, kw_only=True):
    """A professional by name."""

    id: UUID
    name: str


class ServiceResponse(Answer, frozen=True, kw_only=True):
    """Something that can be booked."""

    sku: str
    product: str
    name: str
    price_from: Decimal
    currency: str
    duration_minutes: int
    professionals: list[PersonResponse]


class PerformedResponse(Answer, frozen=True, kw_only=True):
    """A service as one professional performs it."""

    sku: str
    name: str
    price: Decimal
    duration_minutes: int


class ProfessionalResponse(Answer, frozen=True, kw_only=True):
    """Somebody whose time can be booked."""

    id: UUID
    name: str
    bio: str
    image: str | None
    currency: str
    services: list[PerformedResponse]


class PricedPersonResponse(Answer, frozen=True, kw_only=True):
    """Who is free, and what the visit costs with them."""

    id: UUID
    price: Decimal


class SlotResponse(Answer, frozen=True, kw_only=True):
    """A free time."""

    starts_at: InstantText
    ends_at: InstantText
    professionals: list[PricedPersonResponse]


class RefusedResponse(Answer, frozen=True, kw_only=True):
    """A time that is not free, and why."""

    starts_at: InstantText
    reasons: list[str]


class SlotsResponse(Answer, frozen=True, kw_only=True):
    """Free times; `refused` with explain only."""

    timezone: str
    currency: str
    duration_minutes: int
    slots: list[SlotResponse]
    refused: list[RefusedResponse] | UnsetType = UNSET


class NextSlotResponse(Answer, frozen=True, kw_only=True):
    """The next free time; null where there is none up to the day `searched_until`."""

    timezone: str
    currency: str
    duration_minutes: int
    searched_until: date
    slot: SlotResponse | None


class VisitCustomerResponse(Answer, frozen=True, kw_only=True):
    """Who comes."""

    name: str
    email: str
    phone: str | None


class AppointmentResponse(Answer, frozen=True, kw_only=True):
    """A visit; `access_token` is null for eyes that did not bring it.

    `awaits_click`: it is requested, and kept until `expires_at` for the link in its letter to be followed.
    """

    id: UUID
    status: Annotated[str, one_of(*Appointment.State.values)]
    starts_at: InstantText
    ends_at: InstantText
    timezone: str
    professional: PersonResponse
    services: list[PerformedResponse]
    total: Decimal
    currency: str
    customer: VisitCustomerResponse
    note: str | None
    expires_at: InstantText | None
    awaits_click: bool
    access_token: str | None
    calendar_url: str
    whatsapp_url: str | None


def service_answer(offer: Offer, *, policy: Policy) -> ServiceResponse:
    """Say a service that somebody performs."""
    return ServiceResponse(
        sku=offer.sku,
        product=offer.product,
        name=offer.name,
        price_from=min(performer.price for performer in offer.performers),
        currency=policy.currency,
        duration_minutes=offer.duration,
        professionals=[PersonResponse(id=one.public_id, name=one.name) for one in offer.performers],
    )


def professional_answer(person: OnShow, *, policy: Policy) -> ProfessionalResponse:
    """Say a professional with what they perform."""
    return ProfessionalResponse(
        id=person.public_id,
        name=person.name,
        bio=person.bio,
        image=person.image or None,
        currency=policy.currency,
        services=[
            PerformedResponse(sku=one.sku, name=one.name, price=one.price, duration_minutes=one.duration)
            for one in person.services
        ],
    )


def slots_answer(
    *,
    visit: Visit,
    free: Iterable[FreeStart],
    refused: Iterable[RefusedStart] | None,
    told: bool,
    policy: Policy,
) -> SlotsResponse:
    """Say the free times of a visit, and the refused ones with their reasons where they were asked for.

    `told`: the reader may know what occupies a time.
    """
    zone = ZoneInfo(policy.timezone)
    return SlotsResponse(
        timezone=policy.timezone,
        currency=policy.currency,
        duration_minutes=visit.duration,
        slots=_slots(free, visit=visit, zone=zone),
        refused=UNSET
        if refused is None
        else [
            RefusedResponse(starts_at=_local(one.start, zone), reasons=shown(reasons=one.reasons, desk=told))
            for one in refused
        ],
    )


def next_slot_answer(*, visit: Visit, free: NextFree, policy: Policy) -> NextSlotResponse:
    """Say the next free time of a visit, or up to which day there is none."""
    slots = _slots([free.found] if free.found else [], visit=visit, zone=ZoneInfo(policy.timezone))
    return NextSlotResponse(
        timezone=policy.timezone,
        currency=policy.currency,
        duration_minutes=visit.duration,
        searched_until=free.until,
        slot=slots[0] if slots else None,
    )


def _slots(free: Iterable[FreeStart], *, visit: Visit, zone: ZoneInfo) -> list[SlotResponse]:
    people = {one.pk: PricedPersonResponse(id=one.public_id, price=one.price) for one in visit.performers}
    return [
        SlotResponse(
            starts_at=_local(one.start, zone),
            ends_at=_local(one.start + visit.demand.duration, zone),
            professionals=[people[performer.pk] for performer in one.performers],
        )
        for one in free
    ]


def appointment_answer(visit: Appointment, *, policy: Policy, with_token: bool, now: datetime) -> AppointmentResponse:
    """Say a visit read with its professional and services."""
    professional = PersonResponse(id=visit.professional.public_id, name=visit.professional.name)
    services = [
        PerformedResponse(sku=one.sku, name=one.name, price=one.price, duration_minutes=one.duration_minutes)
        for one in visit.services.all()
    ]
    return _appointment(visit, professional, services, policy=policy, with_token=with_token, now=now)


def booked(new: Booked, *, now: datetime) -> StoredResponse:
    """Answer the booking of a visit."""
    candidate = new.candidate
    performer = candidate.performer
    services = [
        PerformedResponse(sku=part.sku, name=part.name, price=price, duration_minutes=minutes)
        for part, price, minutes in zip(candidate.visit.parts, performer.prices, candidate.visit.lengths, strict=True)
    ]
    professional = PersonResponse(id=performer.public_id, name=performer.name)
    answer = _appointment(new.appointment, professional, services, policy=candidate.policy, with_token=True, now=now)
    return to_keep(answer, status=201)


def _appointment(
    visit: Appointment,
    professional: PersonResponse,
    services: Sequence[PerformedResponse],
    *,
    policy: Policy,
    with_token: bool,
    now: datetime,
) -> AppointmentResponse:
    zone = ZoneInfo(policy.timezone)
    token = access_token(kind=KIND, public_id=visit.public_id, version=visit.link_version) if with_token else None
    state = effective_state(state=visit.state, expires_at=visit.expires_at, now=now)
    waits = visit.expires_at if state in ("held", "requested") else None
    return AppointmentResponse(
        id=visit.public_id,
        status=state,
        starts_at=instant(visit.starts_at.astimezone(zone)),
        ends_at=instant(visit.ends_at.astimezone(zone)),
        timezone=policy.timezone,
        professional=professional,
        services=list(services),
        total=visit.total,
        currency=visit.currency,
        customer=VisitCustomerResponse(
            name=visit.contact_name, email=visit.contact_email, phone=visit.contact_phone or None
        ),
        note=visit.note or None,
        expires_at=instant(waits.astimezone(zone)) if waits else None,
        awaits_click=visit.awaits_click and state == "requested",
        access_token=token,
        calendar_url=calendar_path(public_id=visit.public_id, token=token),
        whatsapp_url=whatsapp_url(number=policy.whatsapp, appointment=visit, zone=zone),
    )


def _local(second: int, zone: ZoneInfo) -> str:
    return instant(moment_of(second).astimezone(zone))
