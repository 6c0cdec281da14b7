"""What happened to a payment or a refund, step by step."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import HistoryStep
from common.money import MoneyField
from payments.models.payments import Payment
from payments.models.refunds import Refund


class MoneyStep(HistoryStep):
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
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("Why."))

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
        indexes = [
            models.Index(fields=["actor_id", "at"], name="moneystep_gave_back", condition=Q(refund__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.from_status} > {self.to_status}"
