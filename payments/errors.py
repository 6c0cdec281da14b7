"""What the till refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Busy, Conflict, Refusal


class RefundExceedsPaid(Conflict):
    """More would go back than came in; `refundable` is the most that can."""

    code = "refund_exceeds_paid"
    title = _("More than was paid")
    fields = ("refundable",)
    sentence = _("That is more than can be given back (%(refundable)s at most). Nothing was changed.")
    amounts = ("refundable",)


class InvalidSignature(Refusal):
    """What claims to come from a gateway does not prove it; nothing of it is kept."""

    status = 400
    code = "invalid_signature"
    title = _("Signature invalid")


class GatewayBusy(Busy):
    """The payment service did not answer; whether it has begun the payment shows when it is asked again."""

    sentence = _("The payment service does not answer. Please try again in a moment.")
