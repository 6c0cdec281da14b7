"""Forms of the desk for the money, and the words it uses. Rules stay in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from desk.forms import PastedField
from payments.models import Payment


class HandedField(forms.ChoiceField):
    """How money is given back by hand."""

    def __init__(self, **options: Any) -> None:
        ways = [*Payment.Tender.choices, ("transfer", _("Bank transfer"))]
        super().__init__(
            label=_("How is it given back?"),
            choices=[("", _("As it came")), *ways],
            required=False,
            widget=UnfoldAdminRadioSelectWidget(),
            help_text=_("What is handed over at the counter leaves your drawer; a transfer leaves none."),
            **options,
        )


class SettleForm(forms.Form):
    """As what a refund that is owed was given back."""

    handed = HandedField()


class ResolveForm(forms.Form):
    """What is decided about a case of the money inbox, with what that decision needs."""

    verb = forms.ChoiceField(
        choices=[(verb, verb) for verb in ("seen", "settle", "accept", "attach", "refund", "again", "by_hand")],
        widget=forms.HiddenInput,
    )
    number = PastedField(label=_("Number of another order"), max_length=20, required=False)
    note = forms.CharField(
        label=_("How was it settled?"), max_length=300, required=False, widget=UnfoldAdminTextInputWidget
    )

    def clean_number(self) -> str:
        """Return the number as orders bear it."""
        number: str = self.cleaned_data["number"]
        return number.lstrip("#").upper()

    def clean(self) -> dict[str, str]:
        """Ask for what the decision needs."""
        said: dict[str, str] = super().clean() or {}
        needed = {"attach": "number", "settle": "note"}.get(said.get("verb", ""), "")
        if needed and not said.get(needed) and needed not in self.errors:
            self.add_error(
                needed, forms.ValidationError(self.fields[needed].error_messages["required"], code="required")
            )
        return said


def reason_text(*, reason: str) -> str:
    """Return why money goes back, also where an event of the shop owes it and left its name."""
    known = {
        "order.cancelled": gettext("The order was cancelled"),
        "order.fee_waived": gettext("The fee was waived"),
        "order.expired": gettext("The order had expired"),
        "order.line_cancelled": gettext("A visit of the order was cancelled"),
        "order.paid_too_late": gettext("The money came too late"),
        "payment.second": gettext("The order was paid twice"),
        "payment.set_aside": gettext("The money did not fit the order"),
        "payment.too_much": gettext("More came than was due"),
        "attached": gettext("Its money was taken for another order"),
        "at_gateway": gettext("Given back at the payment service"),
    }
    return known.get(reason, reason)
