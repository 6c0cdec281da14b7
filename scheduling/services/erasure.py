"""The people of visits, erased when their account is closed. Time, services and prices stay."""

from datetime import datetime
from typing import Any
from uuid import UUID

from common.transactions import locked, unit_of_work
from scheduling.models import Appointment

NOBODY = {"contact_name": "", "contact_email": "", "contact_phone": "", "address": "", "note": ""}


def erase_contacts(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Erase who came from every visit of a customer. Called by the outbox; safe to repeat."""
    with unit_of_work():
        visits = list(locked(Appointment.objects.filter(customer__public_id=UUID(payload["customer"]))))
        Appointment.objects.filter(pk__in=[visit.pk for visit in visits]).update(**NOBODY)


def forget_visitor(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Erase who came from every visit under the record of a customer. Called by the outbox; safe to repeat."""
    with unit_of_work():
        visits = list(locked(Appointment.objects.filter(record__public_id=UUID(payload["record"]))))
        Appointment.objects.filter(pk__in=[visit.pk for visit in visits]).update(**NOBODY)
