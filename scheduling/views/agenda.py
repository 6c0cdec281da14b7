"""What can be booked, by whom it is done, and the times that are free."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from api.answers import respond_private
from api.conditional import conditional
from api.openapi import operation
from api.pagination import page_of_rows
from api.permissions import Public
from api.replica import seen_by_anybody
from api.requests import actor_of, read_query
from catalog.errors import NotForSale, UnknownSku
from common import clock
from common.errors import NotFound
from scheduling import selectors
from scheduling.answers import (
    NextSlotQuery,
    NextSlotResponse,
    ProfessionalFilter,
    ProfessionalResponse,
    ServiceFilter,
    ServiceResponse,
    SlotsQuery,
    SlotsResponse,
    next_slot_answer,
    professional_answer,
    service_answer,
    slots_answer,
)
from scheduling.services import is_desk
from scheduling.views.callers import DEFAULT_DAYS, MANAGING, knows_all, refuse_window
from shop import services as shop

PAGE = ("page", "page_size")


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
        return conditional(
            request, page_of_rows(request=request, rows=[service_answer(offer, policy=policy) for offer in found])
        )


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
        return conditional(
            request,
            page_of_rows(request=request, rows=[professional_answer(person, policy=policy) for person in found]),
        )


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
        refuse_window(days=(last - first).days + 1, explain=wanted.explain, professional=wanted.professional)
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
        return respond_private(answer)


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
        return respond_private(answer)
