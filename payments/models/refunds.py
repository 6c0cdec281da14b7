"""Money that goes back."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Acted
from common.money import MAX_MONEY, MoneyField, format_amount
from orders.models import Order
from payments.models.payments import Payment
from till.models import TillSession


class Refund(Acted):
    """Money of an order that goes back to the customer, through the gateway it came by or by hand."""

    class Status(models.TextChoices):
        DUE = "due", _("To be given back")
        SENT = "sent", _("On its way back")
        SUCCEEDED = "succeeded", _("Given back")
        REFUSED = "refused", _("Refused, still to be given back")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the refund in the API.")
    )
    order = models.ForeignKey(
        Order,
        models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("order"),
        help_text=_("The order it belongs to."),
    )
    payment = models.ForeignKey(
        Payment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("payment"),
        help_text=_("The payment it gives back; empty where it is of no single one."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, help_text=_("Whether the money has gone back.")
    )
    amount = MoneyField(verbose_name=_("amount"), help_text=_("How much."))
    currency = models.CharField(_("currency"), max_length=3, help_text=_("ISO 4217 code."))
    tender = models.CharField(
        _("given back as"),
        max_length=4,
        choices=Payment.Tender.choices,
        blank=True,
        db_default="",
        default="",
        help_text=_("What was handed back at the counter; empty for what did not go over it."),
    )
    session = models.ForeignKey(
        TillSession,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("session of a drawer"),
        help_text=_("The drawer it was given back from."),
    )
    reason = models.CharField(_("reason"), max_length=200, help_text=_("Why."))
    cause = models.UUIDField(
        _("cause"), null=True, blank=True, unique=True, help_text=_("The event that owes it, so that it is owed once.")
    )
    gateway_reference = models.CharField(
        _("gateway's reference"), max_length=200, blank=True, help_text=_("What the gateway calls it.")
    )
    failure = models.CharField(_("failure"), max_length=200, blank=True, help_text=_("Why the gateway refused it."))
    attempts = models.PositiveSmallIntegerField(
        _("attempts"), default=0, help_text=_("How often a gateway was asked for it anew after a refusal.")
    )
    created_at = models.DateTimeField(_("created at"), help_text=_("When it was decided."))
    looked_at = models.DateTimeField(
        _("looked at"), null=True, blank=True, help_text=_("When the gateway was last asked about it.")
    )
    returned_at = models.DateTimeField(_("returned at"), null=True, blank=True, help_text=_("When the money went."))

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        permissions = [("refund_payment", _("Can give money back"))]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MAX_MONEY), name="refund_amount_bounds"),
            models.CheckConstraint(
                condition=Q(status__in=["due", "sent", "succeeded", "refused"]), name="refund_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="succeeded") | Q(returned_at__isnull=False), name="refund_returned_has_time"
            ),
            models.CheckConstraint(
                condition=Q(tender="", session__isnull=True)
                | Q(tender__in=["cash", "card", "pix"], session__isnull=False, status="succeeded"),
                name="refund_tender_has_session",
            ),
        ]
        indexes = [
            models.Index(fields=["order", "id"], name="refund_order"),
            models.Index(fields=["created_at"], name="refund_owed", condition=Q(status__in=["due", "sent", "refused"])),
            models.Index(fields=["session"], name="refund_session", condition=Q(session__isnull=False)),
            models.Index(fields=["returned_at"], name="refund_returned", condition=Q(returned_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return format_amount(self.amount, currency=self.currency)

    @property
    def key(self) -> str:
        """The key under which a gateway gives it back once; asking anew after a refusal is another request."""
        return f"refund:{self.public_id}:{self.attempts}" if self.attempts else f"refund:{self.public_id}"
