"""Messages about visits, each once: one row per visit, kind and time says that it went out.

The outbox calls `tell_customer` for what happened; the clock calls `send_reminders`. What a message
says is checked when it is sent, not when it was decided, so nobody is reminded of a visit that was cancelled or moved
meanwhile.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from common.transactions import unit_of_work
from scheduling import emails
from scheduling.lifecycle import effective_state
from scheduling.models import Appointment, AppointmentNotice
from shop import services as shop

KINDS: Mapping[str, str] = {
    "appointment.booked": "confirmation",
    "appointment.accepted": "confirmation",
    "appointment.requested": "request",
    "appointment.moved": "moved",
    "appointment.cancelled": "cancellation",
    "appointment.expired": "cancellation",
}
STATES: Mapping[str, tuple[str, ...]] = {
    "confirmation": ("confirmed",),
    "request": ("requested",),
    "moved": ("confirmed", "requested"),
    "cancellation": ("cancelled", "expired"),
    "reminder": ("confirmed",),
}
SENDING = timedelta(minutes=10)
REMIND_BEFORE = timedelta(hours=24)


def tell_customer(*, name: str, payload: Mapping[str, Any], event_id: UUID, now: datetime) -> None:
    """Write to the customer about an event, unless it is no longer so or they have been told.

    A message for a time that has since been moved is not sent; the event of the move sends its own.

    Raises smtplib and socket errors; then it may be tried again.
    """
    send_notice(
        public_id=UUID(payload["appointment"]),
        kind=KINDS[name],
        starts_at=datetime.fromisoformat(payload["starts_at"]),
        now=now,
    )


def send_reminders(*, now: datetime) -> int:
    """Remind everybody whose visit begins within a day and who booked it earlier than that; returns how many."""
    told = AppointmentNotice.objects.filter(
        appointment=OuterRef("pk"), kind="reminder", starts_at=OuterRef("starts_at"), sent_at__isnull=False
    )
    due = (
        Appointment.objects.filter(state="confirmed", starts_at__gt=now, starts_at__lte=now + REMIND_BEFORE)
        .filter(created_at__lt=F("starts_at") - REMIND_BEFORE)
        .exclude(contact_email="")
        .exclude(Exists(told))
        .order_by("starts_at", "pk")
        .values_list("public_id", "starts_at")
    )
    return sum(
        send_notice(public_id=public_id, kind="reminder", starts_at=starts_at, now=now) for public_id, starts_at in due
    )


def send_notice(*, public_id: UUID, kind: str, starts_at: datetime, now: datetime) -> bool:
    """Send one message if it is still true, and has not been sent; returns whether it went out.

    Raises smtplib and socket errors; then it counts as not sent.
    """
    with unit_of_work():
        appointment = Appointment.objects.filter(public_id=public_id).first()
        if appointment is None or not _still_true(appointment=appointment, kind=kind, starts_at=starts_at, now=now):
            return False
        if not _claim(appointment=appointment, kind=kind, now=now):
            return False
    whole = Appointment.objects.select_related("professional").prefetch_related("services").get(pk=appointment.pk)
    row = AppointmentNotice.objects.filter(appointment=appointment, kind=kind, starts_at=starts_at)
    try:
        emails.to_customer(kind=kind, appointment=whole, policy=shop.policy())
    except OSError:
        row.update(claimed_until=None)
        raise
    row.update(sent_at=now, claimed_until=None)
    return True


def _still_true(*, appointment: Appointment, kind: str, starts_at: datetime, now: datetime) -> bool:
    state = effective_state(state=appointment.state, expires_at=appointment.expires_at, now=now)
    return state in STATES[kind] and appointment.starts_at == starts_at and appointment.contact_email != ""


def _claim(*, appointment: Appointment, kind: str, now: datetime) -> bool:
    """Make the row that may exist once, or take over one whose sender has gone quiet."""
    until = now + SENDING
    AppointmentNotice.objects.bulk_create(
        [AppointmentNotice(appointment=appointment, kind=kind, starts_at=appointment.starts_at)],
        ignore_conflicts=True,
    )
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    rows = AppointmentNotice.objects.filter(
        free, appointment=appointment, kind=kind, starts_at=appointment.starts_at, sent_at__isnull=True
    )
    return rows.update(claimed_until=until) == 1
