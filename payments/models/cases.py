"""The money inbox: what did not come or go as it should."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.money import MoneyField
from orders.models import Order
from payments.models.events import GatewayEvent
from payments.models.payments import Payment
from payments.models.refunds import Refund


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
