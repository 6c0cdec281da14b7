"""Reads of appointments worth a name."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest, JSONObject

from accounts.selectors import BLOCKED, has_login
from catalog.deposits import Deposit
from common import clock, security, sql
from common.access import alive, opens
from common.errors import Forbidden, NotFound
from common.identity import mailbox_of
from common.money import money
from common.search import matching
from common.security import Event
from scheduling.lifecycle import CLOSED, EXPIRING, MOVABLE, OCCUPYING, effective_state
from scheduling.models import Appointment, AppointmentEvent, AppointmentService, Professional, Room
from scheduling.selectors.offers import Offer, deposit_of, offers, prices_today
from scheduling.wording import CLICK, KIND
from shop.policy import Policy
from shop.selectors import link_days

_STANDING = f"""
SELECT {BLOCKED}, (
    SELECT count(*) FROM scheduling_appointment visit
    JOIN scheduling_appointmentevent first ON first.appointment_id = visit.id AND first.seq = 1
    WHERE (visit.mailbox = %(mailbox)s AND visit.mailbox <> ''
           OR visit.contact_phone = %(phone)s AND visit.contact_phone <> '')
      AND visit.holder IS NULL AND visit.created_at > %(since)s AND first.actor_kind IN ('guest', 'customer')
), (
    SELECT count(*) FROM scheduling_appointment visit
    WHERE visit.address = %(address)s AND visit.address <> '' AND visit.holder IS NULL AND visit.bearer IS NULL
      AND visit.created_at > %(since)s
)
"""  # noqa: S608 - an expression of our own, no values

_HELD_FOR = """(
    SELECT coalesce(sum(upper(span) - lower(span)), interval '0')
    FROM unnest(range_agg(tstzrange(created_at, greatest(created_at, least(expires_at, %(now)s)))) FILTER (
        WHERE {whose} AND professional_id = %(professional)s AND starts_at < %(ends_at)s AND ends_at > %(starts_at)s
    )) AS span
)"""
_HOLDINGS = f"""
SELECT count(*) FILTER (WHERE mine AND live), {_HELD_FOR.format(whose="mine")},
       count(*) FILTER (WHERE here AND live), {_HELD_FOR.format(whose="here")}
FROM (
    SELECT visit.*, visit.holder = %(holder)s OR visit.customer_id = ANY(%(customers)s::bigint[]) AS mine,
           visit.address = %(address)s AS here, visit.state = 'held' AND visit.expires_at > %(now)s AS live
    FROM scheduling_appointment visit
    WHERE visit.holder IS NOT NULL AND visit.bearer IS NULL
      AND (visit.created_at > %(since)s OR visit.state = 'held' AND visit.expires_at > %(now)s)
      AND (visit.holder = %(holder)s OR visit.customer_id = ANY(%(customers)s::bigint[])
           OR visit.address = %(address)s AND visit.address <> '')
) AS held
"""  # noqa: S608 - expressions of our own, no values

BOOKED = ("confirmed", "completed", "no_show")


@dataclass(frozen=True)
class VisitService:
    """One service of a visit at today's price, with the professional of the visit. Duration in minutes."""

    sku: str
    variant_id: int
    name: str
    price: Decimal
    duration: int
    deposit: Deposit


@dataclass(frozen=True)
class ClaimedVisit:
    """What a claim keeps of somebody's time, and what it costs today. `held_until` None: it does not run out."""

    claim: UUID
    appointment: UUID
    state: str
    starts_at: datetime
    ends_at: datetime
    held_until: datetime | None
    professional_id: UUID
    professional: str
    services: tuple[VisitService, ...]
    for_sale: bool
    requires_confirmation: bool

    @property
    def live(self) -> bool:
        """Whether the time is still kept."""
        return self.state in ("held", "requested", "confirmed", "completed")

    @property
    def price(self) -> Decimal:
        """What the visit costs today."""
        return sum((service.price for service in self.services), Decimal("0.00"))

    @property
    def deposit(self) -> Decimal:
        """What of the price is due when ordering."""
        return deposit_of(services=[(service.price, service.deposit) for service in self.services])


