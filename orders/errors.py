"""What orders refuse."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Invalid


class TooLateToCancel(Conflict):
    """The customer's time to cancel is over; the shop still can."""

    code = "too_late_to_cancel"
    title = _("Too late to cancel")
    fields = ("until",)


class TooManyOpenOrders(Invalid):
    """One person, by e-mail or phone, has as many unpaid orders as the shop lets them have."""

    code = "too_many_open_orders"
    title = _("Too many open orders")
    fields = ("max",)


class TooManyUnits(Invalid):
    """More units than the order still has to hand over."""

    code = "too_many_units"
    title = _("More units than are left to hand over")
    fields = ("line", "left")
    sentence = _("Only %(left)s units of this line are left. Nothing was changed.")
