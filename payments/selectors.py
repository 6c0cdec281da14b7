"""Reads of money worth a name."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from orders import selectors as orders
from orders.models import Order
from orders.selectors import Access
from payments.lifecycle import OWED
from payments.models import Payment, Refund


def read_payments(*, number: str, access: Access) -> list[Payment]:
    """Return the order's payments, oldest first, each with its order. Raises NotFound."""
    order = orders.find(number=number, access=access)
    found = list(Payment.objects.filter(order=order).order_by("pk"))
    for payment in found:
        payment.order = order
    return found


def payable_until(*, payment: Payment) -> datetime | None:
    """Return until when a payment, read with its order, can be paid: no longer than its order waits for it."""
    order = payment.order
    if order.status == Order.Status.PENDING and order.expires_at and payment.expires_at:
        return min(payment.expires_at, order.expires_at)
    return payment.expires_at or (order.expires_at if order.status == Order.Status.PENDING else None)


def refundable(*, order: Order) -> Decimal:
    """Return what of the order's money has neither gone back nor is already owed back."""
    due = Refund.objects.filter(order=order, status__in=OWED)
    owed: Decimal = due.aggregate(sum=Sum("amount"))["sum"] or Decimal("0.00")
    left: Decimal = order.paid - order.refunded - owed
    return left
