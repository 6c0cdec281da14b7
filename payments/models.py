"""Money for an order: how it was asked for, what came in, what went back, and what gateways said of it.

A payment is one attempt to pay, or money that simply came; a refund is money given back or owed. The order's own `paid`
and `refunded` are sums of these rows, changed in the same transaction through `orders.services.record_money`.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.money import MAX_MONEY, MoneyField
from orders.models import Order


class Payment(models.Model):
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
        Order, models.PROTECT, related_name="+", verbose_name=_("order"), help_text=_("The order it pays.")
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
    actor_kind = models.CharField(_("actor kind"), max_length=10, help_text=_("Who recorded it."))
    actor_id = models.CharField(_("actor"), max_length=64, blank=True, help_text=_("Which person recorded it."))
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
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"

    @property
    def key(self) -> str:
        """The key under which a gateway begins it once, however often it is asked."""
        return f"payment:{self.public_id}"


class Refund(models.Model):
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
        Order, models.PROTECT, related_name="+", verbose_name=_("order"), help_text=_("The order it belongs to.")
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
    actor_kind = models.CharField(_("actor kind"), max_length=10, help_text=_("Who decided it."))
    actor_id = models.CharField(_("actor"), max_length=64, blank=True, help_text=_("Which person decided it."))
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
        ]
        indexes = [
            models.Index(fields=["order", "id"], name="refund_order"),
            models.Index(fields=["created_at"], name="refund_owed", condition=Q(status__in=["due", "sent", "refused"])),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"

    @property
    def key(self) -> str:
        """The key under which a gateway gives it back once; asking anew after a refusal is another request."""
        return f"refund:{self.public_id}:{self.attempts}" if self.attempts else f"refund:{self.public_id}"


class MoneyStep(models.Model):
    """One step in the life of a payment or a refund. Append-only, written from the first step on."""

    payment = models.ForeignKey(
        Payment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("payment"),
        help_text=_("Whose step it is; empty for a refund's."),
    )
    refund = models.ForeignKey(
        Refund,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("refund"),
        help_text=_("Whose step it is; empty for a payment's."),
    )
    from_status = models.CharField(_("from"), max_length=10, blank=True, help_text=_("Empty for the first step."))
    to_status = models.CharField(_("to"), max_length=10, help_text=_("Where the step led."))
    amount = MoneyField(verbose_name=_("amount"), help_text=_("How much it was then."))
    actor_kind = models.CharField(_("actor kind"), max_length=10, help_text=_("Who acted: customer, staff, system..."))
    actor_id = models.CharField(_("actor"), max_length=64, blank=True, help_text=_("Which person or process acted."))
    door = models.CharField(_("door"), max_length=10, help_text=_("Where it came in: api, admin, task or command."))
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("Why."))
    at = models.DateTimeField(_("at"), help_text=_("When it happened."))

    class Meta:
        verbose_name = _("step of money")
        verbose_name_plural = _("history of money")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(payment__isnull=False, refund__isnull=True) | Q(payment__isnull=True, refund__isnull=False),
                name="moneystep_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_status} > {self.to_status}"


class GatewayEvent(models.Model):
    """What a gateway told us, letter by letter: stored as soon as its signature holds, handled after."""

    class Status(models.TextChoices):
        RECEIVED = "received", _("To be looked at")
        HANDLED = "handled", _("Done")
        IGNORED = "ignored", _("Of no concern")
        QUARANTINED = "quarantined", _("Set aside")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the event in the outbox.")
    )
    gateway = models.CharField(_("gateway"), max_length=20, help_text=_("Who told it."))
    event_id = models.CharField(_("event"), max_length=200, help_text=_("What the gateway calls it."))
    kind = models.CharField(_("kind"), max_length=100, help_text=_("What it tells of, in the gateway's words."))
    body = models.BinaryField(_("body"), help_text=_("As it was told."))
    tells = models.JSONField(_("tells"), default=dict, help_text=_("What it says, in our words."))
    pulled = models.BooleanField(_("pulled"), default=False, help_text=_("Whether we had to ask for it."))
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.RECEIVED, help_text=_("Where it stands.")
    )
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("Why it was ignored or set aside."))
    payment = models.ForeignKey(
        Payment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("payment"),
        help_text=_("The payment it turned out to be about."),
    )
    received_at = models.DateTimeField(_("received at"), help_text=_("When it was stored."))
    looked_at = models.DateTimeField(_("looked at"), null=True, blank=True, help_text=_("When it was last looked at."))
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True, help_text=_("When it was done with."))

    class Meta:
        verbose_name = _("gateway event")
        verbose_name_plural = _("gateway events")
        constraints = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="gatewayevent_once"),
            models.CheckConstraint(
                condition=Q(status__in=["received", "handled", "ignored", "quarantined"]),
                name="gatewayevent_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status="received", handled_at__isnull=True)
                | (~Q(status="received") & Q(handled_at__isnull=False)),
                name="gatewayevent_handled_has_time",
            ),
        ]
        indexes = [models.Index(fields=["received_at"], name="gatewayevent_waiting", condition=Q(status="received"))]

    def __str__(self) -> str:
        return f"{self.gateway} {self.kind}"


class MoneyCase(models.Model):
    """Money that did not come or go as it should: an entry of the money inbox, open until somebody settles it."""

    class Kind(models.TextChoices):
        REVIVED = "revived", _("Came late, the order was taken up again")
        TOO_LATE = "too_late", _("Came too late, goes back")
        SECOND = "second", _("Paid a second time, goes back")
        TOO_MUCH = "too_much", _("More than was due, the rest goes back")
        MISMATCH = "mismatch", _("Does not fit what was asked for")
        UNKNOWN = "unknown", _("Of no order we know")
        REFUND_REFUSED = "refund_refused", _("A refund was refused")
        DISPUTE = "dispute", _("The customer disputes the payment")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        SETTLED = "settled", _("Settled")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the case in the outbox.")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, help_text=_("What is the matter."))
    cause = models.CharField(
        _("cause"), max_length=300, unique=True, help_text=_("What it is about, so that it is told once.")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.OPEN, help_text=_("Whether it is settled.")
    )
    order = models.ForeignKey(
        Order,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("order"),
        help_text=_("The order it is about, where it is about one we know."),
    )
    payment = models.ForeignKey(
        Payment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("payment"),
        help_text=_("The payment it is about."),
    )
    refund = models.ForeignKey(
        Refund,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("refund"),
        help_text=_("The refund that answers it."),
    )
    event = models.ForeignKey(
        GatewayEvent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("gateway event"),
        help_text=_("The event that told of it."),
    )
    gateway = models.CharField(_("gateway"), max_length=20, blank=True, help_text=_("Which way the money came."))
    amount = MoneyField(verbose_name=_("amount"), null=True, blank=True, help_text=_("How much it is about."))
    currency = models.CharField(_("currency"), max_length=3, blank=True, help_text=_("ISO 4217 code."))
    detail = models.CharField(_("detail"), max_length=300, blank=True, help_text=_("What does not fit."))
    opened_at = models.DateTimeField(_("opened at"), help_text=_("When it was found."))
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True, help_text=_("When somebody settled it."))
    resolution = models.CharField(_("resolution"), max_length=300, blank=True, help_text=_("How it was settled."))
    actor_kind = models.CharField(_("actor kind"), max_length=10, blank=True, help_text=_("Who settled it."))
    actor_id = models.CharField(_("actor"), max_length=64, blank=True, help_text=_("Which person settled it."))

    class Meta:
        verbose_name = _("case of money")
        verbose_name_plural = _("money inbox")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["open", "settled"]), name="moneycase_status_known"),
            models.CheckConstraint(
                condition=Q(status="open", settled_at__isnull=True) | Q(status="settled", settled_at__isnull=False),
                name="moneycase_settled_has_time",
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], name="moneycase_open", condition=Q(status="open"))]

    def __str__(self) -> str:
        return self.get_kind_display()


class StatementLine(models.Model):
    """A line of a bank statement that was taken in, so that it counts once in whichever file it comes. Append-only.

    Nothing else of the bank's files is kept.
    """

    class Source(models.TextChoices):
        OFX = "ofx", "OFX"
        CSV = "csv", "CSV"

    reference = models.CharField(
        _("reference"), max_length=200, unique=True, help_text=_("What makes it this line and no other.")
    )
    source = models.CharField(
        _("source"), max_length=3, choices=Source.choices, help_text=_("The form of the file it came in.")
    )
    day = models.DateField(_("day"), help_text=_("The day the bank books it on."))
    amount = MoneyField(verbose_name=_("amount"), help_text=_("How much."))
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="+", verbose_name=_("order"), help_text=_("The order it was taken for.")
    )
    payment = models.ForeignKey(
        Payment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("payment"),
        help_text=_("The payment it is; empty where it went into the money inbox."),
    )
    actor_kind = models.CharField(_("actor kind"), max_length=10, help_text=_("Who took it in."))
    actor_id = models.CharField(_("actor"), max_length=64, blank=True, help_text=_("Which person took it in."))
    taken_at = models.DateTimeField(_("taken at"), help_text=_("When it was taken in."))

    class Meta:
        verbose_name = _("line of a statement")
        verbose_name_plural = _("lines of statements")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=MAX_MONEY), name="statementline_amount_bounds"
            ),
            models.CheckConstraint(condition=Q(source__in=["ofx", "csv"]), name="statementline_source_known"),
        ]
        indexes = [models.Index(fields=["order", "day"], name="statementline_order")]

    def __str__(self) -> str:
        return self.reference
