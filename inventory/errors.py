"""What the stock refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict


class OutOfStock(Conflict):
    """Fewer units are free than were asked for."""

    code = "out_of_stock"
    title = _("Out of stock")
    fields = ("sku", "requested", "available", "lines")
    sentence = _("There are no longer enough units for this. Nothing was changed.")


class BelowReserved(Conflict):
    """The change would leave fewer units than are promised to carts and orders."""

    code = "below_reserved"
    title = _("Fewer units than are reserved")
    fields = ("reserved",)
    sentence = _(
        "%(reserved)s units are promised to carts and orders, so at least that many must stay. Nothing was changed."
    )
