"""Attempts to pay, and money that came."""

import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Acted
from common.money import MAX_MONEY, MoneyField, format_amount
from orders.models import Order
from till.models import TillSession


class Payment(Acted):
    """One attempt to pay an order through one gateway; the counter and the bank transfer are gateways too."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Announced")
        SUCCEEDED = "succeeded", _("Received")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")

    class Tender(models.TextChoices):
        CASH = "cash", _("Cash")
        CARD = "card", _("Card")
        PIX = "pix", _("Pix")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the payment in the API.")
    )
    order = models.ForeignKey(
        Order,
        models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("order"),
        help_text=_("The order it pays."),
    )
    gateway = models.CharField(_("gateway"), max_length=20, help_text=_("Which way the money comes."))
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
    session = models.ForeignKey(
        TillSession,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("session of a drawer"),
        help_text=_("The drawer it came into; empty for what did not come over the counter."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, help_text=_("Whether the money is there.")
    )
    amount = MoneyField(verbose_name=_("amount"), help_text=_("How much."))
    currency = models.CharField(_("currency"), max_length=3, help_text=_("ISO 4217 code."))
    reference = models.CharField(
        _("reference"), max_length=100, blank=True, help_text=_("What the bank statement or the receipt calls it.")
    )
    gateway_reference = models.CharField(
        _("gateway's reference"), max_length=200, blank=True, help_text=_("What the gateway calls it.")
    )
    given = models.JSONField(
        _("given"), default=dict, blank=True, help_text=_("What the gateway gave to pay with: a page, a secret, a Pix.")
    )
    return_url = models.CharField(
        _("return address"), max_length=500, blank=True, help_text=_("Where the gateway's page leads back to.")
    )
    failure = models.CharField(_("failure"), max_length=200, blank=True, help_text=_("Why it failed."))
    created_at = models.DateTimeField(_("created at"), help_text=_("When it was announced or recorded."))
    expires_at = models.DateTimeField(
        _("expires at"), null=True, blank=True, help_text=_("Until when it can be paid; empty without an end.")
    )
    answered_at = models.DateTimeField(
        _("answered at"), null=True, blank=True, help_text=_("When the gateway took it; empty while that is unknown.")
    )
    looked_at = models.DateTimeField(
        _("looked at"), null=True, blank=True, help_text=_("When the gateway was last asked about it.")
    )
    received_at = models.DateTimeField(_("received at"), null=True, blank=True, help_text=_("When the money came."))

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        permissions = [("record_payment", _("Can record money received"))]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MAX_MONEY), name="payment_amount_bounds"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "succeeded", "failed", "expired", "cancelled"]),
                name="payment_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="succeeded") | Q(received_at__isnull=False), name="payment_received_has_time"
            ),
            models.CheckConstraint(
                condition=Q(tender="") | Q(tender__in=["cash", "card", "pix"], gateway="counter"),
                name="payment_tender_known",
            ),
            models.CheckConstraint(
                condition=Q(session__isnull=True) | Q(gateway="counter", status="succeeded"),
                name="payment_session_of_counter",
            ),
            models.UniqueConstraint(
                fields=["order", "method"], condition=Q(status="pending"), name="payment_one_pending_per_method"
            ),
            models.UniqueConstraint(
                fields=["gateway", "gateway_reference"],
                condition=~Q(gateway_reference=""),
                name="payment_gateway_reference_once",
            ),
        ]
        indexes = [
            models.Index(fields=["order", "id"], name="payment_order"),
            models.Index(fields=["created_at"], name="payment_waiting", condition=Q(status="pending")),
            models.Index(fields=["session"], name="payment_session", condition=Q(session__isnull=False)),
            BrinIndex(fields=["received_at"], name="payment_received", autosummarize=True),
        ]

    def __str__(self) -> str:
        return format_amount(self.amount, currency=self.currency)

    @property
    def key(self) -> str:
        """The key under which a gateway begins it once, however often it is asked."""
        return f"payment:{self.public_id}"