def claimed_visits(*, claims: Iterable[UUID], now: datetime) -> dict[UUID, ClaimedVisit]:
    """Return what each claim keeps or kept, by claim, in two statements; an unknown claim is absent.

    Prices are today's while a cart holds a visit, and those agreed on once it is booked or ordered; what is booked is
    sold, whatever the catalogue says since.
    """
    wanted = list(claims)
    if not wanted:
        return {}
    services = (
        AppointmentService.objects.filter(appointment=OuterRef("pk"))
        .order_by("position")
        .values(row=JSONObject(sku="sku", name="name", price="price", minutes="duration_minutes", service="service_id"))
    )
    rows: list[Any] = list(
        Appointment.objects.filter(claim__in=wanted)
        .annotate(service_rows=ArraySubquery(services))
        .values(
            "claim",
            "public_id",
            "state",
            "starts_at",
            "ends_at",
            "expires_at",
            "bearer",
            "professional_id",
            "professional__public_id",
            "professional__name",
            "service_rows",
        )
    )
    offered = {one.service_id: one for one in offers(services=_service_ids(rows)).values()}
    return {row["claim"]: _claimed(row=row, offered=offered, now=now) for row in rows}


@dataclass(frozen=True)
class Access:
    """What a caller brings along to prove that a visit is theirs to see, or to change.

    `user_id`: a professional's login, which sees its own agenda, and with `manages_own` changes it. `tokens`: of visits
    and of orders.
    """

    sees_all: bool = False
    manages: bool = False
    manages_own: bool = False
    customer_id: int | None = None
    user_id: int | None = None
    tokens: tuple[str, ...] = ()
    now: datetime = field(default_factory=lambda: clock.now())  # noqa: PLW0108 - the clock as it is then

    def owns(self, *, appointment: Appointment) -> bool:
        """Say whether the visit is the caller's, by login or by token."""
        if self.customer_id is not None and appointment.customer_id == self.customer_id:
            return True
        return bool(self.tokens) and self._opens(appointment)

    def _opens(self, visit: Any) -> bool:
        """Say whether a token opens a visit that `_whole` has read: its own, or that of the order that carries it."""
        if not alive(since=visit.last_event_at, days=visit.link_days, now=self.now):
            return False
        doors = [{"kind": KIND, "public_id": visit.public_id, "version": visit.link_version}]
        if visit.bearer is not None:
            doors.append({"kind": "order", "public_id": visit.bearer, "version": visit.bearer_link_version})
        return any(opens(token=token, **door) for token in self.tokens for door in doors)

    def runs(self, *, professional: Professional) -> bool:
        """Say whether the caller may close and open a professional's time: anybody's, or their own."""
        return self.sees_all or (self.user_id is not None and professional.user_id == self.user_id)

    def changes(self, *, professional: Professional | None) -> bool:
        """Say whether the caller may book with a professional, and change what is booked: anybody, or themselves."""
        if self.manages:
            return True
        is_own = professional is not None and self.user_id is not None and professional.user_id == self.user_id
        return self.manages_own and is_own

    def sees(self, *, appointment: Appointment) -> bool:
        """Say whether the caller may see the visit."""
        return self.runs(professional=appointment.professional) or self.owns(appointment=appointment)


def appointment(*, public_id: UUID, access: Access | None = None, change: bool = False) -> Appointment:
    """Return the appointment with its professional, room and services.

    Without `access` the caller is trusted; `change` asks for more than seeing.

    Raises NotFound, Forbidden (the team without the permission to change).
    """
    found = _whole().filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    if access is not None and not access.sees(appointment=found):
        security.note(Event.ACCESS_REFUSED, kind="visit", number=str(found.public_id))
        raise NotFound()
    if (
        access is not None
        and change
        and not (access.changes(professional=found.professional) or access.owns(appointment=found))
    ):
        raise Forbidden()
    return found


