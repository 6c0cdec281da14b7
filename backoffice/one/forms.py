"""What is typed in the row of one thing. Rules stay in the services."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from desk.forms import BrlField, OnceForm, SoughtField, UnitsField
from inventory.forms import MAX_ADJUSTMENT

MOST_LETTERS = 120


class SearchForm(forms.Form):
    """A few letters of what is looked for, or its code."""

    q = SoughtField(label=_("Name or code"), required=False, max_length=MOST_LETTERS)

    def __init__(self, *args: Any, label: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if label:
            self.fields["q"].label = label
        self.fields["q"].widget.attrs |= {"autocomplete": "off", "enterkeyhint": "search"}

    @property
    def text(self) -> str:
        """What is looked for; nothing where that is no text."""
        return str(self.cleaned_data["q"]) if self.is_valid() else ""


class RowForm(OnceForm):
    """A row of what was found, which says what it is about."""

    about = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)

    @property
    def typed(self) -> Any:
        """The field that is typed in."""
        return self.visible_fields()[0]

    def carry(self, **figures: object) -> None:
        """Carry other figures from now on, beside what was typed; sent again, the form is about those."""
        data = cast(QueryDict, self.data).copy()
        for name, figure in figures.items():
            data[name] = str(figure)
        self.data = data


class PriceForm(RowForm):
    """The new price, and the one that the page showed."""

    price = BrlField(label=_("New price"), zero=True)
    seen_price = forms.RegexField(regex=r"^[0-9]{1,10}\.[0-9]{2}$", widget=forms.HiddenInput)


class CountForm(RowForm):
    """How many units there are, and how many the page said."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    quantity = UnitsField(label=_("How many are there?"), least=0, most=MAX_ADJUSTMENT)
