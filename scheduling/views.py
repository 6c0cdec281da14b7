"""The agenda's door for storefronts and staff programs.

A guest proves a visit by its token, or by the token of the order it belongs to; a customer by signing in; staff by
permission. For anyone else it does not exist.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.selectors import customer_id_of
from api.answers import Answer, respond, respond_kept
from api.conditional import conditional
from api.openapi import operation
from api.pagination import CursorPages, page_body, page_of, page_size_of
from api.permissions import IsSignedIn, Public
from api.renderers import OrjsonRenderer, dumps
from api.replica import seen_by_anybody
from api.requests import actor_of, once_from, read, read_query, scheme_token
from catalog.errors import NotForSale, UnknownSku
from common import clock
from common.errors import Busy, FieldError, Forbidden, InvalidTransition, Malformed, NotFound, TotalChanged
from common.identity import mailbox_digest
from common.mail import CalendarFile
from common.use_cases import answered
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.answers import (
    AppointmentResponse,
    BookingRequest,
    CancellationRequest,
    MoveQuery,
    MoveRequest,
    NextSlotQuery,
    NextSlotResponse,
    ProfessionalFilter,
    ProfessionalResponse,
    ServiceFilter,
    ServiceResponse,
    SlotsQuery,
    SlotsResponse,
    appointment_answer,
    booked,
    next_slot_answer,
    professional_answer,
    service_answer,
    slots_answer,
)
from scheduling.calendars import agenda_calendar, visit_calendar
from scheduling.errors import DepositRequired, SlotTaken, SlotUnavailable, TooLateToChange, TooManyHolds
from scheduling.models import Appointment
from scheduling.selectors import Access
from scheduling.services import Booker, is_desk
from shop import services as shop

PAGE = ("page", "page_size")
CALENDAR_FILE: Any = {(200, "text/calendar"): str}
DEFAULT_DAYS = 6
MAX_DAYS = 62
MAX_EXPLAINED_DAYS = 7
MANAGING = "scheduling.manage_appointment"
BOOKING = [Forbidden, UnknownSku, NotForSale, SlotTaken, SlotUnavailable, DepositRequired, TooManyHolds, Busy]


class CalendarRenderer(BaseRenderer):
    """Lets calendars ask for what they read; problems stay JSON."""

    media_type = "text/calendar"
    format = "ics"
    charset = None
    render_style = "binary"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Return a problem as JSON; calendars themselves are rendered before."""
        return dumps(data)


def access_of(request: Request) -> Access:
    """Return what the caller brought along to see visits with."""
    user = request.user
    staff = bool(getattr(user, "is_staff", False))
    return Access(
        sees_all=staff and user.has_perm("scheduling.view_appointment"),
        manages=staff and user.has_perm("scheduling.manage_appointment"),
        customer_id=customer_id_of(user),
        user_id=user.pk if staff and user.has_perm("scheduling.view_own_agenda") else None,
        tokens=tuple(
            token
            for token in (scheme_token(request, "Appointment"), scheme_token(request, "Order"))
            if token is not None
        ),
    )


def knows_all(request: Request) -> bool:
    """Say whether somebody of the team is asking who may know what occupies a time."""
    return bool(getattr(request.user, "is_staff", False)) and request.user.has_perm("scheduling.view_appointment")


class ServicesView(APIView):
    """What can be booked."""

    permission_classes = (Public,)

    @operation(query=ProfessionalFilter, responses={200: ServiceResponse}, refusals=[NotFound], pages=True)
    @seen_by_anybody
    def get(self, request: Request) -> HttpResponse:
        """List the services that somebody performs."""
        wanted = read_query(ProfessionalFilter, request, allow=PAGE)
        policy = shop.policy()
        found = selectors.service_list(**wanted.given())
        return _page(request, [service_answer(offer, policy=policy) for offer in found])


class ProfessionalsView(APIView):
    """Whose time can be booked."""

    permission_classes = (Public,)

    @operation(query=ServiceFilter, responses={200: ProfessionalResponse}, refusals=[NotFound], pages=True)
    @seen_by_anybody
    def get(self, request: Request) -> HttpResponse:
        """List the active professionals with what they perform."""
        wanted = read_query(ServiceFilter, request, allow=PAGE)
        policy = shop.policy()
        found = selectors.professional_list(**wanted.given())
        return _page(request, [professional_answer(person, policy=policy) for person in found])


