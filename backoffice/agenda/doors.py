"""What the views of the agenda share: who may, how they answer, and what a wall-clock time means."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from rest_framework.authentication import SessionAuthentication
from rest_framework.response import Response
from rest_framework.views import APIView

from api.answers import respond_private, to_keep
from api.problems import refusal_of
from api.requests import actor_of
from backoffice.agenda.answers import DetailsResponse, details_answer
from backoffice.agenda.people import AgendaPermissions, CanViewAgenda, permissions_of
from common import clock
from common.errors import Malformed, NotFound
from common.idempotency import StoredResponse
from desk.refusals import field_at, named
from scheduling import selectors
from scheduling.models import Appointment
from scheduling.services import Booked
from scheduling.slots import instant_of, moment_of
from shop import services as shop
from shop.policy import Policy

DOOR = "admin"


class Door(APIView):
    """What the views of the agenda share."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [CanViewAgenda]
    needs = ""

    def handle_exception(self, exc: Exception) -> Response:
        """Answer a refusal, each field named as the page calls it."""
        refusal = refusal_of(exc)
        if not isinstance(refusal, Malformed):
            return super().handle_exception(exc)
        errors = [replace(error, detail=named(field_at(error.pointer), error.detail)) for error in refusal.errors]
        return super().handle_exception(Malformed(refusal.detail, errors=errors))

    @property
    def permissions(self) -> AgendaPermissions:
        """Return what the person who asks may do."""
        return permissions_of(self.request.user)

    def own(self) -> UUID:
        """Return the professional who asks. Raises NotFound."""
        found = selectors.professional_of_login(user_id=self.permissions.user_id)
        if found is None:
            raise NotFound()
        return found

    def visit(self, *, public_id: UUID) -> Appointment:
        """Return a visit that the person may see. Raises NotFound."""
        return selectors.appointment(public_id=public_id, access=self.permissions.access)

    def kept(self, visit: Appointment) -> StoredResponse:
        """Return the answer with a visit, as it is stored under its key."""
        return to_keep(self.details(visit), status=200)

    def booked(self, new: Booked) -> StoredResponse:
        """Answer with a visit just booked."""
        return to_keep(self.details(selectors.appointment(public_id=new.appointment.public_id)), status=201)

    def shown(self, visit: Appointment) -> HttpResponse:
        """Answer with a visit just read or just changed."""
        return respond_private(self.details(visit))

    def details(self, visit: Appointment) -> DetailsResponse:
        """Return everything about a visit that the person may know."""
        actor = actor_of(self.request, door=DOOR)
        return details_answer(
            visit=visit, permissions=self.permissions, actor=actor, policy=shop.policy(), now=clock.now()
        )


def moment(value: datetime, policy: Policy) -> datetime:
    """Return a wall-clock time as the instant it is in the shop's zone."""
    if value.tzinfo is not None:
        return value
    day: date = value.date()
    minute = value.hour * 60 + value.minute
    return moment_of(instant_of(day=day, minute=minute, zone=ZoneInfo(policy.timezone)))
