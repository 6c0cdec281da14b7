"""The counter's page and its doors: each write is one service call. They speak the session's language and want its
CSRF token, as every page of the desk does, but answer refusals as problems, as the API does."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.answers import nothing, respond_private
from api.bodies import Nothing
from api.problems import refusal_of
from api.requests import actor_of, once_from, read, read_query
from backoffice.agenda.answers import customers_answer, times_answer
from backoffice.counter.answers import (
    items_answer,
    pix_answer,
    price_answer,
    sold_answer,
    today_answer,
)
from backoffice.counter.bodies import (
    ChangeParkedRequest,
    DropRequest,
    FindQuery,
    ParkRequest,
    PhoneRequest,
    PinRequest,
    PixQuery,
    PriceRequest,
    ReasonRequest,
    SellRequest,
    TimesQuery,
)
from backoffice.counter.page import config
from backoffice.counter.parked import one_parked_answer
from backoffice.counter.people import FINDS_CUSTOMERS, PINS, UNDOES, CanSell, may_sell
from backoffice.counter.phone import phone_answer, phoned_answer
from backoffice.counter.sales import UndoneAnswer, sales_answer
from common import clock
from common.errors import IdempotencyKeyInvalid, Malformed
from counter import selectors
from counter import services as counter
from counter.services import Taking
from customers import selectors as customers
from desk.pages import page_response
from desk.refusals import explained
from orders.services import Pickup
from payments import selectors as payments
from payments.brcode import MAX_TXID
from scheduling import selectors as agenda
from shop import services as shop

DOOR = "admin"


def counter_page(request: HttpRequest) -> HttpResponse:
    """Show the counter. Raises PermissionDenied."""
    if not may_sell(request.user):
        raise PermissionDenied
    context = {
        "title": _("Counter"),
        "config": config(user_id=request.user.pk or 0, may=request.user.has_perm),
    }
    return page_response(request, "backoffice/counter.html", context)


class Door(APIView):
    """What the views of the counter share."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [CanSell]
    needs = ""

    def handle_exception(self, exc: Exception) -> Response:
        """Answer a refusal in a sentence with its figures."""
        refusal = refusal_of(exc)
        if refusal is None or isinstance(refusal, Malformed):
            return super().handle_exception(exc)
        refusal.detail = explained(refusal)
        return super().handle_exception(refusal)


class FindView(Door):
    """The search field."""

    def get(self, request: Request) -> HttpResponse:
        """Return what goes by a name or a code."""
        text = read_query(FindQuery, request).q
        found = selectors.find_items(text=text, now=clock.now()) if text else []
        return respond_private(items_answer(found, text=text))


class TodayView(Door):
    """What stands beside the ticket."""

    def get(self, request: Request) -> HttpResponse:
        """Return what is sold most often, the visits of today that are to be paid, and the sales that wait."""
        read_query(Nothing, request)
        now = clock.now()
        answer = today_answer(
            favourites=selectors.favourites(now=now),
            visits=selectors.todays_visits(now=now),
            parked=counter.parked(now=now),
            now=now,
        )
        return respond_private(answer)


class PinView(Door):
    """What stays on top of the favourites."""

    needs = PINS

    def put(self, request: Request) -> HttpResponse:
        """Let these, and nothing else, stay on top, in this order."""
        asked = read(PinRequest, request.data)
        counter.pin_favourites(skus=asked.skus, seen=asked.seen, actor=actor_of(request, door=DOOR), now=clock.now())
        return nothing()


class CustomersView(Door):
    """Who is known already."""

    needs = FINDS_CUSTOMERS

    def get(self, request: Request) -> HttpResponse:
        """Return customers whose name, e-mail, phone or document holds the text."""
        return respond_private(customers_answer(customers.find_customers(text=read_query(FindQuery, request).q)))


class PriceView(Door):
    """What it comes to."""

    def post(self, request: Request) -> HttpResponse:
        """Return what a sale comes to; nothing is written."""
        asked = read(PriceRequest, request.data)
        priced = counter.price_sale(
            sale=asked.sale(), bookings=asked.wishes(), actor=actor_of(request, door=DOOR), now=clock.now()
        )
        return respond_private(price_answer(priced))


class PixView(Door):
    """The code that a customer's bank reads."""

    def get(self, request: Request) -> HttpResponse:
        """Return a Pix of an amount, told from others by the sale's key."""
        asked = read_query(PixQuery, request)
        policy = shop.policy()
        text = payments.pix_at_counter(amount=asked.amount, txid=asked.key.hex[:MAX_TXID], policy=policy)
        return respond_private(pix_answer(text, awaited=payments.is_pix_awaited(policy=policy)))


