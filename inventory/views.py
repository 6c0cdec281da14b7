"""The stock's door for staff programs."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.openapi import operation
from api.permissions import staff_with
from api.requests import actor_of, answer_response, once_from, read
from catalog.errors import UnknownSku
from common import clock
from inventory import services as inventory
from inventory.errors import BelowReserved
from inventory.serializers import AdjustmentRequest
from inventory.shapes import AdjustmentResponse


class AdjustmentsView(APIView):
    """Changes of the units on hand."""

    permission_classes = (staff_with("inventory.adjust_stock"),)

    @operation(
        request=AdjustmentRequest,
        responses={201: AdjustmentResponse},
        refusals=[BelowReserved, UnknownSku],
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Add, remove or count units of a SKU."""
        once = once_from(request, scope="stock-adjustments")
        wanted = read(AdjustmentRequest, request.data)
        return answer_response(inventory.adjust_stock(**wanted, actor=actor_of(request), now=clock.now(), once=once))
