"""The ledger: what was earned and what was taken back, entry by entry."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commissions.models.rules import CommissionRule
from common.money import MoneyField
from orders.models import OrderLine
from payments.models import Payment, Refund
from scheduling.models import Professional


class CommissionEntry(models.Model):
    """Something earned or taken back of one piece of an order. Append-only.

    Entries of the same piece, professional and rule are numbered, and carry what they come to together; so two who
    write the same thing at once meet, and no sum is ever less than nothing or more than its base.
    """

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("Paid")
        REFUND = "refund", _("Given back")
        CALLED_OFF = "called_off", _("Called off")
        CHANGED = "changed", _("Changed")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the entry outside.")
    )
    professional = models.ForeignKey(
        Professional,
        models.PROTECT,
        related_name="+",
        verbose_name=_("professional"),
        help_text=_("Who earns."),
        db_index=False,
    )
    line = models.ForeignKey(
        OrderLine,
        models.PROTECT,
        related_name="+",
        verbose_name=_("order line"),
        help_text=_("What was sold."),
        db_index=False,
    )
    position = models.PositiveSmallIntegerField(
        _("service"), help_text=_("Which service of a visit, from 1; 0 for goods.")
    )
    rule = models.ForeignKey(
        CommissionRule,
        models.PROTECT,
        related_name="+",
        verbose_name=_("rule"),
        help_text=_("The rule it was earned by, which never changes."),
    )
    seq = models.PositiveSmallIntegerField(_("step"), help_text=_("1 for the first of this piece, without gaps."))
    kind = models.CharField(_("reason"), max_length=10, choices=Kind.choices, help_text=_("What it came of."))
    cause = models.UUIDField(_("cause"), help_text=_("The payment or event it came of, which counts once."))
    payment = models.ForeignKey(
        Payment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("payment"),
        help_text=_("The payment it was earned by."),
        db_index=False,
    )
    refund = models.ForeignKey(
        Refund,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("refund"),
        help_text=_("The refund it was taken back by."),
        db_index=False,
    )
    base = MoneyField(verbose_name=_("base"), help_text=_("The part of the price it is worked out of."))
    amount = MoneyField(verbose_name=_("commission"), help_text=_("What was earned; less than nothing: taken back."))
    base_after = MoneyField(verbose_name=_("base so far"), help_text=_("Of the piece, with this entry."))
    amount_after = MoneyField(verbose_name=_("commission so far"), help_text=_("Of the piece, with this entry."))
    at = models.DateTimeField(_("at"), help_text=_("When the money came or went."))

    class Meta:
        verbose_name = _("commission")
        verbose_name_plural = _("commissions")
        ordering = ["at", "pk"]
        permissions = [
            ("pay_commission", _("Can pay commissions")),
            ("view_own_commission", _("Can see their own commissions")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "position", "professional", "rule", "seq"], name="commissionentry_next"
            ),
            models.UniqueConstraint(
                fields=["cause", "line", "position", "professional", "rule"], name="commissionentry_cause_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["payment", "refund", "called_off", "changed"]), name="commissionentry_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(amount_after__gte=0) & Q(amount_after__lte=F("base_after")),
                name="commissionentry_within_its_base",
            ),
            models.CheckConstraint(condition=~Q(amount=0) | ~Q(base=0), name="commissionentry_of_something"),
        ]
        indexes = [
            models.Index(fields=["professional", "at", "id"], name="commissionentry_statement"),
        ]

    def __str__(self) -> str:
        return f"{self.professional_id} {self.amount}"
