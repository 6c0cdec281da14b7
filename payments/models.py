"""Money for an order: what came in, what went back.

A payment is money received or announced, a refund is money given back or owed. The order's own `paid`
and `refunded` are sums of these rows, changed in the same transaction through `orders.services.record_money`.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.money import MAX_MONEY, MoneyField
from orders.models import Order


class Payment(models.Model):
    """Money for one order through one gateway; the counter and the bank transfer are gateways too."""

    class Gateway(models.TextChoices):
        COUNTER = "counter", _("Counter")
        TRANSFER = "transfer", _("Bank transfer")

    class Status(models.TextChoices):
        PENDING = "pending", _("Announced")
        SUCCEEDED = "succeeded", _("Received")
        FAILED = "failed", _("Failed")

    class Tender(models.TextChoices):
        CASH = "cash", _("Cash")
        CARD = "card", _("Card")
        PIX = "pix", _("Pix")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the payment in the API.")
    )
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="+", verbose_name=_("order"), help_text=_("The order it pays.")
    )
    gateway = models.CharField(
        _("gateway"), max_length=10, choices=Gateway.choices, help_text=_("Which way the money comes.")
    )
    method = models.CharField(
        _("method"), max_length=10, choices=Order.PaymentMethod.choices, help_text=_("How the customer pays.")
    )
    tender = models.CharField(
        _("kind of payment"),
        max_length=4,
        choices=Tender.choices,
        blank=True,
        help_text=_("What was handed over at the counter; empty where nobody said."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, help_text=_("Whether the money is there.")
    )
    amount = MoneyField(verbose_name=_("amount"), help_text=_("How much."))
    currency = models.CharField(_("currency"), max_length=3, help_text=_("ISO 4217 code."))
    reference = models.CharField(
        _("reference"), max_length=100, blank=True, help_text=_("What the bank statement or the receipt calls it.")
    )
    actor_kind = models.CharField(_("actor kind"), max_length=10, help_text=_("Who recorded it."))
    actor_id = models.CharField(_("actor"), max_length=64, blank=True, help_text=_("Which person recorded it."))
    created_at = models.DateTimeField(_("created at"), help_text=_("When it was announced or recorded."))
    received_at = models.DateTimeField(_("received at"), null=True, blank=True, help_text=_("When the money came."))

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        permissions = [("record_payment", _("Can record money received"))]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MAX_MONEY), name="payment_amount_bounds"),
            models.CheckConstraint(
                condition=~Q(status="succeeded") | Q(received_at__isnull=False), name="payment_received_has_time"
            ),
            models.CheckConstraint(
                condition=Q(tender="") | Q(tender__in=["cash", "card", "pix"], gateway="counter"),
                name="payment_tender_known",
            ),
            models.UniqueConstraint(
                fields=["order", "method"], condition=Q(status="pending"), name="payment_one_pending_per_method"
            ),
        ]
        indexes = [models.Index(fields=["order", "id"], name="payment_order")]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"


class Refund(models.Model):
    """Money of an order that goes back to the customer."""

    class Status(models.TextChoices):
        DUE = "due", _("To be given back")
        SUCCEEDED = "succeeded", _("Given back")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the refund in the API.")
    )
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="+", verbose_name=_("order"), help_text=_("The order it belongs to.")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, help_text=_("Whether the money has gone back.")
    )
    amount = MoneyField(verbose_name=_("amount"), help_text=_("How much."))
    currency = models.CharField(_("currency"), max_length=3, help_text=_("ISO 4217 code."))
    reason = models.CharField(_("reason"), max_length=200, help_text=_("Why."))
    cause = models.UUIDField(
        _("cause"), null=True, blank=True, unique=True, help_text=_("The event that owes it, so that it is owed once.")
    )
    actor_kind = models.CharField(_("actor kind"), max_length=10, help_text=_("Who decided it."))
    actor_id = models.CharField(_("actor"), max_length=64, blank=True, help_text=_("Which person decided it."))
    created_at = models.DateTimeField(_("created at"), help_text=_("When it was decided."))
    returned_at = models.DateTimeField(_("returned at"), null=True, blank=True, help_text=_("When the money went."))

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        permissions = [("refund_payment", _("Can give money back"))]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MAX_MONEY), name="refund_amount_bounds"),
            models.CheckConstraint(
                condition=~Q(status="succeeded") | Q(returned_at__isnull=False), name="refund_returned_has_time"
            ),
        ]
        indexes = [models.Index(fields=["order", "id"], name="refund_order")]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"
