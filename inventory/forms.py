"""Forms of the desk for the stock: which text is acceptable. Rules stay in the services."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminAutocompleteWidget, UnfoldAdminTextInputWidget

from catalog.models import Variant
from catalog.units import Unit
from desk.forms import LineField, OnceForm, SeenForm, UnitsField
from inventory.models import MAX_ON_HAND

MAX_ADJUSTMENT = 1_000_000


def variant_label(variant: Variant) -> str:
    """Return what a variant is called on a list to choose from: product, variant and SKU, and its unit if no piece."""
    names = [variant.product.name, variant.name] if variant.name else [variant.product.name]
    counted = f", {variant.unit}" if variant.unit != Unit.PIECE else ""
    return f"{' · '.join(dict.fromkeys(names))} ({variant.sku}{counted})"


def _reason() -> LineField:
    return LineField(
        label=_("Reason"),
        widget=UnfoldAdminTextInputWidget(attrs={"list": "desk-suggestions", "autocomplete": "off"}),
        help_text=_("It stays in the history of the stock."),
    )


class AdjustForm(SeenForm, OnceForm):
    """Units added, removed or counted, and why."""

    def __init__(self, *args: Any, operation: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = _("How many are there?") if operation == "set" else _("How many?")
        least = 0 if operation == "set" else 1
        self.fields["quantity"] = UnitsField(label=label, least=least, most=MAX_ADJUSTMENT)
        self.fields["quantity"].widget.attrs["autofocus"] = True
        self.fields["reason"] = _reason()


class LevelForm(SeenForm):
    """When to warn that little is left."""

    units = UnitsField(
        label=_("Warn when this many are left"),
        least=0,
        most=MAX_ON_HAND,
        help_text=_("0 warns only when nothing is left."),
    )


class VariantPicker(UnfoldAdminAutocompleteWidget):  # type: ignore[misc]
    """A field that looks goods up while one types; nothing of the catalogue is written into the page."""

    is_required = True
    option_template_name = "django/forms/widgets/select_option.html"  # the theme's own writes "True" where the SKU goes

    def __init__(self, *, address: str) -> None:
        super().__init__(attrs={"data-ajax--url": address})

    def optgroups(
        self, name: str, value: list[str], attrs: dict[str, Any] | None = None
    ) -> list[tuple[str | None, list[dict[str, Any]], int]]:
        """Offer what is chosen already and nothing else."""
        chosen = Variant.objects.select_related("product").filter(sku__in=[sku for sku in value if sku])
        options = [
            self.create_option(name, variant.sku, variant_label(variant), True, place, attrs=attrs)
            for place, variant in enumerate(chosen)
        ]
        return [(None, options, 0)]


class ReceiveForm(OnceForm):
    """Goods that arrive, of any SKU, whether it was ever in stock or not."""

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sku"] = forms.CharField(
            label=_("Product"),
            max_length=64,
            widget=VariantPicker(address=address),
            help_text=_("Type a part of the name or of the code."),
        )
        self.fields["quantity"] = UnitsField(label=_("How many arrived?"), least=1, most=MAX_ADJUSTMENT)
        self.fields["reason"] = _reason()


def options_of(variants: Iterable[Variant], *, more: bool) -> dict[str, Any]:
    """Return the answer the looking-up field expects."""
    results = [{"id": variant.sku, "text": variant_label(variant)} for variant in variants]
    return {"results": results, "pagination": {"more": more}}
