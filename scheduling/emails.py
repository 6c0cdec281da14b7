"""The e-mails of a visit: plain text, in the customer's language, with a link to its page and its calendar file.

The Message-ID is made from the visit, the kind of message and the version it speaks of: a message sent again after a
crash is recognised as the same one by every mail system, and a second change to the same time as a new one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid5

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from common import letters
from common.access import access_token
from common.mail import Letter
from common.money import format_amount
from common.text import name_in_letters
from scheduling import wording
from scheduling.calendars import OVER, visit_calendar
from scheduling.messages import VisitFacts
from scheduling.models import Appointment, AppointmentService
from scheduling.wording import CLICK, KIND, click_path, page_path
from shop.policy import Policy


@dataclass(frozen=True)
class Told:
    """A visit as a message speaks of it, with the facts that decide what is said."""

    appointment: Appointment
    services: Sequence[AppointmentService]
    facts: VisitFacts
    policy: Policy


def to_customer(*, told: Told, is_known: bool, now: datetime) -> None:
    """Send the customer the message about the visit. Raises smtplib and socket errors."""
    written = letter(told=told, now=now)
    letters.send(letter=replace(written, client=told.appointment.address, is_known=is_known), now=now)


def letter(*, told: Told, now: datetime) -> Letter:
    """Write the message in the customer's language, with the calendar file that belongs to the change.

    Nothing goes into the calendar of a mailbox that nobody has proved.
    """
    appointment, facts, policy = told.appointment, told.facts, told.policy
    token, click = (
        access_token(kind=kind, public_id=appointment.public_id, version=appointment.link_version)
        for kind in (KIND, CLICK)
    )
    with translation.override(appointment.language):
        values = wording.values_of(appointment=appointment, policy=policy)
        context = {
            "name": name_in_letters(appointment.contact_name),
            "sentences": wording.written(facts=facts, values=values),
            "services": [(one.name, format_amount(one.price, currency=appointment.currency)) for one in told.services],
            "total": values["total"],
            "over": facts.state in OVER,
            "changeable": facts.changeable,
            "policy": policy,
            "click": settings.PUBLIC_URL + click_path(public_id=appointment.public_id, token=click)
            if facts.awaits_click and facts.state == "requested"
            else "",
            "link": settings.PUBLIC_URL + page_path(public_id=appointment.public_id, token=token),
        }
        version = appointment.link_version if facts.cause == "link" else appointment.version
        file = visit_calendar(appointment=appointment, services=told.services, policy=policy, now=now)
        return Letter(
            recipient=appointment.contact_email,
            subject=wording.subject(facts=facts, values=values),
            body=render_to_string("scheduling/emails/customer.txt", context),
            identity=uuid5(appointment.public_id, f"{facts.cause}/{version}"),
            reply_to=policy.email,
            calendar=None if facts.awaits_click or facts.cause in ("reminder", "link") else file,
        )
