"""API views of the stock, for staff programs."""

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from api.answers import respond_kept
from api.openapi import operation
from api.permissions import staff_with
from api.requests import actor_of, once_from, read
from catalog.errors import UnknownSku
from common import clock
from common.use_cases import answered
from inventory import services as inventory
from inventory.answers import AdjustmentRequest, AdjustmentResponse, adjusted
from inventory.errors import BelowReserved


class AdjustmentsView(APIView):
    """Changes of the units on hand."""

    permission_classes = (staff_with("inventory.adjust_stock"),)

    @operation(
        request=AdjustmentRequest,
        responses={201: AdjustmentResponse},
        refusals=[BelowReserved, UnknownSku],
        idempotent=True,
    )
    def post(self, request: Request) -> HttpResponse:
        """Add, remove or count units of a SKU."""
        once = once_from(request, scope="stock-adjustments")
        wanted = read(AdjustmentRequest, request.data)
        answer = answered(inventory.adjust_stock, adjusted, once=once)(
            sku=wanted.sku,
            operation=wanted.kind,
            quantity=wanted.quantity,
            reason=wanted.reason,
            actor=actor_of(request),
            now=clock.now(),
        )
        return respond_kept(answer)
