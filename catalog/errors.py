"""What the catalogue refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Invalid


class UnknownSku(Invalid):
    """There is no such SKU."""

    code = "unknown_sku"
    title = _("Unknown SKU")
    fields = ("sku",)


class NotForSale(Invalid):
    """The SKU exists and cannot be bought, or not this way."""

    code = "not_for_sale"
    title = _("Not for sale")
    fields = ("sku",)
