"""The agenda's page and its doors: each write is one service call. They speak the session's language
and want its CSRF token, as every page of the desk does, but answer refusals as problems, as the API does."""

from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from msgspec import UNSET
from rest_framework.request import Request

from api.answers import respond_kept, respond_private, to_keep
from api.bodies import Nothing
from api.requests import actor_of, once_from, read, read_query
from backoffice.agenda.answers import (
    AbsenceResponse,
    customers_answer,
    times_answer,
    week_answer,
)
from backoffice.agenda.bodies import (
    ChargeRequest,
    CustomersQuery,
    MoveRequest,
    ReasonRequest,
    SwapRequest,
    TimeOffRequest,
    TimesQuery,
    VisitRequest,
    WeekQuery,
)
from backoffice.agenda.doors import DOOR, Door, moment
from backoffice.agenda.page import config
from backoffice.agenda.people import AgendaPermissions, may_look, permissions_of
from common import clock
from common.errors import FieldError, Forbidden, Malformed, NotFound
from common.idempotency import StoredResponse
from common.use_cases import answered
from customers import selectors as customers
from desk.pages import page_response
from orders import services as orders
from payments import services as payments
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.models import TimeOff
from scheduling.services import Booker, Wish
from shop import services as shop
from shop.policy import Policy

MAX_DAYS = 14


def agenda_page(request: HttpRequest) -> HttpResponse:
    """Show the agenda. Raises PermissionDenied."""
    if not may_look(request.user):
        raise PermissionDenied
    policy = shop.policy()
    permissions = permissions_of(request.user)
    context = {
        "title": _("Agenda"),
        "config": config(permissions=permissions, may=request.user.has_perm, policy=policy, now=clock.now())
        | {"open": _opened_at(request, permissions=permissions, policy=policy)},
    }
    return page_response(request, "backoffice/agenda.html", context)


def _opened_at(request: HttpRequest, *, permissions: AgendaPermissions, policy: Policy) -> dict[str, Any]:
    """Return what the address asks to be opened at: a visit, with its day and perhaps to be moved, or a new one."""
    try:
        visit = selectors.appointment(public_id=UUID(request.GET.get("visit", "")), access=permissions.access)
    except (ValueError, NotFound):
        return {
            "new": permissions.books and "new" in request.GET,
            "block": permissions.blocks and "block" in request.GET,
        }
    day = visit.starts_at.astimezone(ZoneInfo(policy.timezone)).date()
    return {"visit": str(visit.public_id), "day": day.isoformat(), "move": "move" in request.GET}


class WeekView(Door):
    """List a stretch of the calendar."""

    def get(self, request: Request) -> HttpResponse:
        """Return what happens between two days."""
        asked = read_query(WeekQuery, request)
        if not 1 <= (asked.last - asked.first).days + 1 <= MAX_DAYS:
            detail = _("From one to %(days)s days at a time.") % {"days": MAX_DAYS}
            raise Malformed(errors=[FieldError(pointer="/to", code="invalid", detail=detail)])
        answer = week_answer(
            first=asked.first, last=asked.last, permissions=self.permissions, policy=shop.policy(), now=clock.now()
        )
        return respond_private(answer)


class TimesView(Door):
    """List free times."""

    needs = "books"

    def get(self, request: Request) -> HttpResponse:
        """Return the free times of a day for some services, or for a visit that is to move.

        Whoever changes their own agenda alone is told of their own times.
        """
        asked = read_query(TimesQuery, request)
        policy = shop.policy()
        besides: list[int] = []
        if asked.visit is not UNSET:
            booked = self.visit(public_id=asked.visit)
            wanted = scheduling.booked_visit(appointment=booked, policy=policy)
            besides = [booked.pk]
        elif asked.service:
            wanted = selectors.visit_of(skus=asked.service, policy=policy)
        else:
            detail = _("Choose a service first.")
            raise Malformed(errors=[FieldError(pointer="/service", code="required", detail=detail)])
        answer = times_answer(
            visit=wanted,
            day=asked.day,
            professional=asked.professional if self.permissions.manages else self.own(),
            besides=besides,
            policy=policy,
            now=clock.now(),
        )
        return respond_private(answer)


class CustomersView(Door):
    """Find customers who are known already."""

    needs = "finds_customers"

    def get(self, request: Request) -> HttpResponse:
        """Return customers whose name, e-mail or phone holds the text."""
        return respond_private(customers_answer(customers.find_customers(text=read_query(CustomersQuery, request).q)))


class VisitsView(Door):
    """Book a visit."""

    needs = "books"

    def post(self, request: Request) -> HttpResponse:
        """Book a visit; with `force`, over whatever is there; with `reason`, at a time that has passed."""
        once = once_from(request, scope="agenda:book")
        asked = read(VisitRequest, request.data)
        _refuse_force(self.permissions, asked.force)
        policy = shop.policy()
        known = customers.customer_known_as(public_id=asked.customer) if asked.customer else None
        answer = answered(scheduling.book, self.booked, once=once)(
            wish=Wish(
                services=tuple(asked.services),
                starts_at=moment(asked.starts_at, policy),
                professional=asked.professional,
            ),
            booker=Booker(
                name=asked.name,
                email=asked.email,
                phone=asked.phone,
                note=asked.note,
                customer_id=known.account_id if known else None,
                record_id=known.pk if known else None,
            ),
            actor=actor_of(request, door=DOOR),
            now=clock.now(),
            force=asked.force,
            reason=asked.reason,
            access=self.permissions.access,
        )
        return respond_kept(answer)


