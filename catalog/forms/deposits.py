"""How a deposit is typed, of a product as of a service."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
)

from catalog.deposits import NO_DEPOSIT, WHOLE, Deposit, kept_as
from catalog.forms.fields import NARROW, PriceField, titled

DEPOSIT_FIELDS = {"deposit_kind", "deposit_percent", "deposit_amount"}


class DepositForm(forms.ModelForm if not TYPE_CHECKING else forms.ModelForm[Any]):  # type: ignore[misc]
    """Stands before the form of something that may ask a deposit: which kind, and the one figure it is about."""

    deposit_kind = forms.ChoiceField(
        label=_("deposit"),
        choices=[
            ("none", _("No deposit")),
            ("share", _("A share of the price")),
            ("amount", _("An amount")),
            ("all", _("The whole price")),
        ],
        initial="none",
        widget=UnfoldAdminSelectWidget(),
        help_text=_("What is asked when ordering, whatever the payment method. The rest is paid later."),
    )
    deposit_percent = forms.IntegerField(
        label=_("share (%)"),
        required=False,
        min_value=1,
        max_value=WHOLE - 1,
        widget=UnfoldAdminIntegerFieldWidget(attrs=NARROW),
        help_text=_("Of the price, for a deposit that is a share."),
    )
    deposit_amount = PriceField(
        label=_("amount (R$)"),
        required=False,
        help_text=_("For each unit, for a deposit that is an amount; never more than the price."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agreed: Deposit = self.instance.deposit
        figures = {"percent": agreed.percent if agreed.kind == "share" else None, "amount": agreed.amount or None}
        titled(self)
        self.initial |= {"deposit_kind": agreed.kind} | {f"deposit_{name}": one for name, one in figures.items()}

    def clean(self) -> dict[str, Any]:
        """Ask for the figure that the kind is about, and let go of the other."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind = cleaned.get("deposit_kind")
        if kind == "share" and not cleaned.get("deposit_percent") and "deposit_percent" not in self.errors:
            self.add_error("deposit_percent", _("Type the share, between 1 and 99."))
        if kind == "amount" and not cleaned.get("deposit_amount") and "deposit_amount" not in self.errors:
            self.add_error("deposit_amount", _("Type the amount, such as 50,00."))
        if kind is not None:
            chosen = kept_as(kind=kind, percent=cleaned.get("deposit_percent"), amount=cleaned.get("deposit_amount"))
            cleaned |= {"deposit_percent": chosen.percent, "deposit_amount": chosen.amount}
        return cleaned

    def deposit(self) -> Deposit:
        """Return what was chosen; nothing where there was nothing to choose."""
        cleaned = self.cleaned_data
        if "deposit_kind" not in cleaned:
            return NO_DEPOSIT
        return Deposit(percent=cleaned["deposit_percent"], amount=cleaned["deposit_amount"])