def visits_of(*, customer_id: int | None) -> QuerySet[Appointment]:
    """Return the visits of a customer, the latest first; what a cart holds, or let go, is none yet."""
    if customer_id is None:
        return _whole().none()
    unbooked = [Appointment.State.HELD, Appointment.State.EXPIRED]
    return _whole().filter(customer=customer_id).exclude(state__in=unbooked).order_by("-starts_at", "-pk")


def clicked(*, public_id: UUID, token: str, now: datetime) -> Appointment:
    """Return, with what is beside it, the visit that the link in its own letter opens. Raises NotFound."""
    found: Any = appointment(public_id=public_id)
    good = opens(token=token, kind=CLICK, public_id=public_id, version=found.link_version)
    if not (good and alive(since=found.last_event_at, days=found.link_days, now=now)):
        security.note(Event.ACCESS_REFUSED, kind="visit", number=str(public_id))
        raise NotFound()
    visit: Appointment = found
    return visit


def booked_between(*, starts_at: datetime, ends_at: datetime) -> QuerySet[Appointment]:
    """Return the visits of a stretch of time that are booked, whether they still come, took place or were missed."""
    return Appointment.objects.filter(state__in=BOOKED, starts_at__gte=starts_at, starts_at__lt=ends_at)


def coming(*, text: str, now: datetime) -> QuerySet[Appointment]:
    """Return the visits to come, booked or asked for, of whoever goes by a text (`common.search`), the next first."""
    there = Appointment.objects.filter(state__in=MOVABLE, ends_at__gt=now).exclude(
        state__in=EXPIRING, expires_at__lte=now
    )
    return there.filter(matching(text=text, column="search_key")).order_by("starts_at", "pk")


def missed_claims(*, before: datetime) -> QuerySet[Any, Any]:
    """Return the claims of the visits that nobody came to, as was written down before an instant."""
    last = AppointmentEvent.objects.filter(appointment=OuterRef("pk")).order_by("-seq").values("at")
    missed = Appointment.objects.filter(state=Appointment.State.NO_SHOW, claim__isnull=False)
    return missed.annotate(marked_at=Subquery(last[:1])).filter(marked_at__lt=before).values("claim")


def last_step(*, claim: UUID) -> AppointmentEvent | None:
    """Return the last step in the life of a claimed visit, with who took it and why."""
    return AppointmentEvent.objects.filter(appointment__claim=claim).order_by("-seq").first()


def closed_today(*, visit: Appointment, policy: Policy, now: datetime) -> bool:
    """Say whether a visit that has ended was closed on the shop's day of `now`."""
    if visit.state not in CLOSED:
        return False
    last = AppointmentEvent.objects.filter(appointment=visit).order_by("-seq").values_list("at", flat=True).first()
    zone = ZoneInfo(policy.timezone)
    return last is not None and last.astimezone(zone).date() == now.astimezone(zone).date()


def time_given_away(*, visit: Appointment) -> bool:
    """Say whether somebody else has the professional's time of a visit that gave it back."""
    return (
        _others(visit=visit)
        .filter(~Q(session=visit.session) | Q(lane=visit.lane), professional=visit.professional_id)
        .exists()
    )


def room_to_return_to(*, visit: Appointment, room: int) -> int | None:
    """Return a room that is free for a visit which gave `room` back, that one if it is; None: there is none."""
    rooms = Room.objects.filter(is_active=True)
    for part in visit.services.all():
        if part.service.rooms.exists():
            rooms = rooms.filter(pk__in=part.service.rooms.values("pk"))
    allowed = [room, *rooms.exclude(pk=room).values_list("pk", flat=True)]
    taken = set(_others(visit=visit).exclude(session=visit.session).values_list("room_id", flat=True))
    return next((one for one in allowed if one not in taken), None)


def _others(*, visit: Appointment) -> "QuerySet[Appointment]":
    guarded = Appointment.objects.filter(state__in=OCCUPYING, forced=False, blocked__overlap=visit.blocked)
    return guarded.exclude(pk=visit.pk)


