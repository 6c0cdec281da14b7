"""The till's door."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.selectors import customer_id_of
from api.openapi import operation
from api.pagination import page_of_rows
from api.permissions import Public, staff_with
from api.requests import actor_of, answer_response, once_from, once_if_given, read, scheme_token
from cart.errors import MethodNotOffered
from common import clock
from common.errors import InvalidTransition, NotFound
from orders.errors import TooManyUnits
from orders.selectors import Access
from orders.services import Handover
from orders.shapes import OrderResponse
from payments import selectors
from payments import services as payments
from payments.errors import AmountExceedsDue, RefundExceedsPaid
from payments.serializers import ConfirmRequest, PaymentRequest, RefundRequest
from payments.shapes import PaymentResponse, RefundResponse


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
        refusals=[NotFound, InvalidTransition, AmountExceedsDue],
        idempotent="optional",
    )
    def post(self, request: Request, number: str) -> Response:
        """Record the money and confirm the order; one that cannot come back keeps it to give back."""
        once = once_if_given(request, scope="confirm")
        wanted = read(ConfirmRequest, request.data)
        answer = payments.confirm_order(
            number=number, **wanted, access=Access(staff=True), actor=actor_of(request), now=clock.now(), once=once
        )
        return answer_response(answer)


class OrderPaymentsView(APIView):
    """The payments of an order."""

    permission_classes = (Public,)

    @operation(responses={200: PaymentResponse}, refusals=[NotFound], pages=True, access_token=True)
    def get(self, request: Request, number: str) -> Response:
        """List the payments, oldest first."""
        found = selectors.read_payments(number=number, access=_access(request, permission="orders.view_order"))
        return Response(page_of_rows(request=request, rows=found))

    @operation(
        request=PaymentRequest,
        responses={201: PaymentResponse},
        refusals=[NotFound, InvalidTransition, MethodNotOffered],
        idempotent=True,
        access_token=True,
    )
    def post(self, request: Request, number: str) -> Response:
        """Record or begin a payment of what the order still costs."""
        once = once_from(request, scope="payments").within(number)
        wanted = read(PaymentRequest, request.data)
        answer = payments.take_payment(
            number=number,
            method=wanted["method"],
            access=_access(request, permission="payments.record_payment"),
            actor=actor_of(request),
            now=clock.now(),
            once=once,
        )
        return answer_response(answer)


class OrderRefundsView(APIView):
    """Giving money back."""

    permission_classes = (staff_with("payments.refund_payment"),)

    @operation(
        request=RefundRequest,
        responses={201: RefundResponse},
        refusals=[NotFound, RefundExceedsPaid, TooManyUnits],
        idempotent=True,
    )
    def post(self, request: Request, number: str) -> Response:
        """Record money given back, and units that came back for it."""
        once = once_from(request, scope="refunds").within(number)
        wanted = read(RefundRequest, request.data)
        answer = payments.refund_order(
            number=number,
            amount=wanted["amount"],
            handed_back=[Handover(**line) for line in wanted["lines"]],
            restock=wanted["restock"],
            reason=wanted["reason"],
            access=Access(staff=True),
            actor=actor_of(request),
            now=clock.now(),
            once=once,
        )
        return answer_response(answer)
