"""The e-mails of a visit: plain text, in the customer's language, with the link that opens the visit.

The Message-ID is made from the visit, the kind of message and the time it speaks of, so a message sent
again after a crash is recognised as the same one by every mail system.
"""

from uuid import uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from common.access import access_token
from scheduling.documents import KIND, calendar_path, when
from scheduling.models import Appointment
from shop.policy import Policy


def to_customer(*, kind: str, appointment: Appointment, policy: Policy) -> None:
    """Send the customer the message of that kind about the visit. Raises smtplib and socket errors."""
    with translation.override(appointment.language):
        subjects = {
            "confirmation": _("Your appointment on %(when)s is confirmed"),
            "request": _("We have your request for %(when)s"),
            "moved": _("Your appointment is now on %(when)s"),
            "cancellation": _("Your appointment on %(when)s was cancelled"),
            "reminder": _("Reminder: your appointment on %(when)s"),
        }
        token = access_token(kind=KIND, public_id=appointment.public_id)
        time = when(moment=appointment.starts_at, zone=ZoneInfo(policy.timezone))
        context = {
            "kind": kind,
            "appointment": appointment,
            "services": appointment.services.all(),
            "professional": appointment.professional,
            "policy": policy,
            "when": time,
            "link": f"{settings.PUBLIC_URL}/api/v1/appointments/{appointment.public_id}/?access_token={token}",
            "calendar": settings.PUBLIC_URL + calendar_path(public_id=appointment.public_id, token=token),
        }
        identity = uuid5(appointment.public_id, f"{kind}/{appointment.starts_at.timestamp()}")
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
        EmailMessage(
            subject=subjects[kind] % {"when": time},
            body=render_to_string("scheduling/emails/customer.txt", context),
            to=[appointment.contact_email],
            reply_to=[policy.email] if policy.email else None,
            headers={"Message-ID": f"<{identity}@{domain}>"},
        ).send()
