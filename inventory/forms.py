"""Forms of the desk for the stock: which text is acceptable. Rules stay in the services."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

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
