"""What is typed at the drawer. Rules stay in the services."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from desk.forms import BrlField, DayField, LineField, OnceForm
from till.models import TENDERS, Till


class OpenForm(forms.Form):
    """The cash that lies in the drawer, and at which till, where there are several."""

    till = forms.TypedChoiceField(
        label=_("Till"), coerce=int, empty_value=None, required=False, widget=UnfoldAdminSelectWidget
    )
    opening_float = BrlField(label=_("Cash in the drawer now"), zero=True)

    def __init__(self, *args: Any, tills: Sequence[Till], **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["till"]
        field.choices = [(till.pk, till.name) for till in tills]
        if len(tills) < 2:
            del self.fields["till"]


class MoveForm(OnceForm):
    """Cash that goes in or out, and why."""

    kind = forms.ChoiceField(
        label=_("Which way"),
        choices=[("in", _("Put in")), ("out", _("Taken out"))],
        widget=UnfoldAdminSelectWidget,
    )
    amount = BrlField(label=_("Amount"))
    reason = LineField(label=_("Reason"), max_length=200)


class CountForm(OnceForm):
    """What somebody counted. Nothing is filled in beforehand: whoever counts says all of it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["cash"].widget.attrs["autofocus"] = True

    cash = BrlField(label=_("Cash in the drawer"), zero=True, help_text=_("All of it, with what it began with."))
    card = BrlField(
        label=_("Card machine"), zero=True, help_text=_("The sum of its slips since the drawer was opened.")
    )
    pix = BrlField(label="Pix", zero=True, help_text=_("What was received at the counter; 0 if nothing was."))

    @property
    def counted(self) -> dict[str, Decimal]:
        """What was counted, by tender."""
        return {tender: self.cleaned_data[tender] for tender in TENDERS}


class CloseForm(forms.Form):
    """The count that is signed, and what explains a difference."""

    count = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("What explains the difference?"), max_length=300, required=False, widget=UnfoldAdminTextInputWidget
    )


class EndForm(CloseForm):
    """The count that is signed; the day that ends with it, as the page showed it; and what there is to say about it."""

    day = DayField(required=False)
    about = forms.CharField(
        label=_("Anything to say about the day?"), max_length=300, required=False, widget=UnfoldAdminTextInputWidget
    )


class TillForm(forms.Form):
    """Another till."""

    name = LineField(label=_("Another till"), max_length=60)