class SellView(Door):
    """The sale."""

    def post(self, request: Request) -> HttpResponse:
        """Sell, once for each key."""
        key = key_of(request)
        asked = read(SellRequest, request.data)
        said: dict[str, Any] = {
            "sale": asked.sale(),
            "key": key,
            "actor": actor_of(request, door=DOOR),
            "now": clock.now(),
        }
        if asked.parked is None:
            sold = counter.sell(**said)
        else:
            taking = Taking(parked=asked.parked.id, version=asked.parked.version)
            sold = counter.take_parked(taking=taking, **said)
        return respond_private(sold_answer(sold, whatsapp=selectors.receipt_link(number=sold.numbers[0])))


class ParkedView(Door):
    """Parking."""

    def post(self, request: Request) -> HttpResponse:
        """Let a sale wait under a name; the key becomes its id."""
        key = key_of(request)
        asked = read(ParkRequest, request.data)
        now = clock.now()
        parked = counter.park(
            sale=asked.sale.sale(),
            label=asked.label,
            keep=asked.keep,
            actor=actor_of(request, door=DOOR),
            now=now,
            key=key,
        )
        return respond_private(one_parked_answer(parked, now=now), status=201)


class OneParkedView(Door):
    """One sale that waits."""

    def get(self, request: Request, public_id: UUID) -> HttpResponse:
        """Return what it holds, as lines of the ticket."""
        now = clock.now()
        return respond_private(one_parked_answer(counter.parked_sale(public_id=public_id, now=now), now=now))

    def put(self, request: Request, public_id: UUID) -> HttpResponse:
        """Replace what it holds and its name."""
        asked = read(ChangeParkedRequest, request.data)
        now = clock.now()
        parked = counter.change_parked(
            taking=Taking(parked=public_id, version=asked.version),
            sale=asked.sale.sale(),
            label=asked.label,
            keep=asked.keep,
            actor=actor_of(request, door=DOOR),
            now=now,
        )
        return respond_private(one_parked_answer(parked, now=now))

    def delete(self, request: Request, public_id: UUID) -> HttpResponse:
        """Throw it away, with a reason."""
        asked = read(DropRequest, request.data)
        counter.drop_parked(
            taking=Taking(parked=public_id, version=asked.version),
            reason=asked.reason,
            actor=actor_of(request, door=DOOR),
            now=clock.now(),
        )
        return nothing()


class PhoneView(Door):
    """The telephone."""

    def get(self, request: Request) -> HttpResponse:
        """Return when goods can be collected, and how they can be paid."""
        read_query(Nothing, request)
        return respond_private(phone_answer(policy=shop.policy(), now=clock.now()))

    def post(self, request: Request) -> HttpResponse:
        """Order goods and visits for somebody on the telephone, once for each key."""
        key = key_of(request)
        asked = read(PhoneRequest, request.data)
        phoned = counter.order_by_phone(
            sale=asked.sale(),
            bookings=asked.wishes(),
            fulfilment=Pickup(at=asked.pickup) if asked.pickup else None,
            payment_method=asked.method,
            key=key,
            actor=actor_of(request, door=DOOR),
            now=clock.now(),
        )
        return respond_private(phoned_answer(phoned, pickup=asked.pickup))


class TimesView(Door):
    """Free times for who calls."""

    def get(self, request: Request) -> HttpResponse:
        """Return the free times of a day for some services."""
        asked = read_query(TimesQuery, request)
        policy = shop.policy()
        answer = times_answer(
            visit=agenda.visit_of(skus=asked.service, policy=policy),
            day=asked.day,
            professional=asked.professional,
            besides=(),
            policy=policy,
            now=clock.now(),
        )
        return respond_private(answer)


class SalesView(Door):
    """What was sold."""

    def get(self, request: Request) -> HttpResponse:
        """Return the sales of today."""
        read_query(Nothing, request)
        return respond_private(sales_answer(may=request.user.has_perm, now=clock.now()))


class UndoView(Door):
    """What should not have been sold."""

    needs = UNDOES

    def post(self, request: Request, number: str) -> HttpResponse:
        """Undo a sale of today, with a reason."""
        undone = counter.undo_sale(
            number=number,
            reason=read(ReasonRequest, request.data).reason,
            actor=actor_of(request, door=DOOR),
            now=clock.now(),
        )
        return respond_private(UndoneAnswer(number=undone.number, amount=undone.amount, tips=undone.tips))


class ReceiptView(Door):
    """The receipt."""

    def get(self, request: Request, number: str) -> HttpResponse:
        """Return the receipt of a sale for a printer with a roll of 80 mm."""
        read_query(Nothing, request)
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{number}.pdf"'}
        return HttpResponse(selectors.receipt_pdf(number=number), content_type="application/pdf", headers=headers)


def key_of(request: Request) -> UUID:
    """Return the key that the page made for what is asked. Raises IdempotencyKeyRequired, IdempotencyKeyInvalid."""
    try:
        return UUID(once_from(request, scope="counter").key)
    except ValueError as problem:
        raise IdempotencyKeyInvalid() from problem