class SlotsView(APIView):
    """Free times."""

    permission_classes = (Public,)

    @operation(query=SlotsQuery, responses={200: SlotsResponse}, refusals=[UnknownSku, NotForSale])
    @seen_by_anybody
    def get(self, request: Request) -> HttpResponse:
        """List the free times of a visit; with explain also the refused ones, with the reasons."""
        now = clock.now()
        policy = shop.policy()
        wanted = read_query(SlotsQuery, request)
        first = wanted.first or now.astimezone(ZoneInfo(policy.timezone)).date()
        last = wanted.last or first + timedelta(days=DEFAULT_DAYS)
        _refuse_window(days=(last - first).days + 1, explain=wanted.explain, professional=wanted.professional)
        visit = selectors.visit_of(skus=wanted.service, policy=policy)
        desk = is_desk(actor=actor_of(request, staff_needs=MANAGING))
        free = selectors.free_starts(
            visit=visit, policy=policy, first=first, last=last, professional=wanted.professional, now=now, desk=desk
        )
        refused = None
        if wanted.explain != "0":
            refused = selectors.refused_starts(
                visit=visit,
                policy=policy,
                first=first,
                last=last,
                professional=wanted.professional,
                now=now,
                desk=desk,
            )
        answer = slots_answer(visit=visit, free=free, refused=refused, told=knows_all(request), policy=policy)
        return respond(answer, headers={"Cache-Control": "no-store"})


class NextSlotView(APIView):
    """The next free time."""

    permission_classes = (Public,)

    @operation(query=NextSlotQuery, responses={200: NextSlotResponse}, refusals=[UnknownSku, NotForSale])
    @seen_by_anybody
    def get(self, request: Request) -> HttpResponse:
        """Return the next free time of a visit, as far ahead as it may be booked and half a year at most."""
        now, policy = clock.now(), shop.policy()
        wanted = read_query(NextSlotQuery, request)
        visit = selectors.visit_of(skus=wanted.service, policy=policy)
        free = selectors.next_free_start(
            visit=visit,
            policy=policy,
            first=wanted.first or now.astimezone(ZoneInfo(policy.timezone)).date(),
            professional=wanted.professional,
            now=now,
            desk=is_desk(actor=actor_of(request, staff_needs=MANAGING)),
        )
        answer = next_slot_answer(visit=visit, free=free, policy=policy)
        return respond(answer, headers={"Cache-Control": "no-store"})


class AppointmentsView(APIView):
    """Booking, and listing one's own visits."""

    throttle_scope = "checkout"

    def get_permissions(self) -> list[BasePermission]:
        """Let anyone book, and only people who signed in list."""
        return [IsSignedIn()] if self.request.method in ("GET", "HEAD") else [Public()]

    @operation(responses={200: AppointmentResponse}, cursor_pages=True)
    def get(self, request: Request) -> HttpResponse:
        """List one's own visits, the latest first, those of one's orders among them."""
        shown = partial(appointment_answer, policy=shop.policy(), with_token=True, now=clock.now())
        found = selectors.visits_of(customer_id=customer_id_of(request.user))
        return CursorPages.respond(found, request, shown=shown, instant="starts_at", named="public_id")

    @operation(request=BookingRequest, responses={201: AppointmentResponse}, refusals=BOOKING, idempotent=True)
    def post(self, request: Request) -> HttpResponse:
        """Book a visit, to be paid at the counter."""
        once = once_from(request, scope="appointments")
        wanted = read(BookingRequest, request.data)
        once = once.within(mailbox_digest(wanted.customer.email))
        actor = actor_of(request, staff_needs=MANAGING)
        now = clock.now()
        answer = answered(scheduling.book, partial(booked, now=now), once=once)(
            wish=wanted.wish,
            booker=Booker(
                **msgspec.structs.asdict(wanted.customer),
                note=wanted.note,
                language=translation.get_language() or "pt-br",
                customer_id=customer_id_of(request.user) if actor.kind == "customer" else None,
                address=actor.address,
            ),
            actor=actor,
            now=now,
        )
        return respond_kept(answer)


class AppointmentView(APIView):
    """One visit."""

    permission_classes = (Public,)

    @operation(responses={200: AppointmentResponse}, refusals=[NotFound], access_token=True)
    def get(self, request: Request, public_id: UUID) -> HttpResponse:
        """Return the visit."""
        access = access_of(request)
        return _answered(selectors.appointment(public_id=public_id, access=access), access)


class CancelView(APIView):
    """The end of a visit before it began."""

    permission_classes = (Public,)

    @operation(
        request=CancellationRequest,
        responses={200: AppointmentResponse},
        refusals=[NotFound, TooLateToChange, InvalidTransition],
        access_token=True,
    )
    def post(self, request: Request, public_id: UUID) -> HttpResponse:
        """Cancel the visit; one that is cancelled already is answered unchanged."""
        wanted = read(CancellationRequest, request.data)
        access = access_of(request)
        visit = scheduling.cancel(
            public_id=public_id,
            reason=wanted.reason,
            actor=actor_of(request, staff_needs=MANAGING),
            access=access,
            now=clock.now(),
        )
        return _answered(visit, access)


