"""A promise: what was sold, to whom, for how much, and everything that happened to it since.

Lines, prices and times are snapshots under a digest and frozen by triggers; names and addresses of people stand in
`OrderContact`, outside both, so that they can be erased. A pending order past `expires_at` *is*
expired, whatever its status column says; the sweep only writes it down.
"""

from orders.models.fulfilments import Fulfilment, FulfilmentLine
from orders.models.history import OrderEvent
from orders.models.lines import OrderLine, OrderLineCancellation
from orders.models.orders import Order, OrderContact

__all__ = [
    "Fulfilment",
    "FulfilmentLine",
    "Order",
    "OrderContact",
    "OrderEvent",
    "OrderLine",
    "OrderLineCancellation",
]
