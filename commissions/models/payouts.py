"""What was paid out, and for which entries."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commissions.models.ledger import CommissionEntry
from common.models import Acted
from common.money import MAX_MONEY, MoneyField
from payments.models import Tip
from scheduling.models import Professional
from till.models import CashMovement


class CommissionPayout(Acted):
    """Money that a professional was paid for their commissions and tips until a day. Append-only."""

    class Method(models.TextChoices):
        PIX = "pix", _("Pix")
        TRANSFER = "transfer", _("Bank transfer")
        CASH = "cash", _("Cash")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the payout outside.")
    )
    professional = models.ForeignKey(
        Professional,
        models.PROTECT,
        related_name="+",
        verbose_name=_("professional"),
        help_text=_("Who was paid."),
        db_index=False,
    )
    until = models.DateField(_("until"), help_text=_("The last day whose commissions it pays."))
    amount = MoneyField(verbose_name=_("amount"), help_text=_("The sum of its entries and tips."))
    method = models.CharField(_("way"), max_length=8, choices=Method.choices, help_text=_("How it was paid."))
    movement = models.OneToOneField(
        CashMovement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("movement of cash"),
        help_text=_("By which it left a drawer; empty for what was not paid in cash."),
    )
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("For whoever reads it later."))
    paid_at = models.DateTimeField(_("paid at"), help_text=_("When it was paid."))

    class Meta:
        verbose_name = _("commission payout")
        verbose_name_plural = _("commission payouts")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=MAX_MONEY), name="commissionpayout_amount_bounds"
            ),
            models.CheckConstraint(
                condition=Q(method__in=["pix", "transfer", "cash"]), name="commissionpayout_method_known"
            ),
            models.CheckConstraint(
                condition=Q(method="cash", movement__isnull=False) | (~Q(method="cash") & Q(movement__isnull=True)),
                name="commissionpayout_cash_left_a_drawer",
            ),
        ]
        indexes = [models.Index(fields=["professional", "-paid_at"], name="commissionpayout_newest")]

    def __str__(self) -> str:
        return f"{self.professional_id} {self.amount}"


class CommissionPayoutLine(models.Model):
    """One entry that a payout has paid. Append-only; no entry is paid twice."""

    payout = models.ForeignKey(
        CommissionPayout,
        models.PROTECT,
        related_name="lines",
        verbose_name=_("commission payout"),
        help_text=_("What paid it."),
    )
    entry = models.ForeignKey(
        CommissionEntry,
        models.PROTECT,
        related_name="paid",
        verbose_name=_("commission"),
        help_text=_("What was paid."),
        db_index=False,
    )

    class Meta:
        verbose_name = _("paid commission")
        verbose_name_plural = _("paid commissions")
        constraints = [models.UniqueConstraint(fields=["entry"], name="commissionpayoutline_entry_once")]

    def __str__(self) -> str:
        return str(self.entry_id)


class CommissionPayoutTip(models.Model):
    """One tip, given or given back, that a payout has passed on. Append-only; no tip is passed on twice."""

    payout = models.ForeignKey(
        CommissionPayout,
        models.PROTECT,
        related_name="tips",
        verbose_name=_("commission payout"),
        help_text=_("What passed it on."),
    )
    tip = models.ForeignKey(
        Tip,
        models.PROTECT,
        related_name="paid",
        verbose_name=_("tip"),
        help_text=_("What was passed on."),
        db_index=False,
    )

    class Meta:
        verbose_name = _("tip passed on")
        verbose_name_plural = _("tips passed on")
        constraints = [models.UniqueConstraint(fields=["tip"], name="commissionpayouttip_tip_once")]

    def __str__(self) -> str:
        return str(self.tip_id)
