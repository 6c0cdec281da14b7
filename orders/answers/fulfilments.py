"""What requests say of goods that are handed over, and what is said of them."""

from typing import Annotated
from uuid import UUID

from api.answers import Answer, one_of
from api.bodies import Body
from api.kinds import (
    Id,
    Many,
    Quantity,
)
from api.kinds_of_people import Pasted
from catalog.units import MEASURED_SOLD_AT_ONCE
from orders.models import Fulfilment
from orders.services import Handover


class HandoverRequest(Body, frozen=True, kw_only=True):
    """Units of an order line."""

    line: Annotated[UUID, Id()]
    quantity: Annotated[int, Quantity(MEASURED_SOLD_AT_ONCE)]

    @property
    def handover(self) -> Handover:
        """The units it names."""
        return Handover(line=self.line, quantity=self.quantity)


class FulfilmentRequest(Body, frozen=True, kw_only=True):
    """Units to hand over."""

    lines: Annotated[list[HandoverRequest], Many(50, least=1)]
    tracking: Annotated[str, Pasted(100)] = ""


class HandoverResponse(Answer, frozen=True, kw_only=True):
    """Units of an order line."""

    line: UUID
    quantity: int


class FulfilmentResponse(Answer, frozen=True, kw_only=True):
    """Goods on their way to the customer."""

    id: UUID
    status: Annotated[str, one_of("open", "picked", "ready", "shipped", "delivered", "returned", "cancelled")]
    lines: list[HandoverResponse]
    tracking: str | None


def fulfilment_answer(fulfilment: Fulfilment) -> FulfilmentResponse:
    """Say a fulfilment read with its lines and their order lines."""
    return FulfilmentResponse(
        id=fulfilment.public_id,
        status=fulfilment.status,
        lines=[HandoverResponse(line=row.line.public_id, quantity=row.quantity) for row in fulfilment.lines.all()],
        tracking=fulfilment.tracking or None,
    )
