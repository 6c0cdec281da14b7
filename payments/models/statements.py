"""Lines of bank statements that were taken in."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Acted
from common.money import MAX_MONEY, MoneyField
from orders.models import Order
from payments.models.payments import Payment


class StatementLine(Acted):
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
        Order,
        models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name=_("order"),
        help_text=_("The order it was taken for."),
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
