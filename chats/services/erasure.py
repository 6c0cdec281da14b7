"""What was written to people, forgotten when their account is closed, and for everybody after a season."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from chats.models import SentChat
from common.batches import delete_in_batches
from common.transactions import locked, unit_of_work
from orders.models import Order
from scheduling.models import Appointment


def erase_texts(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Erase what was written to a customer, by account or by record. Called by the outbox; safe to repeat."""
    if "record" in payload:
        of_orders = {"contact__record__public_id": UUID(payload["record"])}
        of_visits = {"record__public_id": UUID(payload["record"])}
    else:
        of_orders = of_visits = {"customer__public_id": UUID(payload["customer"])}
    orders = Order.objects.filter(**of_orders).values("public_id")
    visits = Appointment.objects.filter(**of_visits).values("public_id")
    with unit_of_work():
        rows = list(locked(SentChat.objects.filter(Q(subject__in=orders) | Q(subject__in=visits)).exclude(text="")))
        SentChat.objects.filter(pk__in=[row.pk for row in rows]).update(text="")


def forget_old(*, now: datetime) -> int:
    """Forget messages that were sent long ago; returns how many."""
    return delete_in_batches(SentChat.objects.filter(at__lte=now - timedelta(days=settings.CHATS_KEPT_DAYS)))
