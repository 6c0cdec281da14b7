"""The short forms of the first steps: only what is needed, the rest can wait. Rules stay in the services."""

import re
from collections.abc import Sequence
from datetime import time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.first_steps.steps import is_payable
from catalog.forms import PriceField
from catalog.services import ProductSheet, VariantSheet
from desk.forms import BrlField, DurationField, LineField, OnceForm, UnitsField
from inventory.forms import MAX_ADJUSTMENT
from shop.errors import HoursClash
from shop.forms import SettingsForm
from shop.models import OpeningHours
from shop.policy import OpenHours
from shop.selectors import needs_pix_key
from shop.services import check_opening_hours

CATEGORIES, PEOPLE = "first-step-categories", "first-step-people"
"""Lists of the page that fields propose from."""

_TIME = r"([01]?[0-9]|2[0-4])(?:\s*[:hH]\s*([0-5][0-9])?)?"
_STRETCH = re.compile(rf"\s*(?:das?\s+)?{_TIME}\s*(?:-|–|—|a|à|às|as|até|to)\s*{_TIME}\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"[,;/]|\s+e\s+", re.IGNORECASE)
_CLOSED = ("", "-", "fechado", "fechada", "closed")


def _text(**attributes: str) -> UnfoldAdminTextInputWidget:
    return UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", **attributes})


def _autofocus(form: forms.BaseForm, name: str) -> None:
    form.fields[name].widget.attrs["autofocus"] = True


class ShopForm(SettingsForm):
    """What the shop is called, and who it is."""

    class Meta(SettingsForm.Meta):
        fields = ("name", "document", "whatsapp")
        widgets = {name: UnfoldAdminTextInputWidget() for name in ("name", "document", "whatsapp")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].required = True
        _autofocus(self, "name")


class PaymentForm(SettingsForm):
    """How customers pay."""

    class Meta(SettingsForm.Meta):
        fields = ("payment_methods", "pix_key", "transfer_instructions")
        widgets = {
            "pix_key": UnfoldAdminTextInputWidget(),
            "transfer_instructions": UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_pix_key(methods=["pix"]):
            del self.fields["pix_key"]
        if not self.is_bound and not is_payable(methods=["transfer"], instructions=self.instance.transfer_instructions):
            # A shop begins with transfers offered. Nobody has chosen them yet, so they are shown as not chosen; what is
            # sent is still compared with what is stored.
            field = self.fields["payment_methods"]
            field.prepare_value = lambda value: [way for way in value or () if way != "transfer"]  # type: ignore[method-assign]

    def clean(self) -> dict[str, Any]:
        """Ask where to transfer to, where that is offered."""
        cleaned = super().clean()
        methods = cleaned.get("payment_methods") or ()
        if methods and not is_payable(methods=methods, instructions=cleaned.get("transfer_instructions") or ""):
            self.add_error("transfer_instructions", _("Say where to transfer to, or do not offer transfers."))
        return cleaned


class HoursField(forms.Field):
    """The hours of a day as people write them: 9h-18h · 09:00–12:00, 13:00–18:00 · empty or closed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=_text(placeholder=str(_("closed"))), **options)

    def prepare_value(self, value: Any) -> Any:
        """Show stretches as they would be typed."""
        if not isinstance(value, list):
            return value
        return ", ".join(
            f"{opens:%H:%M}–{'24:00' if closes == time(0) else f'{closes:%H:%M}'}" for opens, closes in value
        )

    def to_python(self, value: Any) -> list[tuple[time, time]]:
        """Return the stretches. Raises ValidationError."""
        text = str(value or "").strip()
        if text.casefold() in _CLOSED:
            return []
        found = [_STRETCH.fullmatch(part) for part in _BETWEEN.split(text)]
        stretches = [(_clock(one[1], one[2]), _clock(one[3], one[4])) for one in found if one is not None]
        if len(stretches) < len(found) or any(None in stretch for stretch in stretches):
            raise forms.ValidationError(_("Type hours such as 9h-18h or 9h-12h, 13h-18h."), code="invalid")
        return stretches  # type: ignore[return-value]


def _clock(hour: str, minute: str | None) -> time | None:
    minutes = int(hour) * 60 + int(minute or 0)
    return time(minutes // 60 % 24, minutes % 60) if minutes <= 24 * 60 else None


class HoursForm(forms.Form):
    """The week, a line for each day."""

    def __init__(self, *args: Any, hours: Sequence[OpenHours], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, name in OpeningHours.Weekday.choices:
            field = HoursField(label=name)
            field.initial = [(row.opens, row.closes) for row in hours if row.weekday == day]
            self.fields[f"day_{day}"] = field

    def clean(self) -> dict[str, Any]:
        """Judge the week as a whole."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            if not self.hours():
                raise forms.ValidationError(_("A shop that never opens sells nothing: type the hours of one day."))
            try:
                check_opening_hours(hours=self.hours())
            except HoursClash as refusal:
                clashes = "; ".join(map(str, refusal.data["clashes"]))  # type: ignore[call-overload]
                raise forms.ValidationError(f"{refusal.title}: {clashes}") from refusal
        return cleaned

    def hours(self) -> list[OpenHours]:
        """Return the week as it would be."""
        return [
            OpenHours(weekday=day, opens=opens, closes=closes)
            for day in OpeningHours.Weekday.values
            for opens, closes in self.cleaned_data[f"day_{day}"]
        ]


class _SoldForm(OnceForm):
    """What products and services have in common."""

    name = LineField(label=_("Name"), max_length=160)
    category = LineField(
        label=_("Category"),
        max_length=80,
        widget=_text(list=CATEGORIES),
        help_text=_("Choose one, or type the name of a new one."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _autofocus(self, "name")

    def product(self) -> ProductSheet:
        """Return the product's sheet."""
        name, category = self.cleaned_data["name"], self.cleaned_data["category"]
        return ProductSheet(name=name, category_id=None, new_category=category)

    def variant(self) -> VariantSheet:
        """Return the sheet of its only variant."""
        price: Decimal = self.cleaned_data["price"]
        return VariantSheet(sku="", price=price)


class ProductForm(_SoldForm):
    """Something to sell by the piece."""

    field_order = ("name", "price", "quantity", "category")

    price = PriceField(label=_("Price"), help_text=_("In reais, as 59,90."))
    quantity = UnitsField(
        label=_("How many are there now?"),
        least=0,
        most=MAX_ADJUSTMENT,
        required=False,
        help_text=_("Empty or 0: it is shown, and nobody can buy it until some arrive."),
    )


class ServiceForm(_SoldForm):
    """Something that takes time, and who does it."""

    field_order = ("name", "price", "minutes", "person", "category")

    price = BrlField(label=_("Price"), help_text=_("In reais, as 59,90."))
    minutes = DurationField(label=_("How long does it take?"), least=5, most=1440, initial=30)
    person = LineField(
        label=_("Who does it?"),
        max_length=120,
        widget=_text(list=PEOPLE),
        help_text=_("Somebody new works whenever the shop is open, until you change their hours."),
    )
