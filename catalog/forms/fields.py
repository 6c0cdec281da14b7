"""How the catalogue's values are typed: prices, options, places and slugs."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
)

from catalog import services as catalog
from common.errors import Malformed
from common.money import MAX_MONEY, parse_brl
from desk.forms import BrlField, LineField

NARROW = {"style": "min-width: 6rem"}


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
        try:
            return catalog.options_from(text=text)
        except Malformed as refusal:
            raise forms.ValidationError([error.detail for error in refusal.errors]) from refusal


def titled(form: forms.BaseForm) -> None:
    """Labels begin with a capital, as those of Django's own do."""
    for field in form.fields.values():
        field.label = capfirst(str(field.label))


class PositionField(forms.IntegerField):
    """A place on a list; empty for a new row, which comes last."""

    def __init__(self) -> None:
        widget = UnfoldAdminIntegerFieldWidget(attrs=NARROW)
        super().__init__(label=_("position"), required=False, min_value=0, max_value=32_000, widget=widget)


NO_CATEGORY = _("Choose a category, or type the name of a new one.")


class NewCategoryField(LineField):
    """The name of a category that is put up with what stands in it; typed, it comes before one that was chosen."""

    def __init__(self) -> None:
        super().__init__(
            label=_("or a new category"),
            required=False,
            max_length=80,
            widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
            help_text=_("Type its name, and it is made with this."),
        )


class SlugField(forms.SlugField):
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
