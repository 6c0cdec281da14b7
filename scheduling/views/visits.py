"""One visit and several: booking, looking, moving, calling off."""

from datetime import timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.http import HttpResponse
from django.utils import translation
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.selectors import customer_id_of
from api.answers import respond, respond_kept, respond_private
from api.openapi import operation
from api.pagination import CursorPages
from api.permissions import IsSignedIn, Public
from api.requests import actor_of, once_from, read, read_query
from catalog.errors import NotForSale, UnknownSku
from common import clock
from common.errors import Busy, Forbidden, InvalidTransition, NotFound, TotalChanged
from common.identity import mailbox_digest
from common.use_cases import answered
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.answers import (
    AppointmentResponse,
    BookingRequest,
    CancellationRequest,
    MoveQuery,
    MoveRequest,
    SlotsResponse,
    appointment_answer,
    booked,
    slots_answer,
)
from scheduling.errors import DepositRequired, SlotTaken, SlotUnavailable, TooLateToChange, TooManyHolds
from scheduling.models import Appointment
from scheduling.selectors import Access
from scheduling.services import Booker
from scheduling.views.callers import DEFAULT_DAYS, MANAGING, access_of, refuse_window
from shop import services as shop

BOOKING = [Forbidden, UnknownSku, NotForSale, SlotTaken, SlotUnavailable, DepositRequired, TooManyHolds, Busy]


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
        refuse_window(days=(last - first).days + 1, explain="0", professional=wanted.professional)
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
        return respond_private(answer)

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


def _answered(visit: Appointment, access: Access) -> HttpResponse:
    """Answer with a visit, and with its token for whoever brought it."""
    with_token = access.owns(appointment=visit)
    return respond(appointment_answer(visit, policy=shop.policy(), with_token=with_token, now=clock.now()))
