"""Forms of the desk for the shop's page: how settings are typed. What is acceptable, the services say."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from common.errors import Refusal
from shop import selectors as shop_selectors
from shop import services as shop
from shop.errors import HoursClash
from shop.models import Holiday, OpeningHours, ShopSettings
from shop.policy import KEYS, OpenHours
from shop.selectors import needs_pix_key

if TYPE_CHECKING:
    SettingsModelForm = forms.ModelForm[ShopSettings]
    HoursInline = forms.BaseInlineFormSet[OpeningHours, ShopSettings, Any]
    HolidayInline = forms.BaseInlineFormSet[Holiday, ShopSettings, Any]
else:
    SettingsModelForm = forms.ModelForm
    HoursInline = HolidayInline = forms.BaseInlineFormSet

TYPED_FREELY = {
    "document": _("Dots and dashes are optional; a CNPJ may contain letters."),
    "whatsapp": _("With area code, as (11) 98765-4321; empty: no link."),
}
LISTS: dict[str, tuple[Any, Sequence[Any]]] = {
    "languages": (_("Languages"), ShopSettings.Language.choices),
    "payment_methods": (_("Payment methods"), ShopSettings.PaymentMethod.choices),
    "fulfilment_methods": (_("Fulfilment methods"), ShopSettings.FulfilmentMethod.choices),
}


class SettingsForm(SettingsModelForm):
    """Every setting; each is judged by the same function as on the command line."""

    class Meta:
        model = ShopSettings
        fields = KEYS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in TYPED_FREELY.keys() & self.fields.keys():
            # Marks and spaces are welcome here; what is stored is shorter.
            given = self.fields[key]
            typed = forms.CharField(
                label=given.label, help_text=TYPED_FREELY[key], required=False, max_length=40, widget=given.widget
            )
            typed.widget.attrs["maxlength"] = "40"
            self.fields[key] = typed
        offers: dict[str, Callable[[ShopSettings], list[Any]]] = {"timezone": _zones, "currency": _currencies}
        for key, offered in offers.items():
            if key in self.fields:
                label, named = self.fields[key].label, offered(self.instance)
                self.fields[key] = forms.ChoiceField(label=label, choices=named, widget=UnfoldAdminSelectWidget())
        for key, (label, choices) in LISTS.items():
            if key in self.fields:
                shown = [choice for choice in choices if key != "payment_methods" or choice[0] in self._payable()]
                self.fields[key] = forms.MultipleChoiceField(
                    label=label,
                    choices=shown,
                    widget=UnfoldAdminCheckboxSelectMultipleWidget(),
                    help_text=self.fields[key].help_text,
                )

    def _payable(self) -> set[str]:
        """Return the ways to pay that can be chosen, and those that were chosen when they could be."""
        return {*shop_selectors.possible_methods(), *self.instance.payment_methods}

    def clean(self) -> dict[str, Any]:
        """Judge every setting that was typed differently, and bring it into its stored form."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for key in self.changed_data:
            if key not in cleaned:
                continue
            try:
                cleaned[key] = shop.check_policy(key=key, value=cleaned[key])
            except Refusal as refusal:
                self.add_error(key, [str(reason) for reason in _reasons(refusal)])
        if needs_pix_key(methods=cleaned.get("payment_methods") or ()) and not cleaned.get("pix_key"):
            self.add_error("pix_key", _("Fill in the key that customers pay to, or do not offer Pix."))
        return cleaned


class OpeningHoursFormSet(HoursInline):
    """The week's hours, judged together."""

    def clean(self) -> None:
        """Refuse hours that overlap or end before they begin."""
        super().clean()
        if any(self.errors):
            return
        try:
            shop.check_opening_hours(hours=self.hours())
        except HoursClash as refusal:
            raise forms.ValidationError(f"{refusal.title}: {_in_words(refusal)}") from refusal

    def typed(self) -> dict[str, Any]:
        """Return the part of a sheet that this is."""
        return {"opening_hours": self.hours()}

    def hours(self) -> list[OpenHours]:
        """Return the hours as they would be."""
        kept = (form.cleaned_data for form in self.forms if form not in self.deleted_forms)
        return [
            OpenHours(weekday=row["weekday"], opens=row["opens"], closes=row["closes"])
            for row in kept
            if row.get("weekday") is not None
        ]


class HolidayFormSet(HolidayInline):
    """The days off."""

    def typed(self) -> dict[str, Any]:
        """Return the part of a sheet that this is: the days off as they would be."""
        kept = (form.cleaned_data for form in self.forms if form not in self.deleted_forms)
        return {"holidays": {row["date"]: row["name"] for row in kept if row.get("date") is not None}}


def _zones(row: ShopSettings) -> list[Any]:
    """Return the zones by name, the shop's own among them even if it goes by an old name."""
    groups = shop_selectors.zone_choices()
    offered = {zone for _part, zones in groups for zone, _name in zones}
    return groups if row.timezone in offered else [(row.timezone, shop_selectors.zone_name(row.timezone)), *groups]


def _currencies(row: ShopSettings) -> list[Any]:
    """Return the currency that the desk writes amounts in, and the shop's own where it differs."""
    own = [] if row.currency == "BRL" else [(row.currency, row.currency)]
    return [("BRL", _("Brazilian real (R$)")), *own]


def _reasons(refusal: Refusal) -> list[object]:
    reasons = refusal.data.get("reasons")
    return reasons if isinstance(reasons, list) else [refusal.title]


def _in_words(refusal: HoursClash) -> str:
    clashes = refusal.data.get("clashes")
    return "; ".join(clashes) if isinstance(clashes, list) else ""
