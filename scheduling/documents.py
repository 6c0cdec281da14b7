"""The JSON of an appointment, and its text for WhatsApp, from rows already read.

Instants are shown in the shop's zone, with their offset.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import override

from common.access import access_token
from common.dates import when
from scheduling.lifecycle import effective_state
from scheduling.models import Appointment
from shop.policy import Policy

KIND = "appointment"
Part = tuple[str, str, Decimal, int]


class Named(Protocol):
    """Whoever performs the visit."""

    @property
    def public_id(self) -> UUID:
        """How they are known outside."""

    @property
    def name(self) -> str:
        """What customers read."""


def appointment_document(
    *,
    appointment: Appointment,
    professional: Named,
    services: Iterable[Part],
    policy: Policy,
    with_token: bool,
    now: datetime,
) -> dict[str, Any]:
    """Return the appointment; `with_token` False leaves the token out, for eyes that did not bring it.

    A service is (SKU, name, price, minutes).
    """
    zone = ZoneInfo(policy.timezone)
    token = access_token(kind=KIND, public_id=appointment.public_id)
    return {
        "id": str(appointment.public_id),
        "status": effective_state(state=appointment.state, expires_at=appointment.expires_at, now=now),
        "starts_at": appointment.starts_at.astimezone(zone).isoformat(),
        "ends_at": appointment.ends_at.astimezone(zone).isoformat(),
        "timezone": policy.timezone,
        "professional": {"id": str(professional.public_id), "name": professional.name},
        "services": [
            {"sku": sku, "name": name, "price": str(price), "duration_minutes": minutes}
            for sku, name, price, minutes in services
        ],
        "total": str(appointment.total),
        "currency": appointment.currency,
        "customer": {
            "name": appointment.contact_name,
            "email": appointment.contact_email,
            "phone": appointment.contact_phone or None,
        },
        "note": appointment.note or None,
        "expires_at": _expires_at(appointment=appointment, zone=zone, now=now),
        "access_token": token if with_token else None,
        "calendar_url": calendar_path(public_id=appointment.public_id, token=token if with_token else None),
        "whatsapp_url": whatsapp_url(number=policy.whatsapp, appointment=appointment, zone=zone),
    }


def stored_document(*, appointment: Appointment, policy: Policy, with_token: bool, now: datetime) -> dict[str, Any]:
    """Return an appointment read with its professional and services."""
    return appointment_document(
        appointment=appointment,
        professional=appointment.professional,
        services=[(one.sku, one.name, one.price, one.duration_minutes) for one in appointment.services.all()],
        policy=policy,
        with_token=with_token,
        now=now,
    )


def calendar_path(*, public_id: UUID, token: str | None) -> str:
    """Return the path of the visit's calendar file, opened by its token where there is one."""
    path = f"/api/v1/appointments/{public_id}/calendar.ics"
    return f"{path}?access_token={token}" if token else path


def page_path(*, public_id: UUID, token: str) -> str:
    """Return the path of the page on which a person sees the visit, opened by its token."""
    return f"/appointments/{public_id}/?access_token={token}"


def whatsapp_url(*, number: str, appointment: Appointment, zone: ZoneInfo) -> str | None:
    """Return a link that opens a chat with `number` about the visit, in the customer's language; None without."""
    if not number:
        return None
    with override(appointment.language):
        text = _("Hello! It is about my appointment on %(when)s.") % {
            "when": when(moment=appointment.starts_at, zone=zone)
        }
    return f"https://wa.me/{number.removeprefix('+')}?text={quote(text)}"


def reminder_url(*, appointment: Appointment, policy: Policy) -> str | None:
    """Return a link with which the team reminds the customer by WhatsApp; None without a phone."""
    if not appointment.contact_phone:
        return None
    with override(appointment.language):
        text = _("Hello, %(name)s! %(shop)s here, to remind you of your appointment on %(when)s. See you soon!") % {
            "name": appointment.contact_name.partition(" ")[0],
            "shop": policy.name,
            "when": when(moment=appointment.starts_at, zone=ZoneInfo(policy.timezone)),
        }
    return f"https://wa.me/{appointment.contact_phone.removeprefix('+')}?text={quote(text)}"


def _expires_at(*, appointment: Appointment, zone: ZoneInfo, now: datetime) -> str | None:
    state = effective_state(state=appointment.state, expires_at=appointment.expires_at, now=now)
    if state not in ("held", "requested") or appointment.expires_at is None:
        return None
    return appointment.expires_at.astimezone(zone).isoformat()
