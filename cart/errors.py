"""What the cart refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict


class CartClosed(Conflict):
    """The cart was ordered, merged into another, or ran out; `order` names its order where there is one."""

    code = "cart_closed"
    title = _("This cart is closed")
    fields = ("order",)


class CartFull(Conflict):
    """The cart has as many lines as it may have."""

    code = "cart_full"
    title = _("The cart is full")
    fields = ("max",)


class QuantityLimit(Conflict):
    """More units of one SKU than a line may have."""

    code = "quantity_limit"
    title = _("Too many units of one product")
    fields = ("max",)
