"""Whom parked sales were for, erased when their account is closed or the owner erases them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from common.transactions import locked, unit_of_work
from counter.models import ParkedSale
from counter.services import parking
from customers.models import CustomerRecord
from orders.models import Order


def erase_parked(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Erase a customer, by account or by record, from what waited for them. Called by the outbox; safe to repeat."""
    if "record" in payload:
        records = [payload["record"]]
        orders = Order.objects.filter(contact__record__public_id=UUID(payload["record"]))
    else:
        theirs = CustomerRecord.objects.filter(account__public_id=UUID(payload["customer"]))
        records = [str(public_id) for public_id in theirs.values_list("public_id", flat=True)]
        orders = Order.objects.filter(customer__public_id=UUID(payload["customer"]))
    for_them = Q(sale__customer__in=records) | Q(order__in=orders.values("pk"))
    with unit_of_work():
        parking.forget_people(rows=locked(ParkedSale.objects.filter(for_them)))