def agenda(
    *, begins: datetime, ends: datetime, now: datetime, professionals: Iterable[int] | None = None
) -> "QuerySet[Appointment]":
    """Return what occupies or occupied time between two instants, live at `now`, in order of time."""
    rows = (
        _whole()
        .filter(starts_at__lt=ends, ends_at__gt=begins)
        .exclude(state__in=[Appointment.State.CANCELLED, Appointment.State.EXPIRED])
        .exclude(state__in=EXPIRING, expires_at__lte=now)
        .order_by("starts_at", "pk")
    )
    return rows if professionals is None else rows.filter(professional__in=list(professionals))


@dataclass(frozen=True)
class Holding:
    """What somebody's carts hold without booking: how many times now, and for how long a certain one lately."""

    times: int
    kept: timedelta


def holdings(
    *,
    holder: UUID | None,
    customers: Collection[int],
    address: str,
    professional: int,
    starts_at: datetime,
    ends_at: datetime,
    since: datetime,
    now: datetime,
) -> tuple[Holding, Holding]:
    """Return what a cart and its customer hold, and what the carts of its internet address do; one statement.

    Of the professional's time between two instants it is counted for how long it has been held since `since`, by
    however many at once.
    """
    whose = {"holder": holder, "customers": list(customers), "address": address, "since": since, "now": now}
    what = {"professional": professional, "starts_at": starts_at, "ends_at": ends_at}
    mine, kept, here, kept_here = sql.rows(_HOLDINGS, whose | what)[0]
    return Holding(times=mine, kept=kept), Holding(times=here, kept=kept_here)


def standing(*, email: str, phone: str, address: str, since: datetime) -> tuple[bool, int, int]:
    """Say whether the shop has blocked somebody, and how many visits were booked since without cart and team.

    By them, who are known by mailbox and phone; and from their internet address.
    """
    person = {"mailbox": mailbox_of(email), "phone": phone, "document": "", "address": address, "since": since}
    blocked, booked, booked_here = sql.rows(_STANDING, person)[0]
    return bool(blocked), int(booked), int(booked_here)


def is_known_reader(*, visit: Appointment) -> bool:
    """Say whether somebody is known to read the mailbox of a visit: a login proved it, or somebody came before."""
    if has_login(email=visit.contact_email):
        return True
    came = Appointment.objects.filter(mailbox=mailbox_of(visit.contact_email), holder__isnull=True, state="completed")
    return came.exclude(mailbox="").exists()


def _whole() -> "QuerySet[Appointment]":
    steps = AppointmentEvent.objects.filter(appointment=OuterRef("pk")).order_by("-seq").values("at")
    last = Greatest("ends_at", "link_renewed_at", Subquery(steps[:1]))
    whole = Appointment.objects.select_related("professional", "room").prefetch_related("services")
    return whole.annotate(last_event_at=last, link_days=link_days())


def _service_ids(rows: list[dict[str, Any]]) -> set[int]:
    return {service["service"] for row in rows for service in row["service_rows"]}


def _claimed(*, row: dict[str, Any], offered: dict[int, Offer], now: datetime) -> ClaimedVisit:
    state = effective_state(state=row["state"], expires_at=row["expires_at"], now=now)
    agreed = row["bearer"] is not None or state not in ("held", "expired")
    booked = state in ("requested", "confirmed", "completed")
    parts = [offered[one["service"]] for one in row["service_rows"]]
    today = prices_today(parts=parts, professional=row["professional_id"])
    taken = [money(str(one["price"])) for one in row["service_rows"]]
    services = [
        VisitService(
            sku=one["sku"] if agreed else offer.sku,
            variant_id=offer.variant_id,
            name=one["name"] if agreed else offer.name,
            price=price,
            duration=one["minutes"],
            deposit=offer.deposit,
        )
        for one, offer, price in zip(
            row["service_rows"], parts, taken if agreed or today is None else today, strict=True
        )
    ]
    return ClaimedVisit(
        claim=row["claim"],
        appointment=row["public_id"],
        state=state,
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        held_until=row["expires_at"],
        professional_id=row["professional__public_id"],
        professional=row["professional__name"],
        services=tuple(services),
        for_sale=booked or (today is not None and all(offer.for_sale for offer in parts)),
        requires_confirmation=any(offer.requires_confirmation for offer in parts),
    )
