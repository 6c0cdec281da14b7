"""What requests say of stock, and what stock answers."""

from collections.abc import Iterable
from typing import Annotated, cast
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from api.answers import Answer, InstantText, instant, to_keep
from api.bodies import Body
from api.kinds import Choice, Sku, TextLine, Whole, Wrong
from common.idempotency import StoredResponse
from inventory.models import StockMovement
from inventory.services import Operation

OPERATIONS = ("add", "remove", "set")
MAX_ADJUSTMENT = 1_000_000


class AdjustmentRequest(Body, frozen=True, kw_only=True):
    """A change of the units on hand; `set` is a count and may be 0."""

    sku: Annotated[str, Sku()]
    quantity: Annotated[int, Whole(0, MAX_ADJUSTMENT)]
    operation: Annotated[str, Choice(*OPERATIONS)]
    reason: Annotated[str, TextLine(200)]

    def contradictions(self) -> Iterable[tuple[str, Wrong]]:
        """Refuse to add or remove nothing."""
        if self.operation != "set" and self.quantity == 0:
            yield "quantity", Wrong("min_value", _("Add or remove at least one unit."))

    @property
    def kind(self) -> Operation:
        """What is done."""
        return cast(Operation, self.operation)


class AdjustmentResponse(Answer, frozen=True, kw_only=True):
    """A movement of stock and the figures after it."""

    id: UUID
    sku: str
    delta: int
    on_hand: int
    reserved: int
    available: int
    reason: str
    actor: str
    at: InstantText


def adjusted(movement: StockMovement) -> StoredResponse:
    """Answer an adjustment of stock."""
    item = movement.stock_item
    answer = AdjustmentResponse(
        id=movement.public_id,
        sku=item.variant.sku,
        delta=movement.delta,
        on_hand=item.on_hand,
        reserved=item.reserved,
        available=item.on_hand - item.reserved,
        reason=movement.reason,
        actor=movement.actor_kind,
        at=instant(movement.at),
    )
    return to_keep(answer, status=201)
