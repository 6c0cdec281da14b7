"""How a product and its variants are typed. Rules stay in the services."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from catalog import selectors
from catalog.forms.deposits import DEPOSIT_FIELDS, DepositForm
from catalog.forms.fields import (
    NARROW,
    NO_CATEGORY,
    NewCategoryField,
    OptionsField,
    PositionField,
    PriceField,
    SlugField,
    titled,
)
from catalog.models import Product, Variant
from catalog.services import ProductSheet, VariantSheet
from catalog.units import MANY, Unit
from common.text import is_clean
from desk.forms import LineField, PastedField, Rules

if TYPE_CHECKING:
    ProductModelForm = forms.ModelForm[Product]
    VariantModelForm = forms.ModelForm[Variant]
    VariantInline = forms.BaseInlineFormSet[Variant, Product, Any]
else:
    ProductModelForm = forms.ModelForm
    VariantModelForm = forms.ModelForm
    VariantInline = PaginationInlineFormSet


SOLD = [
    (f"{Unit.PIECE}/1", _("by the piece")),
    (f"{Unit.GRAM}/{MANY}", _("by the kilogram")),
    (f"{Unit.GRAM}/1", _("by the gram")),
    (f"{Unit.MILLILITRE}/{MANY}", _("by the litre")),
    (f"{Unit.MILLILITRE}/1", _("by the millilitre")),
]
"""Units and how many of them a price is for, as people say it."""


class ProductForm(DepositForm, ProductModelForm):
    """A product, without its variants and pictures. The deposit of a service is typed on the page of the service."""

    name = LineField(label=_("name"), max_length=160, help_text=_("As customers read it."))
    shelf = forms.TypedChoiceField(
        label=_("category"),
        coerce=int,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget(),
        help_text=_("Where customers find it."),
    )
    new_shelf = NewCategoryField()
    slug = SlugField()
    description = forms.CharField(
        label=_("description"),
        required=False,
        max_length=10_000,
        widget=UnfoldAdminExpandableTextareaWidget(),
        help_text=_("What it is, in a few sentences."),
    )
    show = forms.BooleanField(
        label=_("show in the shop right away"), required=False, initial=True, widget=UnfoldBooleanSwitchWidget()
    )

    rules: ClassVar[Rules] = {
        "product_lead_bounds": ("pickup_lead_minutes", _("At most a year, and not in the past.")),
        "product_deposit_of_goods": (
            "deposit_kind",
            _("The deposit of a service is chosen on the page of the service."),
        ),
    }

    class Meta:
        model = Product
        fields = ("name", "kind", "slug", "description", "pickup_lead_minutes", "deposit_percent", "deposit_amount")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.kind == Product.Kind.SERVICE:
            for name in DEPOSIT_FIELDS & self.fields.keys():
                del self.fields[name]
        titled(self)
        if "shelf" in self.fields:
            there = list(selectors.category_paths().items())
            self.fields["shelf"].choices = there or [("", "-")]  # type: ignore[attr-defined]
            self.initial["shelf"] = self.instance.category_id

    def clean_description(self) -> str:
        """Return the text. Raises ValidationError."""
        text = str(self.cleaned_data["description"]).replace("\r\n", "\n")
        if not is_clean(text):
            raise forms.ValidationError(_("This text has characters that cannot be seen."), code="unclean")
        return text

    def clean(self) -> dict[str, Any]:
        """Ask for a category: one that is there, or the name of a new one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        asked = "shelf" in self.fields and "shelf" not in self.errors
        if asked and cleaned.get("shelf") is None and not cleaned.get("new_shelf"):
            self.add_error("shelf", NO_CATEGORY)
        return cleaned

    def sheet(self) -> ProductSheet:
        """Return the product as it is to be."""
        new = self.cleaned_data.get("new_shelf", "")
        return ProductSheet(
            name=self.cleaned_data["name"],
            category_id=None if new else self.cleaned_data["shelf"],
            new_category=new,
            description=self.cleaned_data["description"],
            slug=self.cleaned_data["slug"],
            pickup_lead_minutes=self.cleaned_data["pickup_lead_minutes"],
            deposit=self.deposit(),
        )


class VariantForm(VariantModelForm):
    """One SKU of a product."""

    name = LineField(
        label=_("name"), required=False, max_length=120, widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "-"})
    )
    rules: ClassVar[Rules] = {
        "variant_sku_form": ("sku", _("A SKU has 1 to 64 letters, digits, dots, dashes or underscores.")),
        "variant_barcode_form": (
            "barcode",
            _("A barcode has 8, 12, 13 or 14 digits, of which the last one proves the others."),
        ),
        "variant_barcode_once": ("barcode", _("Another product has this barcode")),
    }
    sku = LineField(
        label="SKU",
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": _("made from the name")}),
    )
    barcode = PastedField(
        label=_("barcode"), required=False, max_length=14, widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "-"})
    )
    price = PriceField(label=_("price (R$)"))
    sold = forms.ChoiceField(
        label=_("sold"),
        required=False,
        choices=SOLD,
        widget=UnfoldAdminSelectWidget(attrs=NARROW),
        help_text=_("What the price is for. Cannot be changed later, since the stock is counted in it."),
    )
    options = OptionsField(label=_("options"), required=False)
    position = PositionField()

    class Meta:
        model = Variant
        fields = ("sku", "barcode", "name", "options", "price", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price"].widget.attrs.update(NARROW)
        if self.instance.pk:
            self.fields["sold"].disabled = True
            self.initial["sold"] = f"{self.instance.unit}/{self.instance.price_per}"
        else:
            self.initial["position"] = None

    def clean_options(self) -> Any:
        """Return the options in their stored form; none at all is an empty list."""
        return self.cleaned_data["options"] or []

    def sheet(self) -> VariantSheet:
        """Return the variant as it is to be."""
        cleaned = self.cleaned_data
        unit, _slash, price_per = (cleaned["sold"] or SOLD[0][0]).partition("/")
        return VariantSheet(
            sku=cleaned["sku"],
            price=cleaned["price"],
            name=cleaned["name"],
            options=cleaned["options"],
            is_active=cleaned["is_active"],
            position=cleaned["position"],
            pk=self.instance.pk,
            unit=unit,
            price_per=int(price_per),
            barcode=cleaned["barcode"],
        )


class VariantFormSet(VariantInline):
    """The variants of a product."""

    def sheets(self) -> list[VariantSheet]:
        """Return the variants that were typed differently."""
        return [form.sheet() for form in self.forms if form.has_changed()]
