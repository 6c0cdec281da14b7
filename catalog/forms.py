"""Forms of the desk for the catalogue: how things are typed and shown. Rules stay in the services.

A picture is judged and painted anew while the form is checked, so that a file the shop cannot use is
said beside its field and nothing else typed on the page is lost.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminImageSmallFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from catalog import selectors
from catalog import services as catalog
from catalog.deposits import NO_DEPOSIT, WHOLE, Deposit, kept_as
from catalog.errors import UnacceptablePicture
from catalog.models import Category, Product, ProductImage, Variant
from catalog.services import Picture, ProductSheet, VariantSheet
from catalog.units import MANY, Unit
from common.errors import Malformed
from common.money import MAX_MONEY, parse_brl
from common.text import is_clean
from desk.forms import BrlField, LineField, Rules
from desk.kept import KeepsFile, KeptFileField

if TYPE_CHECKING:
    CategoryModelForm = forms.ModelForm[Category]
    ProductModelForm = forms.ModelForm[Product]
    VariantModelForm = forms.ModelForm[Variant]
    ImageModelForm = forms.ModelForm[ProductImage]
    VariantInline = forms.BaseInlineFormSet[Variant, Product, Any]
    ImageInline = forms.BaseInlineFormSet[ProductImage, Product, Any]
else:
    CategoryModelForm = ProductModelForm = VariantModelForm = ImageModelForm = forms.ModelForm
    VariantInline = ImageInline = PaginationInlineFormSet

NARROW = {"style": "min-width: 6rem"}
SOLD = [
    (f"{Unit.PIECE}/1", _("by the piece")),
    (f"{Unit.GRAM}/{MANY}", _("by weight, price per kg")),
    (f"{Unit.GRAM}/1", _("by weight, price per g")),
    (f"{Unit.MILLILITRE}/{MANY}", _("by volume, price per litre")),
    (f"{Unit.MILLILITRE}/1", _("by volume, price per ml")),
]
"""Units and how many of them a price is for, as people say it."""


class PriceField(BrlField):
    """A price as Brazilians type it; a gift costs 0,00."""

    def to_python(self, value: Any) -> Decimal | None:
        """Return the amount. Raises ValidationError for what could mean two amounts."""
        text = str(value if value is not None else "").strip()
        if not text:
            return None
        try:
            amount = parse_brl(text)
        except ValueError as problem:
            raise forms.ValidationError(_("Type an amount such as 1.234,56."), code="invalid") from problem
        if amount > MAX_MONEY:
            raise forms.ValidationError(_("That is more than any price."), code="bounds")
        return amount


class OptionsField(forms.CharField):
    """Options as people write them: "Tamanho: M; Cor: Azul"."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 500)
        options.setdefault("widget", UnfoldAdminTextInputWidget(attrs={"placeholder": _("Size: M; Colour: Blue")}))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """Show options as they would be typed."""
        if not isinstance(value, list):
            return value
        return "; ".join(f"{option['name']}: {option['value']}" for option in value)

    def clean(self, value: Any) -> Any:
        """Return [{"name", "value"}]. Raises ValidationError."""
        return self._parsed(str(super().clean(value)))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Say whether other options were typed."""
        try:
            return bool(self._parsed(str(self.to_python(data))) != (initial or []))
        except forms.ValidationError:
            return True

    def _parsed(self, text: str) -> list[dict[str, str]]:
        pairs = [part.partition(":") for part in text.split(";") if part.strip()]
        if any(not colon for _name, colon, _value in pairs):
            raise forms.ValidationError(_("Write options as in Size: M; Colour: Blue."), code="invalid")
        try:
            return catalog.checked_options(options=[{"name": name, "value": value} for name, _colon, value in pairs])
        except Malformed as refusal:
            raise forms.ValidationError([error.detail for error in refusal.errors]) from refusal


class _PictureWidget(KeepsFile, UnfoldAdminImageSmallFieldWidget):  # type: ignore[misc]
    """Chooses a picture, and remembers it where the form comes back."""


class PictureField(KeptFileField):
    """A picture to upload; what comes out is painted anew."""

    def __init__(self, **options: Any) -> None:
        attributes = {"accept": "image/jpeg,image/png,image/webp"}
        options.setdefault("widget", _PictureWidget(attrs=attributes))
        super().__init__(**options)

    def to_python(self, data: Any) -> Any:
        """Return a Picture. Raises ValidationError."""
        upload = super().to_python(data)
        if upload is None:
            return None
        try:
            # One byte more than allowed tells that there is too much, without reading it all.
            return catalog.prepare_picture(content=upload.read(catalog.MAX_BYTES + 1))
        except UnacceptablePicture as refusal:
            raise forms.ValidationError(str(refusal.detail), code=str(refusal.data["reason"])) from refusal


def _titled(form: forms.BaseForm) -> None:
    """Labels begin with a capital, as those of Django's own do."""
    for field in form.fields.values():
        field.label = capfirst(str(field.label))


