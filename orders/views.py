"""API views of orders, for storefronts and staff programs.

A guest proves an order by its token, a customer by signing in, staff by permission; for anyone else it does not exist.
"""

from dataclasses import replace
from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.utils import translation
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.selectors import customer_id_of, known_customer_id_of
from api.answers import respond, respond_kept, respond_private
from api.openapi import operation
from api.pagination import CursorPages, cursor_page_of_rows
from api.permissions import IsSignedIn, Public, staff_with
from api.requests import actor_of, once_from, read, read_query, scheme_token
from cart.errors import (
    CartClosed,
    DeliveryUnavailable,
    EmptyCart,
    LinesNotForSale,
    MethodNotOffered,
    PickupUnavailable,
)
from common import clock
from common.errors import Forbidden, InvalidTransition, NotFound, TotalChanged
from common.use_cases import answered
from inventory.errors import OutOfStock
from orders import selectors
from orders import services as orders
from orders.answers import (
    CancellationResponse,
    CancelRequest,
    FulfilmentRequest,
    FulfilmentResponse,
    HistoryResponse,
    OrderResponse,
    OrdersQuery,
    OrderSummaryResponse,
    PickupChoicesResponse,
    PickupMoveRequest,
    PlacementRequest,
    cancellation_answer,
    changed,
    fulfilment_answer,
    order_answer,
    pickup_choices_answer,
    placed,
    step_answer,
    summary_answer,
)
from orders.errors import (
    TooLateToCancel,
    TooManyOpenOrders,
    TooManyUnits,
)
from orders.selectors import Access
from scheduling.errors import DepositRequired, SlotTaken, TooLateToChange
from shop import services as shop

PLACING = [
    Forbidden,
    NotFound,
    CartClosed,
    LinesNotForSale,
    OutOfStock,
    SlotTaken,
    TotalChanged,
    EmptyCart,
    MethodNotOffered,
    DepositRequired,
    PickupUnavailable,
    DeliveryUnavailable,
    TooManyOpenOrders,
]


SEES_ALL = ("orders.view_order", "orders.view_ordercontact")
"""An order is answered with how to reach its customer: for those of the team who serve them, not for who looks on."""


def access_of(request: Request) -> Access:
    """Return what the caller brought along to see orders with."""
    return Access(
        staff=request.user.has_perms(SEES_ALL),
        customer_id=customer_id_of(request.user),
        token=scheme_token(request, "Order"),
    )


def changing_access_of(request: Request, *, needs: str) -> Access:
    """Return what the caller brought along to change an order with: the team only with the permission `needs`."""
    access = access_of(request)
    return replace(access, staff=access.staff and request.user.has_perm(needs))


class OrdersView(APIView):
    """All orders: placing one, and listing one's own."""

    throttle_scope = "checkout"

    def get_permissions(self) -> list[BasePermission]:
        """Let anyone order, and only people who signed in list."""
        return [IsSignedIn()] if self.request.method in ("GET", "HEAD") else [Public()]

    @operation(request=PlacementRequest, responses={201: OrderResponse}, refusals=PLACING, idempotent=True)
    def post(self, request: Request) -> HttpResponse:
        """Turn a cart into an order: every line or none."""
        customer_id = customer_id_of(request.user)
        once = once_from(request, scope="orders")
        wanted = read(PlacementRequest, request.data)
        place = answered(orders.place_order, placed, once=once.within(wanted.cart))
        answer = place(
            placement=wanted.placement(language=translation.get_language() or "pt-br"),
            customer_id=customer_id,
            actor=actor_of(request),
            now=clock.now(),
        )
        return respond_kept(answer)

    @operation(query=OrdersQuery, responses={200: OrderSummaryResponse}, cursor_pages=True)
    def get(self, request: Request) -> HttpResponse:
        """List the caller's orders, newest first; staff see all, with filters."""
        now = clock.now()
        filters = read_query(OrdersQuery, request, allow=CursorPages.parameters)
        found = selectors.list_orders(access=access_of(request), filters=filters.given(), now=now)
        return CursorPages.respond(
            found,
            request,
            shown=partial(summary_answer, now=now),
        )


class OrderView(APIView):
    """One order."""

    permission_classes = (Public,)

    @operation(responses={200: OrderResponse}, refusals=[NotFound], access_token=True)
    def get(self, request: Request, number: str) -> HttpResponse:
        """Return the order."""
        whole = selectors.read_order(number=number, access=access_of(request), now=clock.now())
        return respond(order_answer(whole))


class OrderClaimView(APIView):
    """An order of a guest that becomes an account's."""

    permission_classes = (IsSignedIn,)

    @operation(request=None, responses={200: OrderResponse}, refusals=[Forbidden, NotFound], access_token=True)
    def post(self, request: Request, number: str) -> HttpResponse:
        """Take a guest's order over, with its token or with a verified e-mail that is the order's; it stays one's own.

        The token travels as `?access_token=`, since the Authorization header says who is signed in.
        """
        access, now = access_of(request), clock.now()
        claim = answered(orders.claim_order, partial(changed, access=access, now=now))
        return respond_kept(
            claim(number=number, customer_id=known_customer_id_of(request.user), access=access, now=now)
        )


