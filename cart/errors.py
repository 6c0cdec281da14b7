"""What the cart refuses, and what ordering it does."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Invalid


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


class LinesNotForSale(Conflict):
    """Something in the cart has been taken off sale since."""

    code = "not_for_sale"
    title = _("No longer for sale")
    fields = ("lines",)


class EmptyCart(Invalid):
    """There is nothing in the cart to order."""

    code = "empty_cart"
    title = _("The cart is empty")


class MethodNotOffered(Invalid):
    """The shop does not take this payment method for this order."""

    code = "method_not_offered"
    title = _("Payment method not offered")
    fields = ("offered",)


class PickupUnavailable(Invalid):
    """Nobody can hand the goods over at that time; `earliest` is the first time somebody can."""

    code = "pickup_unavailable"
    title = _("Pickup not possible then")
    fields = ("earliest",)


class DeliveryUnavailable(Invalid):
    """The shop does not deliver, or not there."""

    code = "delivery_unavailable"
    title = _("Delivery not available")
