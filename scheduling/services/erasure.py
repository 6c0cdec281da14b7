"""The people of visits, erased when their account is closed. Time, services and prices stay."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.selectors import OF_NO_ACCOUNT_IN_USE
from common.transactions import locked, unit_of_work
from scheduling.models import Appointment

NOBODY = {"contact_name": "", "contact_email": "", "contact_phone": "", "address": "", "note": ""}


def erase_contacts(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Erase who came from every visit of a customer. Called by the outbox; safe to repeat."""
    with unit_of_work():
        _erase(visits=Appointment.objects.filter(customer__public_id=UUID(payload["customer"])))


def forget_visitor(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Erase who came from every visit under the record of a customer. Called by the outbox; safe to repeat.

    What another account booked that is still in use goes when that one is closed.
    """
    with unit_of_work():
        _erase(visits=Appointment.objects.filter(OF_NO_ACCOUNT_IN_USE, record__public_id=UUID(payload["record"])))


def _erase(*, visits: QuerySet[Appointment]) -> None:
    """Erase who came from visits, those still ahead too."""
    rows = list(locked(visits))
    Appointment.objects.filter(pk__in=[visit.pk for visit in rows]).update(**NOBODY)
