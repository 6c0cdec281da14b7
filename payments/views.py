"""API views: confirm, pay, refund, webhooks."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.selectors import customer_id_of
from api.answers import respond, respond_kept
from api.openapi import operation
from api.pagination import page_of_rows
from api.parsers import AsItCameParser
from api.permissions import Public, staff_with
from api.requests import actor_of, once_from, once_if_given, read, scheme_token
from cart.errors import MethodNotOffered
from common import clock
from common.errors import InvalidTransition, NotFound
from common.use_cases import answered
from orders.answers import OrderResponse, changed
from orders.errors import TooManyUnits
from orders.selectors import Access, find
from payments import selectors
from payments import services as payments
from payments.answers import (
    ConfirmRequest,
    HeardResponse,
    PaymentRequest,
    PaymentResponse,
    RefundRequest,
    RefundResponse,
    paid,
    payment_answer,
    refunded,
)
from payments.errors import GatewayBusy, InvalidSignature, RefundAboveLimit, RefundExceedsPaid, RefundsAboveDay
from payments.gateways.protocol import Delivery


def _access(request: Request, *, permission: str) -> Access:
    return Access(
        staff=request.user.has_perm(permission),
        customer_id=customer_id_of(request.user),
        token=scheme_token(request, "Order"),
    )


class OrderConfirmView(APIView):
    """Confirming an order because its money arrived."""

    permission_classes = (staff_with("orders.confirm_order"),)

    @operation(
        request=ConfirmRequest,
        responses={200: OrderResponse},
        refusals=[NotFound, InvalidTransition],
        idempotent="optional",
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Record the money and confirm the order; one that cannot come back keeps it to give back."""
        once = once_if_given(request, scope="confirm")
        wanted = read(ConfirmRequest, request.data)
        access, now = Access(staff=True), clock.now()
        confirm = answered(payments.confirm_order, partial(changed, access=access, now=now), once=once)
        answer = confirm(
            number=number,
            amount=wanted.amount,
            reference=wanted.reference,
            access=access,
            actor=actor_of(request),
            now=now,
        )
        return respond_kept(answer)


class OrderPaymentsView(APIView):
    """The payments of an order."""

    permission_classes = (Public,)

    @operation(responses={200: PaymentResponse}, refusals=[NotFound], pages=True, access_token=True)
    def get(self, request: Request, number: str) -> HttpResponse:
        """List the payments, oldest first."""
        found = selectors.read_payments(number=number, access=_access(request, permission="orders.view_order"))
        now = clock.now()
        return respond(page_of_rows(request=request, rows=[payment_answer(payment, now=now) for payment in found]))

    @operation(
        request=PaymentRequest,
        responses={201: PaymentResponse},
        refusals=[NotFound, InvalidTransition, MethodNotOffered, GatewayBusy],
        idempotent=True,
        access_token=True,
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Record or begin a payment of what is due now; an attempt that is open is answered again."""
        once = once_from(request, scope="payments").within(number)
        wanted = read(PaymentRequest, request.data)
        access = _access(request, permission="payments.record_payment")
        now = clock.now()
        admit = partial(find, number=number, access=access)
        answer = answered(payments.begin_payment, partial(paid, now=now), once=once, admit=admit)(
            number=number,
            method=wanted.method,
            return_url=wanted.return_url,
            access=access,
            actor=actor_of(request),
            now=now,
        )
        return respond_kept(answer)


class OrderRefundsView(APIView):
    """Giving money back."""

    permission_classes = (staff_with("payments.refund_payment"),)

    @operation(
        request=RefundRequest,
        responses={201: RefundResponse},
        refusals=[NotFound, RefundExceedsPaid, TooManyUnits, RefundAboveLimit, RefundsAboveDay],
        idempotent=True,
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Give money back, through the gateway it came by, and take units back that came back for it."""
        once = once_from(request, scope="refunds").within(number)
        wanted = read(RefundRequest, request.data)
        answer = answered(payments.refund_order, refunded, once=once)(
            number=number,
            amount=wanted.amount,
            handed_back=[line.handover for line in wanted.lines],
            restock=wanted.restock,
            reason=wanted.reason,
            access=Access(staff=True),
            actor=actor_of(request),
            now=clock.now(),
        )
        return respond_kept(answer)


class GatewayWebhookView(APIView):
    """Where gateways tell what has happened."""

    permission_classes = (Public,)
    parser_classes = (AsItCameParser,)
    throttle_scope = "webhook"

    @operation(
        request={"application/json": OpenApiTypes.OBJECT},
        responses={200: HeardResponse},
        refusals=[NotFound, InvalidSignature],
        body_limit=settings.GATEWAY_EVENT_MAX_BYTES,
        open_query=True,
    )
    def post(self, request: Request, gateway: str) -> HttpResponse:
        """Store what the gateway tells, if its signature holds; it is handled after."""
        body: Any = request.data
        delivery = Delivery(body=body or b"", headers=request.headers, query=request.query_params.dict())
        payments.receive_event(gateway=gateway, delivery=delivery, now=clock.now())
        return respond(HeardResponse(stored=True))