class RescheduleView(APIView):
    """Another time for a visit."""

    permission_classes = (Public,)

    @operation(
        query=MoveQuery,
        responses={200: SlotsResponse},
        refusals=[NotFound, TooLateToChange, InvalidTransition],
        access_token=True,
    )
    def get(self, request: Request, public_id: UUID) -> HttpResponse:
        """List the times to which the visit may move, where it does not stand in its own way.

        Refused as moving it would be.
        """
        now, policy = clock.now(), shop.policy()
        wanted = read_query(MoveQuery, request)
        first = wanted.first or now.astimezone(ZoneInfo(policy.timezone)).date()
        last = wanted.last or first + timedelta(days=DEFAULT_DAYS)
        _refuse_window(days=(last - first).days + 1, explain="0", professional=wanted.professional)
        places = scheduling.places_to_move(
            public_id=public_id,
            first=first,
            last=last,
            professional=wanted.professional,
            actor=actor_of(request, staff_needs=MANAGING),
            access=access_of(request),
            policy=policy,
            now=now,
        )
        answer = slots_answer(visit=places.visit, free=places.free, refused=None, told=False, policy=policy)
        return respond(answer, headers={"Cache-Control": "no-store"})

    @operation(
        request=MoveRequest,
        responses={200: AppointmentResponse},
        refusals=[NotFound, TooLateToChange, InvalidTransition, SlotTaken, SlotUnavailable, TotalChanged, Busy],
        access_token=True,
    )
    def post(self, request: Request, public_id: UUID) -> HttpResponse:
        """Take the new time and free the old one, or leave everything as it was."""
        wanted = read(MoveRequest, request.data)
        access = access_of(request)
        visit = scheduling.reschedule(
            public_id=public_id,
            starts_at=wanted.starts_at,
            professional=wanted.professional,
            reason=wanted.reason,
            expected_total=wanted.expected_total,
            actor=actor_of(request, staff_needs=MANAGING),
            access=access,
            now=clock.now(),
        )
        return _answered(visit, access)


class AppointmentCalendarView(APIView):
    """A visit as a calendar file."""

    permission_classes = (Public,)

    renderer_classes = [CalendarRenderer, OrjsonRenderer]

    @operation(responses=CALENDAR_FILE, refusals=[NotFound], access_token=True)
    def get(self, request: Request, public_id: UUID) -> HttpResponse:
        """Return the file that calendars read."""
        found = selectors.appointment(public_id=public_id, access=access_of(request))
        file = visit_calendar(appointment=found, services=found.services.all(), policy=shop.policy(), now=clock.now())
        return _calendar(file)


class FeedView(APIView):
    """A professional's agenda as a secret address for calendars."""

    permission_classes = (Public,)

    renderer_classes = [CalendarRenderer, OrjsonRenderer]

    @operation(responses=CALENDAR_FILE, refusals=[NotFound], access_token=True)
    def get(self, request: Request, public_id: UUID) -> HttpResponse:
        """Return the agenda from a month ago to a year from now."""
        now = clock.now()
        found = selectors.professional_of_feed(public_id=public_id, token=scheme_token(request, "Feed"))
        rows = selectors.agenda(
            begins=now - timedelta(days=31), ends=now + timedelta(days=366), now=now, professionals=[found.pk]
        )
        body = agenda_calendar(name=found.name, appointments=rows, policy=shop.policy(), now=now)
        return _calendar(CalendarFile(name="agenda.ics", method="PUBLISH", body=body))


def _answered(visit: Appointment, access: Access) -> HttpResponse:
    """Answer with a visit, and with its token for whoever brought it."""
    with_token = access.owns(appointment=visit)
    return respond(appointment_answer(visit, policy=shop.policy(), with_token=with_token, now=clock.now()))


def _refuse_window(*, days: int, explain: str, professional: UUID | None) -> None:
    errors = []
    if not 1 <= days <= MAX_DAYS:
        errors.append(
            FieldError(pointer="/to", code="invalid", detail=_("At most %(days)s days, in order.") % {"days": MAX_DAYS})
        )
    if explain == "1" and professional is None:
        errors.append(FieldError(pointer="/professional", code="required", detail=_("Say of which professional.")))
    if explain == "1" and days > MAX_EXPLAINED_DAYS:
        most = _("At most %(days)s days, in order.") % {"days": MAX_EXPLAINED_DAYS}
        errors.append(FieldError(pointer="/to", code="invalid", detail=most))
    if explain == "any" and days > 1:
        errors.append(FieldError(pointer="/to", code="invalid", detail=_("One day at a time.")))
    if errors:
        raise Malformed(errors=errors)


def _page(request: Request, rows: Sequence[Answer]) -> HttpResponse:
    page, size = page_of(request), page_size_of(request)
    results = list(rows[(page - 1) * size : page * size])
    return conditional(request, page_body(request=request, count=len(rows), results=results))


def _calendar(file: CalendarFile) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(file.body, content_type="text/calendar; charset=utf-8", headers=headers)
