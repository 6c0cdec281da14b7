"""The desk's page of what was changed about the products, when and by whom; only to read."""

from decimal import Decimal

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog.models import Product, ProductChange
from common.money import format_brl
from desk.pages import ChangeColumns, ReadOnlyAdmin
from desk.shown import shown_duration

KEYS = {
    "product": _("written down"),
    "name": _("name"),
    "slug": _("slug"),
    "category": _("category"),
    "description": _("description"),
    "pickup_lead_minutes": _("notice before pickup"),
    "deposit_percent": _("deposit in percent"),
    "deposit_amount": _("deposit as an amount"),
    "status": _("status"),
    "sku": "SKU",
    "barcode": _("barcode"),
    "price": _("price"),
    "options": _("options"),
    "is_active": _("for sale"),
    "position": _("position"),
    "picture": _("picture"),
    "picture description": _("description of a picture"),
    "picture position": _("place of a picture"),
    "order of pictures": _("order of the pictures"),
}


@admin.register(ProductChange)
class ProductChangeAdmin(ChangeColumns, ReadOnlyAdmin):
    """Who changed what of the products, newest first."""

    list_display = ("shown_at", "product_name", "shown_key", "before", "after", "who")
    list_select_related = ("product",)
    search_fields = ("product__search_key", "sku")
    search_key_field = "product__search_key"
    search_also = ("sku",)
    search_help_text = _("Product or code")
    ordering = ("-pk",)
    fields = ("product", "sku", "shown_key", "before", "after", "who", "through", "shown_at")
    readonly_fields = fields
    linked_by = ("product__id__exact",)

    def named(self, obj: ProductChange) -> str:
        """Name the product and the property."""
        return f"{obj.product} · {self.shown_key(obj)}"

    @display(description=_("product"), header=True)
    def product_name(self, change: ProductChange) -> list[str]:
        """Show the product, and the SKU below it."""
        return [change.product.name, change.sku]

    @display(description=_("what"))
    def shown_key(self, change: ProductChange) -> str:
        """Name the property."""
        return str(KEYS.get(change.key, change.key))

    @display(description=_("before"))
    def before(self, change: ProductChange) -> str:
        """Show how it was."""
        return _value(key=change.key, text=change.old)

    @display(description=_("after"))
    def after(self, change: ProductChange) -> str:
        """Show how it became."""
        return _value(key=change.key, text=change.new)


def _value(*, key: str, text: str) -> str:
    """Return a stored value as people read it."""
    if not text:
        return "-"
    if key in ("price", "deposit_amount"):
        return format_brl(Decimal(text))
    if key == "pickup_lead_minutes" and text.isdigit():
        return shown_duration(int(text))
    if key == "status":
        return str(Product.Status(text).label)
    if key == "is_active":
        return gettext("yes") if text == "True" else gettext("no")
    return text if len(text) <= 80 else f"{text[:79]}…"
