"""What is typed on the sheet of a day. Rules stay in the services."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from desk.forms import BrlField, DayField, LineField, OnceForm


class CloseDayForm(forms.Form):
    """The day, and what there is to say about it."""

    day = DayField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Anything to say about the day?"), max_length=300, required=False, widget=UnfoldAdminTextInputWidget
    )


class CorrectionForm(OnceForm):
    """What a day's money was more or less than its drawers say, and why."""

    day = DayField(widget=forms.HiddenInput)
    direction = forms.ChoiceField(
        label=_("It was"), choices=[("more", _("more")), ("less", _("less"))], widget=UnfoldAdminSelectWidget
    )
    amount = BrlField(label=_("Amount"))
    tender = forms.ChoiceField(
        label=_("Kind of payment"),
        choices=[("cash", _("Cash")), ("card", _("Card")), ("pix", "Pix")],
        widget=UnfoldAdminSelectWidget,
    )
    reason = LineField(label=_("Reason"), max_length=200)

    @property
    def signed(self) -> Decimal:
        """The amount; less than nothing where it was less."""
        amount: Decimal = self.cleaned_data["amount"]
        return amount if self.cleaned_data["direction"] == "more" else -amount
