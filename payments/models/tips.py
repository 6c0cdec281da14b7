"""Tips: money for those who did the work, which lies in the shop's drawer until it is passed on."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Acted
from common.money import MAX_MONEY, MoneyField
from orders.models import Order
from payments.models.payments import Payment
from scheduling.models import Professional
from till.models import TillSession


class Tip(Acted):
    """What was given beside the price of a sale, for one professional; less than nothing: given back. Append-only.

    It is no revenue: no order, discount or commission counts it.
    """

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the tip outside.")
    )
    order = models.ForeignKey(
        Order,
        models.PROTECT,
        related_name="+",
        verbose_name=_("order"),
        help_text=_("What it was given with."),
    )
    professional = models.ForeignKey(
        Professional,
        models.PROTECT,
        related_name="+",
        verbose_name=_("professional"),
        help_text=_("Whose it is."),
        db_index=False,
    )
    session = models.ForeignKey(
        TillSession,
        models.PROTECT,
        related_name="+",
        verbose_name=_("session of a drawer"),
        help_text=_("The drawer it came into, or was given back from."),
    )
    tender = models.CharField(
        _("kind of payment"), max_length=4, choices=Payment.Tender.choices, help_text=_("As what it was handed over.")
    )
    amount = MoneyField(verbose_name=_("amount"), help_text=_("How much; less than nothing: given back."))
    of = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        related_name="back",
        verbose_name=_("tip given back"),
        help_text=_("The tip that this gives back, all of it."),
    )
    at = models.DateTimeField(_("at"), help_text=_("When it came or went."))

    class Meta:
        verbose_name = _("tip")
        verbose_name_plural = _("tips")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(of__isnull=True, amount__gt=0, amount__lte=MAX_MONEY)
                | Q(of__isnull=False, amount__lt=0, amount__gte=-MAX_MONEY),
                name="tip_amount_bounds",
            ),
            models.CheckConstraint(condition=Q(tender__in=["cash", "card", "pix"]), name="tip_tender_known"),
        ]
        indexes = [models.Index(fields=["professional", "at", "id"], name="tip_statement")]

    def __str__(self) -> str:
        return f"{self.professional_id} {self.amount}"
