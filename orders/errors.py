"""What orders refuse."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Forbidden, Invalid


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


class CancelAboveLimit(Forbidden):
    """More was paid for the order than whoever cancels it may decide about; `limit` is what they may."""

    code = "cancel_above_limit"
    title = _("Cancelling this is above your limit")
    fields = ("limit",)
    amounts = ("limit",)
    about = "reason"
    sentence = _("You may cancel orders of which %(limit)s was paid at most. Ask somebody who may do more.")


class TooManyUnits(Invalid):
    """More units than the order still has to hand over."""

    code = "too_many_units"
    title = _("More units than are left to hand over")
    fields = ("line", "left")
    sentence = _("Only %(left)s units of this line are left. Nothing was changed.")
