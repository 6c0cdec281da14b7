"""The e-mail that tells the shop of money that did not come or go as it should."""

from uuid import UUID, uuid5

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from common import mail
from common.mail import Letter
from common.money import format_amount
from common.text import name_in_letters
from payments.gateways.registry import shown_name
from payments.models import MoneyCase
from payments.wording import case_detail, case_story
from shop.policy import Policy


def to_shop(*, case: MoneyCase, policy: Policy, event_id: UUID) -> None:
    """Tell the shop of a case. Raises smtplib and socket errors."""
    mail.send(letter=shop_letter(case=case, policy=policy, event_id=event_id))


def shop_letter(*, case: MoneyCase, policy: Policy, event_id: UUID) -> Letter:
    """Write the message about a case, in the shop's language."""
    with translation.override(settings.LANGUAGE_CODE):
        kind = case.get_kind_display()
        what = kind[:1].lower() + kind[1:]
        context = {
            "story": case_story(case=case),
            "detail": case_detail(detail=case.detail),
            "amount": format_amount(case.amount, currency=case.currency or policy.currency) if case.amount else "",
            "order": case.order,
            "name": name_in_letters(case.order.contact.shown_name) if case.order else "",
            "gateway": shown_name(case.gateway),
            "link": settings.PUBLIC_URL + reverse("admin:payments_moneycase_change", args=[case.pk]),
        }
        return Letter(
            recipient=policy.email,
            subject=_("Money to look at: %(what)s") % {"what": f"{what} ({case.order.number})" if case.order else what},
            body=render_to_string("payments/emails/case.txt", context),
            identity=uuid5(event_id, policy.email),
            is_owed=True,
        )
