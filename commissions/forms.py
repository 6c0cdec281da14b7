"""Forms of the desk for commissions: what is typed. Rules stay in the services."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.formats import sanitize_separators
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from catalog.models import Category
from commissions.models import CommissionPayout, CommissionRule
from common.money import MAX_MONEY, parse_brl
from desk.forms import BrlField, DayField, LineField, OnceForm
from scheduling.models import Service

ModelForm = forms.ModelForm if not TYPE_CHECKING else forms.ModelForm[CommissionRule]
EVERYTHING = ("visit", "goods")


class PercentField(forms.Field):
    """A share in per cent as people type it: 3,49 or 3.49, with or without the sign. Nothing typed is nothing."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "placeholder": "0"}))
        super().__init__(required=False, **options)

    def to_python(self, value: Any) -> Decimal:
        """Return the share. Raises ValidationError."""
        return percent_of(str(value or "0").strip().removesuffix("%"))


class ShareField(LineField):
    """What is earned: a share such as 40%, or an amount such as R$ 15,00; its value is one of the two."""

    def clean(self, value: Any) -> tuple[Decimal | None, Decimal | None]:  # type: ignore[override]
        """Return share and amount, one of them None. Raises ValidationError for what could be either."""
        text = super().clean(value)
        if text.endswith("%"):
            return percent_of(text.removesuffix("%").strip()), None
        if text[:2].upper() != "R$" and "," not in text:
            raise forms.ValidationError(_("Type 40% or R$ 40,00."), code="either")
        try:
            amount = parse_brl(text)
        except ValueError as problem:
            raise forms.ValidationError(_("Type 40% or R$ 40,00."), code="invalid") from problem
        if not 0 < amount <= MAX_MONEY:
            raise forms.ValidationError(_("More than nothing."), code="bounds")
        return None, amount


def percent_of(text: str) -> Decimal:
    """Return a share of two places at most. Raises ValidationError."""
    try:
        found = Decimal(str(sanitize_separators(text.replace(".", ","))).replace(",", "."))
    except InvalidOperation as problem:
        raise forms.ValidationError(_("Type a share such as 40 or 33,33."), code="invalid") from problem
    if not found.is_finite() or not 0 <= found <= 100 or found != found.quantize(Decimal("0.01")):
        raise forms.ValidationError(_("From 0 to 100%, with two places at most."), code="bounds")
    return found


class RuleForm(ModelForm):  # type: ignore[misc, valid-type]
    """A new rule, on one short page."""

    target = forms.ChoiceField(label=_("what for"), widget=UnfoldAdminSelectWidget())
    share = ShareField(
        label=_("how much"),
        max_length=20,
        help_text=_("A share, such as 40%, or an amount for each, such as R$ 15,00."),
    )
    consumables = BrlField(
        label=_("supplies"), required=False, help_text=_("Taken off the price first, for each service or unit.")
    )
    card_fee = PercentField(label=_("fee of the card in %"), help_text=_("What the machine charges."))
    pix_fee = PercentField(label=_("fee of Pix in %"), help_text=_("Nothing, in most shops."))

    class Meta:
        model = CommissionRule
        fields = ("professional", "product", "discount_borne_by", "fee_borne_by", "valid_from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = _targets()
        for field in self.fields.values():
            field.label = capfirst(str(field.label))
        self.fields["product"].required = False
        self.fields["product"].help_text = _("Where it is for one product.")

    def _get_validation_exclusions(self) -> set[str]:
        """Leave what a rule must say to the service."""
        columns = {"scope", "service", "product", "category", "kind", "percent", "amount", "consumables"}
        return {*super()._get_validation_exclusions(), *columns, "card_fee", "pix_fee", "fee_borne_by"}

    def clean(self) -> dict[str, Any]:
        """Ask for the product where the rule is for one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("target") == "product" and not cleaned.get("product") and "product" not in self.errors:
            self.add_error("product", gettext("Choose the product."))
        return cleaned

    def rule(self) -> CommissionRule:
        """Return the rule that was typed, not yet written."""
        typed = self.cleaned_data
        scope, _mark, key = typed["target"].partition(":")
        percent, amount = typed["share"]
        return CommissionRule(
            professional=typed["professional"],
            scope="everything" if scope in EVERYTHING else scope,
            kind=scope if scope in EVERYTHING else "",
            service_id=int(key) if scope == "service" else None,
            category_id=int(key) if scope == "category" else None,
            product=typed["product"] if scope == "product" else None,
            percent=percent,
            amount=amount,
            discount_borne_by=typed["discount_borne_by"],
            fee_borne_by=typed["fee_borne_by"],
            card_fee=typed["card_fee"],
            pix_fee=typed["pix_fee"],
            consumables=typed["consumables"] or Decimal(0),
            valid_from=typed["valid_from"],
        )


def _targets() -> list[tuple[str, Any]]:
    """Return what a rule can be for, the widest first; products are too many to be listed."""
    services = Service.objects.select_related("variant__product").order_by("variant__product__search_key", "pk")
    shelves = Category.objects.order_by("sort_key", "pk")
    return [
        ("visit", gettext("All services")),
        ("goods", gettext("All products")),
        ("product", gettext("One product, chosen below")),
        (gettext("One service"), [(f"service:{one.pk}", _name(one)) for one in services]),
        (
            gettext("A category"),
            [(f"category:{one.pk}", one.name) for one in shelves],
        ),
    ]


def _name(service: Service) -> str:
    return " · ".join(name for name in (service.variant.product.name, service.variant.name) if name)


class EndForm(forms.Form):
    """The last day of a rule."""

    last_day = DayField(
        label=_("Last day"),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text=_("It still counts then."),
    )


class PeriodForm(forms.Form):
    """The days of a statement, both included."""

    first = DayField(label=_("from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = DayField(label=_("until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, date]:
        """Refuse days in the wrong order."""
        days: dict[str, date] = super().clean() or self.cleaned_data
        if "first" in days and "last" in days and days["last"] < days["first"]:
            self.add_error("last", _("The last day comes before the first."))
        return days


class PayoutForm(OnceForm):
    """How it is paid. The amount and the day are those that the page showed."""

    method = forms.ChoiceField(
        label=_("How is it paid?"), choices=CommissionPayout.Method.choices, widget=UnfoldAdminSelectWidget()
    )
    note = LineField(label=_("Note"), required=False)
    amount = forms.DecimalField(max_digits=12, decimal_places=2, widget=forms.HiddenInput)
    until = DayField(widget=forms.HiddenInput)
