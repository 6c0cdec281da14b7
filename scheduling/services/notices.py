"""Messages about visits, each once: one row per visit, kind and version says that it went out.

The outbox calls `tell_customer` for what happened; the clock calls `send_reminders`. What a message says is read when
it is sent, and a message about a version that is no longer the visit's is not sent at all: the change that made the
later version sends its own. So nobody is reminded of a visit that was cancelled or moved meanwhile.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any
from uuid import UUID

import structlog
from django.db.models import Exists, F, OuterRef, Q

from common import outages, workers
from common.mail import MailAwayError
from common.transactions import unit_of_work
from scheduling import emails, selectors
from scheduling.emails import Told
from scheduling.lifecycle import effective_state
from scheduling.models import Appointment, AppointmentEvent, AppointmentNotice
from shop import services as shop

log = structlog.get_logger(__name__)

KINDS: Mapping[str, str] = {
    "appointment.booked": "confirmation",
    "appointment.accepted": "confirmation",
    "appointment.requested": "request",
    "appointment.click_asked": "request",
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
REMIND_BEFORE = timedelta(hours=24)


class NoticeTakenError(Exception):
    """Somebody is sending this message, or died at it; whoever knows which looks again later."""


def tell_customer(*, name: str, payload: Mapping[str, Any], event_id: UUID, now: datetime) -> None:
    """Write to the customer about an event, unless the visit has changed since or they have been told.

    Raises NoticeTakenError, smtplib and socket errors; then it may be tried again.
    """
    send_notice(
        public_id=UUID(payload["appointment"]),
        kind=KINDS[name],
        version=payload["version"],
        now=now,
    )


def send_reminders(*, now: datetime) -> int:
    """Remind everybody whose visit begins within a day and has not changed since; returns how many.

    Who booked or moved it later than a day before has just been told. While the mail server is away nobody is reminded;
    a letter that is refused keeps nobody else's.
    """
    if outages.is_on(name=outages.MAIL, now=now):
        return 0
    told = AppointmentNotice.objects.filter(
        appointment=OuterRef("pk"), kind="reminder", version=OuterRef("version"), sent_at__isnull=False
    )
    changed = AppointmentEvent.objects.filter(appointment=OuterRef("pk"), at__gte=OuterRef("starts_at") - REMIND_BEFORE)
    due = (
        Appointment.objects.filter(state="confirmed", starts_at__gt=now, starts_at__lte=now + REMIND_BEFORE)
        .filter(created_at__lt=F("starts_at") - REMIND_BEFORE)
        .exclude(contact_email="")
        .exclude(Exists(changed))
        .exclude(Exists(told))
        .order_by("starts_at", "pk")
        .values_list("public_id", "version")
    )
    sent = 0
    for public_id, version in due:
        try:
            sent += send_notice(public_id=public_id, kind="reminder", version=version, now=now)
        except NoticeTakenError:
            continue
        except MailAwayError as problem:
            outages.failed(name=outages.MAIL, cause=str(problem), now=now)
            return sent
        except SMTPException as problem:
            log.warning("reminder_failed", appointment=str(public_id), cause=str(problem)[:200])
    if sent:
        outages.over(name=outages.MAIL, now=now)
    return sent


def send_notice(*, public_id: UUID, kind: str, version: int, now: datetime) -> bool:
    """Send one message if it is still true, and has not been sent; returns whether it went out.

    Raises NoticeTakenError, smtplib and socket errors; then it counts as not sent.
    """
    policy = shop.policy()
    with unit_of_work():
        rows = Appointment.objects.select_related("professional").prefetch_related("services")
        appointment = rows.filter(public_id=public_id).first()
        if appointment is None or not _still_true(appointment=appointment, kind=kind, version=version, now=now):
            return False
        if not _claim(appointment=appointment, kind=kind, now=now):
            return False
        told = Told(
            appointment=appointment,
            services=list(appointment.services.all()),
            facts=selectors.facts_of(cause=kind, appointment=appointment, policy=policy, now=now),
            policy=policy,
        )
    row = AppointmentNotice.objects.filter(appointment=appointment, kind=kind, version=version)
    try:
        emails.to_customer(told=told, is_known=selectors.is_known_reader(visit=appointment), now=now)
    except Exception:
        row.update(claimed_until=None)
        raise
    row.update(sent_at=now, claimed_until=None)
    return True


def _still_true(*, appointment: Appointment, kind: str, version: int, now: datetime) -> bool:
    state = effective_state(state=appointment.state, expires_at=appointment.expires_at, now=now)
    return state in STATES[kind] and appointment.version == version and appointment.contact_email != ""


def _claim(*, appointment: Appointment, kind: str, now: datetime) -> bool:
    """Make the row that may exist once, or take over one whose sender is dead; say whether it is still to be sent.

    Raises NoticeTakenError: its sender may be alive.
    """
    about = {"appointment": appointment, "kind": kind, "version": appointment.version}
    notice = AppointmentNotice(**about, starts_at=appointment.starts_at)
    AppointmentNotice.objects.bulk_create([notice], ignore_conflicts=True)
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    unsent = AppointmentNotice.objects.filter(sent_at__isnull=True, **about)
    if unsent.filter(free).update(claimed_until=now + workers.OUTLIVED):
        return True
    if unsent.exists():
        raise NoticeTakenError(f"{kind} of {appointment.public_id}")
    return False
