"""Reads of money worth a name."""

from decimal import Decimal
from typing import Any

from django.db.models import Sum

from orders import selectors as orders
from orders.models import Order
from orders.selectors import Access
from payments.documents import payment_document
from payments.models import Payment, Refund


def read_payments(*, number: str, access: Access) -> list[dict[str, Any]]:
    """Return the order's payments, oldest first. Raises NotFound."""
    order = orders.find(number=number, access=access)
    rows = Payment.objects.filter(order=order).order_by("pk")
    return [payment_document(payment=payment, expires_at=order.expires_at) for payment in rows]


def refundable(*, order: Order) -> Decimal:
    """Return what of the order's money has neither gone back nor is already owed back."""
    due = Refund.objects.filter(order=order, status=Refund.Status.DUE)
    owed: Decimal = due.aggregate(sum=Sum("amount"))["sum"] or Decimal("0.00")
    left: Decimal = order.paid - order.refunded - owed
    return left
