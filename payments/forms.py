"""Forms of the desk for the money, and the words it uses. Rules stay in the services."""

from django import forms
from django.utils.translation import gettext


class SettleForm(forms.Form):
    """Nothing to fill in: the question itself is the form."""


def reason_text(*, reason: str) -> str:
    """Return why money goes back, also where an event of the shop owes it and left its name."""
    known = {
        "order.cancelled": gettext("The order was cancelled"),
        "order.expired": gettext("The order had expired"),
        "order.line_cancelled": gettext("A visit of the order was cancelled"),
        "order.paid_too_late": gettext("The money came too late"),
        "payment.second": gettext("The order was paid twice"),
        "payment.too_much": gettext("More came than was due"),
        "at_gateway": gettext("Given back at the payment service"),
    }
    return known.get(reason, reason)
