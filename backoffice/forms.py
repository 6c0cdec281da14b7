"""Forms of the desk for orders: which text is acceptable. Rules stay in the services."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from backoffice.order_lines import LineView
from catalog.units import shown_quantity
from common.identity import shown_birthday, shown_document
from customers.models import CustomerRecord
from desk.forms import BrlField, LineField, OnceForm, PastedField, UnitsField
from desk.shown import shown_phone
from payments.forms import HandedField
from payments.models import Payment

if TYPE_CHECKING:
    CustomerModelForm = forms.ModelForm[CustomerRecord]
else:
    CustomerModelForm = forms.ModelForm


class ConfirmForm(forms.Form):
    """Money that arrived for an order that waits for it."""

    amount = BrlField(label=_("How much arrived?"), help_text=_("Less than the total is fine: the rest stays open."))
    reference = PastedField(
        label=_("Reference"),
        max_length=100,
        required=False,
        help_text=_("As the bank statement calls it, if you like."),
    )


class ReceiveForm(OnceForm):
    """How all that is open was paid."""

    tender = forms.ChoiceField(
        label=_("How was it paid?"),
        choices=Payment.Tender.choices,
        initial=Payment.Tender.CASH,
        widget=UnfoldAdminRadioSelectWidget(),
    )


class HandOverForm(ReceiveForm):
    """How it was paid, or that it was not, and the amount that the page said."""

    amount = forms.RegexField(regex=r"[0-9]{1,10}\.[0-9]{2}", widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tender = forms.ChoiceField(
            label=_("How was it paid?"),
            required=False,
            choices=[*Payment.Tender.choices, ("", _("Not paid now"))],
            initial=Payment.Tender.CASH,
            widget=UnfoldAdminRadioSelectWidget(),
        )
        self.fields["tender"] = tender


class MovePickupForm(forms.Form):
    """Another window for a pickup, and why."""

    def __init__(self, *args: Any, windows: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pickup_at"] = forms.TypedChoiceField(
            label=_("New pickup time"),
            choices=windows,
            coerce=datetime.fromisoformat,
            widget=UnfoldAdminSelectWidget(),
            error_messages={"invalid_choice": _("That time is no longer offered. Choose another one.")},
        )
        self.fields["reason"] = LineField(
            label=_("Reason"),
            required=False,
            max_length=500,
            help_text=_("Needed once the customer could no longer move it; it stays in the history."),
        )


class CancelForm(forms.Form):
    """Why an order is cancelled."""

    reason = LineField(
        label=_("Reason"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"list": "desk-suggestions", "autocomplete": "off", "autofocus": True}),
        help_text=_("It stays in the history of the order, where the customer can read it."),
    )

    def __init__(self, *args: Any, fee: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if fee:
            self.fields["keeps_fee"] = forms.BooleanField(
                label=_("The customer wants it, and it is late: keep %(fee)s") % {"fee": fee},
                required=False,
                help_text=_("The fee agreed when ordering. What the shop itself calls off costs the customer nothing."),
                widget=UnfoldBooleanSwitchWidget(),
            )


class WaiveFeeForm(forms.Form):
    """Why the fee is given up."""

    reason = LineField(
        label=_("Reason"),
        max_length=400,
        widget=UnfoldAdminTextInputWidget(attrs={"list": "desk-suggestions", "autocomplete": "off", "autofocus": True}),
        help_text=_("It stays in the history of the order, where the customer can read it."),
    )


class RefundForm(OnceForm):
    """Money to give back, and the units that came back for it."""

    amount = BrlField(
        label=_("How much goes back?"),
        required=False,
        help_text=_("All that can go back, until you write less or say what came back."),
    )
    whole = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    reason = LineField(
        label=_("Reason"),
        widget=UnfoldAdminTextInputWidget(attrs={"list": "desk-suggestions", "autocomplete": "off", "autofocus": True}),
    )

    handed = HandedField()

    def __init__(
        self, *args: Any, returnable: Sequence[LineView], refundable: Decimal, through: str = "", **kwargs: Any
    ) -> None:
        kwargs["initial"] = {"amount": refundable, "whole": str(refundable)}
        super().__init__(*args, **kwargs)
        self._names: dict[str, UUID] = {}
        self.fields["amount"].widget.attrs["data-unset"] = "whole"
        if through:
            self.fields["by_hand"] = forms.BooleanField(
                label=_("I give it back by hand instead, in cash or by transfer"),
                required=False,
                help_text=_("Otherwise what came by %(through)s goes back through it by itself.")
                % {"through": through},
                widget=UnfoldBooleanSwitchWidget(),
            )
        if not returnable:
            self.fields["amount"].required = True
            self.fields["amount"].help_text = _("All that can go back, until you write less.")
        for row in returnable:
            name = f"units_{row.line.position}"
            self._names[name] = row.line.public_id
            label = _("How many of “%(name)s” came back?") % {"name": row.line.name}
            out = shown_quantity(quantity=row.out, unit=row.line.unit)
            help_text = _("%(out)s left the shop.") % {"out": out}
            self.fields[name] = UnitsField(label=label, least=0, most=row.out, required=False, help_text=help_text)
        if returnable:
            self.fields["restock"] = forms.BooleanField(
                label=_("Put them back on the shelf"),
                required=False,
                initial=True,
                widget=UnfoldBooleanSwitchWidget(),
                help_text=_("Switch off for what can no longer be sold."),
            )

    def handed_back(self) -> list[tuple[UUID, int]]:
        """Return the lines of which units came back, with how many."""
        units = [(line, self.cleaned_data.get(name)) for name, line in self._names.items()]
        return [(line, int(quantity)) for line, quantity in units if quantity]

    def clean(self) -> dict[str, Any]:
        """Refuse a form that gives nothing back.

        The amount that the page began with, left as it was, gives way to the price of the units that came back.
        """
        cleaned: dict[str, Any] = super().clean() or {}
        untouched = cleaned.get("amount") is not None and str(cleaned["amount"]) == cleaned.get("whole")
        if untouched and self.handed_back():
            cleaned["amount"] = None
        if not self.errors and cleaned.get("amount") is None and not self.handed_back():
            raise forms.ValidationError(_("Say how much goes back, or what came back."), code="nothing")
        return cleaned


class NewCustomerForm(OnceForm):
    """A customer added in one line."""

    name = LineField(label=_("Name"), max_length=120)
    phone = PastedField(label=_("Phone"), max_length=40, required=False)


class CustomerForm(CustomerModelForm):
    """What the shop knows of a customer; judged by the service, which knows more spellings than the columns do."""

    name = LineField(label=_("Name"), max_length=120)
    phone = PastedField(label=_("Phone"), max_length=40, required=False, help_text=_("With area code."))
    email = LineField(label=_("E-mail"), max_length=254, required=False)
    document = PastedField(label=_("CPF or CNPJ"), max_length=30, required=False)
    birthday = PastedField(
        label=_("Birthday"), max_length=20, required=False, help_text=_("As 12/03/1990, or 12/03 without the year.")
    )
    tags = LineField(
        label=_("Tags"), max_length=700, required=False, help_text=_("Separated by commas, such as VIP, allergic.")
    )
    notes = forms.CharField(
        label=_("Notes"),
        max_length=2000,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text=_("What the team should know. The customer never reads it."),
    )

    class Meta:
        model = CustomerRecord
        fields = ("name", "phone", "email", "document", "birthday", "tags", "notes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.instance
        self.initial.update(
            phone=shown_phone(known.phone),
            document=shown_document(known.document),
            birthday=shown_birthday(known.birthday),
            tags=", ".join(known.tags),
        )

    def clean_tags(self) -> list[str]:
        """Return the words between the commas."""
        return [word for word in self.cleaned_data["tags"].split(",") if word.strip()]

    def _get_validation_exclusions(self) -> set[str]:
        """Leave what may be written down to the service."""
        return {*super()._get_validation_exclusions(), *self.fields}  # type: ignore[misc]


class BlockCustomerForm(forms.Form):
    """Why a customer is kept out."""

    reason = LineField(label=_("Reason"), max_length=200, help_text=_("Why, for the team alone."))
