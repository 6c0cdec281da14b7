"""What the till refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Invalid


class RefundExceedsPaid(Conflict):
    """More would go back than came in; `refundable` is the most that can."""

    code = "refund_exceeds_paid"
    title = _("More than was paid")
    fields = ("refundable",)
    sentence = _("That is more than can be given back (%(refundable)s at most). Nothing was changed.")
    amounts = ("refundable",)


class AmountExceedsDue(Invalid):
    """More money than the order still costs."""

    code = "amount_exceeds_due"
    title = _("More than is due")
    fields = ("due",)
    sentence = _("That is more than the order still costs (%(due)s). Nothing was changed.")
    amounts = ("due",)
