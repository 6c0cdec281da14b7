"""What the till refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Busy, Conflict, Invalid, Refusal


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


class CountAgain(Conflict):
    """Money went through a drawer after it was counted, or somebody has counted it again."""

    code = "count_again"
    title = _("Count again")
    sentence = _("Money has moved since the drawer was counted, or it was never counted. Please count it again.")


class NoteRequired(Invalid):
    """A drawer in which something is too much or missing is closed with a word about it."""

    code = "note_required"
    title = _("A note is missing")
    sentence = _(
        "What was counted is not what should be there. Please write down what explains it, or that nothing does."
    )


class GatewayBusy(Busy):
    """The payment service did not answer; whether it has begun the payment shows when it is asked again."""

    sentence = _("The payment service does not answer. Please try again in a moment.")
