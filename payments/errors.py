"""What the till refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Busy, Conflict, Forbidden, Invalid, Refusal


class RefundExceedsPaid(Conflict):
    """More would go back than came in; `refundable` is the most that can."""

    code = "refund_exceeds_paid"
    title = _("More than was paid")
    fields = ("refundable",)
    sentence = _("That is more than can be given back (%(refundable)s at most). Nothing was changed.")
    amounts = ("refundable",)


class RefundAboveLimit(Forbidden):
    """More would go back at once than whoever gives it may decide about; `limit` is what they may."""

    code = "refund_above_limit"
    title = _("Refund above your limit")
    fields = ("limit",)
    amounts = ("limit",)
    about = "amount"
    sentence = _("You may give back %(limit)s at most at once. Ask somebody who may do more.")


class RefundsAboveDay(Forbidden):
    """More would go back in a day than whoever gives it may decide about; `left` is what is left of `limit`."""

    code = "refunds_above_day"
    title = _("Refunds above your limit of the day")
    fields = ("limit", "left")
    amounts = ("limit", "left")
    about = "amount"
    sentence = _("You may give back %(limit)s a day at most; %(left)s of it is left today.")


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