class _PositionField(forms.IntegerField):
    """A place on a list; empty for a new row, which comes last."""

    def __init__(self) -> None:
        widget = UnfoldAdminIntegerFieldWidget(attrs=NARROW)
        super().__init__(label=_("position"), required=False, min_value=0, max_value=32_000, widget=widget)


class _SlugField(forms.SlugField):
    """A slug; empty to have one made."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("slug"),
            required=False,
            max_length=80,
            widget=UnfoldAdminTextInputWidget(),
            help_text=_("Its name in addresses; empty: made from the name."),
            **options,
        )


class CategoryForm(CategoryModelForm):
    """A shelf of the shop."""

    above = forms.TypedChoiceField(
        label=_("within"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=UnfoldAdminSelectWidget(),
        help_text=_("Empty for a category of the first rank."),
    )
    slug = _SlugField()
    position = _PositionField()

    class Meta:
        model = Category
        fields = ("name", "slug")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _titled(self)
        if "above" in self.fields:
            own = set(selectors.category_ids(slug=self.instance.slug)) if self.instance.pk else set()
            paths = [(pk, path) for pk, path in selectors.category_paths().items() if pk not in own]
            self.fields["above"].choices = [("", "-"), *paths]  # type: ignore[attr-defined]
            self.initial["above"] = self.instance.parent_id
        if not self.instance.pk:
            self.initial["position"] = None


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
        _titled(self)
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


class ProductForm(DepositForm, ProductModelForm):
    """A product, without its variants and pictures. The deposit of a service is typed on the page of the service."""

    name = LineField(label=_("name"), max_length=160, help_text=_("As customers read it."))
    shelf = forms.TypedChoiceField(
        label=_("category"), coerce=int, widget=UnfoldAdminSelectWidget(), help_text=_("Where customers find it.")
    )
    slug = _SlugField()
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
        _titled(self)
        if "shelf" in self.fields:
            self.fields["shelf"].choices = list(selectors.category_paths().items())  # type: ignore[attr-defined]
            self.initial["shelf"] = self.instance.category_id

    def clean_description(self) -> str:
        """Return the text. Raises ValidationError."""
        text = str(self.cleaned_data["description"]).replace("\r\n", "\n")
        if not is_clean(text):
            raise forms.ValidationError(_("This text has characters that cannot be seen."), code="unclean")
        return text

    def sheet(self) -> ProductSheet:
        """Return the product as it is to be."""
        return ProductSheet(
            name=self.cleaned_data["name"],
            category_id=self.cleaned_data["shelf"],
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
    }
    sku = LineField(
        label="SKU",
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": _("made from the name")}),
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
    position = _PositionField()

    class Meta:
        model = Variant
        fields = ("sku", "name", "options", "price", "is_active")

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
        )


class VariantFormSet(VariantInline):
    """The variants of a product."""

    def sheets(self) -> list[VariantSheet]:
        """Return the variants that were typed differently."""
        return [form.sheet() for form in self.forms if form.has_changed()]


class ImageForm(ImageModelForm):
    """One picture of a product."""

    upload = PictureField(label=_("picture"), help_text=_("JPEG, PNG or WebP, at most 5 MB."))
    alt = LineField(label=_("what it shows"), required=False)
    position = _PositionField()

    class Meta:
        model = ProductImage
        fields = ("alt",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["upload"].required = not self.instance.pk
        if not self.instance.pk:
            self.initial["position"] = None

    @property
    def picture(self) -> Picture | None:
        """The picture that was uploaded, painted anew."""
        painted: Picture | None = self.cleaned_data["upload"]
        return painted


class ImageFormSet(ImageInline):
    """The pictures of a product."""

    def typed(self) -> list[ImageForm]:
        """Return those that are new, or typed differently."""
        return [form for form in self.forms if form.has_changed() and form not in self.gone]

    @property
    def gone(self) -> list[Any]:
        """Those to remove."""
        return list(self.deleted_forms)
