"""Money for an order: how it was asked for, what came in, what went back, and what gateways said of it.

A payment is one attempt to pay, or money that simply came; a refund is money given back or owed. The order's own `paid`
and `refunded` are sums of these rows, changed in the same transaction through `orders.services.record_money`.
"""

from payments.models.cases import MoneyCase
from payments.models.events import GatewayEvent
from payments.models.history import MoneyStep
from payments.models.payments import Payment
from payments.models.refunds import Refund
from payments.models.statements import StatementLine
from payments.models.tips import Tip

__all__ = [
    "GatewayEvent",
    "MoneyCase",
    "MoneyStep",
    "Payment",
    "Refund",
    "StatementLine",
    "Tip",
]
