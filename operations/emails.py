"""The e-mail that tells the owner what the nightly look at the shop's own data found."""

from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import mail
from common.dates import when
from common.examinations import broken_in
from common.mail import Letter
from common.models import Examination
from shop.policy import Policy


def to_owner(*, examination: Examination, policy: Policy, event_id: UUID) -> None:
    """Tell the owner what was found. Raises smtplib and socket errors."""
    mail.send(letter=owner_letter(examination=examination, policy=policy, event_id=event_id))


def owner_letter(*, examination: Examination, policy: Policy, event_id: UUID) -> Letter:
    """Write what was found, in the shop's language; no row of anybody is named."""
    broken = broken_in(examination)
    with translation.override(settings.LANGUAGE_CODE):
        count = ngettext("%(n)d thing to look at", "%(n)d things to look at", len(broken)) % {"n": len(broken)}
        found = count if broken else _("all is right again")
        return Letter(
            recipient=policy.email,
            subject=_("The shop's records: %(found)s") % {"found": found},
            body=render_to_string(
                "operations/emails/examination.txt",
                {
                    "broken": broken,
                    "when": when(moment=examination.began_at, zone=ZoneInfo(policy.timezone)),
                    "link": settings.PUBLIC_URL + reverse("admin:index"),
                },
            ),
            identity=uuid5(event_id, policy.email),
            is_owed=True,
        )