class VisitView(Door):
    """Show one visit."""

    def get(self, request: Request, public_id: UUID) -> HttpResponse:
        """Return the visit and what may be done with it."""
        return self.shown(self.visit(public_id=public_id))


class MoveView(Door):
    """Move a visit."""

    def post(self, request: Request, public_id: UUID) -> HttpResponse:
        """Move the visit; with `force`, over whatever is there."""
        asked = read(MoveRequest, request.data)
        _refuse_force(self.permissions, asked.force)
        visit = scheduling.reschedule(
            public_id=public_id,
            starts_at=moment(asked.starts_at, shop.policy()),
            professional=asked.professional,
            reason=asked.reason,
            force=asked.force,
            access=self.permissions.access,
            actor=actor_of(request, door=DOOR),
            now=clock.now(),
        )
        return self.shown(visit)


class SwapView(Door):
    """Let two visits change places."""

    def post(self, request: Request, public_id: UUID) -> HttpResponse:
        """Give each of two visits the time and the professional of the other."""
        asked = read(SwapRequest, request.data)
        visit, _other = scheduling.swap(
            first=public_id,
            second=asked.other,
            starts_at=moment(asked.starts_at, shop.policy()),
            professional=asked.professional,
            reason=asked.reason,
            access=self.permissions.access,
            actor=actor_of(request, door=DOOR),
            now=clock.now(),
        )
        return self.shown(visit)


class CancelView(Door):
    """Cancel a visit."""

    def post(self, request: Request, public_id: UUID) -> HttpResponse:
        """Cancel the visit."""
        visit = scheduling.cancel(
            public_id=public_id,
            reason=read(ReasonRequest, request.data).reason,
            access=self.permissions.access,
            actor=actor_of(request, door=DOOR),
            now=clock.now(),
        )
        return self.shown(visit)


class AcceptView(Door):
    """Accept a request."""

    needs = "books"

    def post(self, request: Request, public_id: UUID) -> HttpResponse:
        """Confirm a requested visit."""
        read(Nothing, request.data)
        actor, access = actor_of(request, door=DOOR), self.permissions.access
        return self.shown(scheduling.accept(public_id=public_id, access=access, actor=actor, now=clock.now()))


class CompleteView(Door):
    """Complete a visit."""

    def post(self, request: Request, public_id: UUID) -> HttpResponse:
        """Write down that the visit took place; professionals may, for their own."""
        read(Nothing, request.data)
        actor, access = actor_of(request, door=DOOR), self.permissions.access
        return self.shown(scheduling.complete(public_id=public_id, access=access, actor=actor, now=clock.now()))


class NoShowView(Door):
    """Mark a no-show."""

    def post(self, request: Request, public_id: UUID) -> HttpResponse:
        """Write down that nobody came; professionals may, for their own."""
        read(Nothing, request.data)
        actor, access = actor_of(request, door=DOOR), self.permissions.access
        return self.shown(scheduling.mark_no_show(public_id=public_id, access=access, actor=actor, now=clock.now()))


class ReopenView(Door):
    """Undo either."""

    def post(self, request: Request, public_id: UUID) -> HttpResponse:
        """Undo what was closed today; professionals may, for their own."""
        read(Nothing, request.data)
        actor, access = actor_of(request, door=DOOR), self.permissions.access
        return self.shown(orders.reopen_visit(appointment=public_id, access=access, actor=actor, now=clock.now()))


class ChargeView(Door):
    """Charge a visit at the counter."""

    needs = "charges"

    def post(self, request: Request, public_id: UUID) -> HttpResponse:
        """Take what the visit, or the order it is in, still costs, and close the visit if it has begun."""
        once = once_from(request, scope="agenda:charge").within(public_id)
        asked = read(ChargeRequest, request.data)
        admit = partial(selectors.appointment, public_id=public_id, access=self.permissions.access)
        answer = answered(payments.charge_visit, self.kept, once=once, admit=admit)(
            appointment=public_id,
            tender=asked.tender,
            expected=asked.amount,
            access=self.permissions.access,
            actor=actor_of(request, door=DOOR),
            now=clock.now(),
        )
        return respond_kept(answer)


class TimeOffsView(Door):
    """Block time."""

    needs = "blocks"

    def post(self, request: Request) -> HttpResponse:
        """Close a stretch of somebody's time, unless booked visits stand in it."""
        once = once_from(request, scope="agenda:block")
        asked = read(TimeOffRequest, request.data)
        policy = shop.policy()
        answer = answered(scheduling.block_time, _blocked, once=once)(
            professional=asked.professional,
            starts_at=moment(asked.starts_at, policy),
            ends_at=moment(asked.ends_at, policy),
            reason=asked.reason,
            now=clock.now(),
            access=self.permissions.access,
        )
        return respond_kept(answer)


class UnblockView(Door):
    """Open blocked time again."""

    needs = "unblocks"

    def post(self, request: Request, pk: int) -> HttpResponse:
        """Take an absence away."""
        read(Nothing, request.data)
        scheduling.unblock_time(time_off_id=pk, access=self.permissions.access)
        return respond_private(AbsenceResponse(id=pk))


def _blocked(absence: TimeOff) -> StoredResponse:
    return to_keep(AbsenceResponse(id=absence.pk), status=201)


def _refuse_force(permissions: AgendaPermissions, force: str) -> None:
    if force and not permissions.forces:
        raise Forbidden(_("Only who may book over other appointments can force a time."))
