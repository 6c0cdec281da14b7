"""What orders refuse."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Invalid


class TotalChanged(Conflict):
    """The cart costs something else than the client showed; nothing is charged in silence."""

    code = "total_changed"
    title = _("The total has changed")
    fields = ("total",)


class LinesNotForSale(Conflict):
    """Something in the cart has been taken off sale since."""

    code = "not_for_sale"
    title = _("No longer for sale")
    fields = ("lines",)


class TooLateToCancel(Conflict):
    """The customer's time to cancel is over; the shop still can."""

    code = "too_late_to_cancel"
    title = _("Too late to cancel")
    fields = ("until",)


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


class TooManyOpenOrders(Invalid):
    """One e-mail has as many unpaid orders waiting at the counter as the shop lets it have."""

    code = "too_many_open_orders"
    title = _("Too many open orders")
    fields = ("max",)


class TooManyUnits(Invalid):
    """More units than the order still has to hand over."""

    code = "too_many_units"
    title = _("More units than are left to hand over")
    fields = ("line", "left")
    sentence = _("Only %(left)s units of this line are left. Nothing was changed.")
