"""What requests say of orders, and what orders answer.

The same function answers the placing of an order, from rows just written, and every later reading, so a replayed
answer and a fresh one differ only in what has happened since.
"""

from orders.answers.fulfilments import FulfilmentRequest, FulfilmentResponse, HandoverRequest, fulfilment_answer
from orders.answers.orders import (
    CancelRequest,
    HistoryResponse,
    OrderResponse,
    OrdersQuery,
    OrderSummaryResponse,
    PickupMoveRequest,
    changed,
    line_answer,
    order_answer,
    placed,
    step_answer,
    summary_answer,
)
from orders.answers.placements import PlacementRequest
from orders.answers.previews import (
    CancellationResponse,
    PickupChoicesResponse,
    cancellation_answer,
    pickup_choices_answer,
)

__all__ = [
    "CancelRequest",
    "CancellationResponse",
    "FulfilmentRequest",
    "FulfilmentResponse",
    "HandoverRequest",
    "HistoryResponse",
    "OrderResponse",
    "OrderSummaryResponse",
    "OrdersQuery",
    "PickupChoicesResponse",
    "PickupMoveRequest",
    "PlacementRequest",
    "cancellation_answer",
    "changed",
    "fulfilment_answer",
    "line_answer",
    "order_answer",
    "pickup_choices_answer",
    "placed",
    "step_answer",
    "summary_answer",
]