class OrderHistoryView(APIView):
    """The steps of an order's life."""

    permission_classes = (Public,)

    @operation(responses={200: HistoryResponse}, refusals=[NotFound], cursor_pages=True, access_token=True)
    def get(self, request: Request, number: str) -> HttpResponse:
        """List the steps, oldest first."""
        steps = selectors.read_history(number=number, access=access_of(request), now=clock.now())
        return respond(cursor_page_of_rows(request=request, rows=[step_answer(step) for step in steps]))


class OrderCancelView(APIView):
    """Cancelling an order."""

    permission_classes = (Public,)

    @operation(
        responses={200: CancellationResponse},
        refusals=[NotFound, InvalidTransition, TooLateToCancel],
        access_token=True,
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        """Say what cancelling the order would give back; refused as cancelling it would be."""
        access = changing_access_of(request, needs="orders.cancel_order")
        found = orders.preview_cancellation(number=number, access=access, actor=actor_of(request), now=clock.now())
        return respond_private(cancellation_answer(found))

    @operation(
        request=CancelRequest,
        responses={200: OrderResponse},
        refusals=[NotFound, InvalidTransition, TooLateToCancel],
        access_token=True,
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Cancel the order and give its units back, once. What was paid is owed back, but for a fee that is kept."""
        wanted = read(CancelRequest, request.data)
        access, now = changing_access_of(request, needs="orders.cancel_order"), clock.now()
        cancel = answered(orders.cancel_order, partial(changed, access=access, now=now))
        answer = cancel(
            number=number,
            reason=wanted.reason,
            access=access,
            actor=actor_of(request),
            now=now,
            keeps_fee=wanted.keep_fee and access.staff,
        )
        return respond_kept(answer)


class OrderPickupView(APIView):
    """Moving a pickup."""

    permission_classes = (Public,)

    @operation(
        responses={200: PickupChoicesResponse},
        refusals=[NotFound, InvalidTransition, TooLateToChange, PickupUnavailable],
        access_token=True,
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        """List the windows into which the pickup may be moved; refused as moving it would be."""
        access = changing_access_of(request, needs="orders.fulfil_order")
        found = orders.preview_pickup(number=number, access=access, now=clock.now())
        return respond_private(pickup_choices_answer(found, policy=shop.policy()))

    @operation(
        request=PickupMoveRequest,
        responses={200: OrderResponse},
        refusals=[NotFound, InvalidTransition, TooLateToChange, PickupUnavailable],
        access_token=True,
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Move the pickup into the window that the instant lies in: customers until the cut-off, staff later."""
        wanted = read(PickupMoveRequest, request.data)
        access, now = changing_access_of(request, needs="orders.fulfil_order"), clock.now()
        move = answered(orders.reschedule_pickup, partial(changed, access=access, now=now))
        answer = move(
            number=number,
            pickup_at=wanted.pickup_at,
            reason=wanted.reason,
            access=access,
            actor=actor_of(request),
            now=now,
        )
        return respond_kept(answer)


class OrderCompleteView(APIView):
    """Closing an order."""

    permission_classes = (staff_with("orders.fulfil_order"),)

    @operation(request=None, responses={200: OrderResponse}, refusals=[NotFound, InvalidTransition])
    def post(self, request: Request, number: str) -> HttpResponse:
        """Close an order whose goods are handed over and whose total is paid."""
        access, now = Access(staff=True), clock.now()
        complete = answered(orders.complete_order, partial(changed, access=access, now=now))
        return respond_kept(complete(number=number, access=access, actor=actor_of(request), now=now))


class FulfilmentsView(APIView):
    """Handing goods over."""

    permission_classes = (staff_with("orders.fulfil_order"),)

    @operation(
        request=FulfilmentRequest,
        responses={201: FulfilmentResponse},
        refusals=[NotFound, InvalidTransition, TooManyUnits],
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Begin to hand over some units of a confirmed order."""
        wanted = read(FulfilmentRequest, request.data)
        fulfilment = orders.begin_fulfilment(
            number=number,
            handovers=[line.handover for line in wanted.lines],
            tracking=wanted.tracking,
            access=Access(staff=True),
            now=clock.now(),
        )
        return respond(fulfilment_answer(fulfilment), status=201)


class FulfilmentStepView(APIView):
    """One step of a fulfilment."""

    permission_classes = (staff_with("orders.fulfil_order"),)

    @operation(request=None, responses={200: FulfilmentResponse}, refusals=[NotFound, InvalidTransition])
    def post(self, request: Request, number: str, fulfilment_id: UUID, verb: str) -> HttpResponse:
        """Take the fulfilment one step further."""
        fulfilment = orders.advance_fulfilment(
            number=number,
            fulfilment_id=fulfilment_id,
            verb=verb,
            access=Access(staff=True),
            actor=actor_of(request),
            now=clock.now(),
        )
        return respond(fulfilment_answer(fulfilment))
