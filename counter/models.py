"""What is sold to whoever stands at the counter: what was handed over for it, and what went back."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.models import Acted
from common.money import MAX_MONEY, MoneyField
from orders.models import Order


class Receipt(Acted):
    """A sale at the counter as its receipt tells it, one row for each order that was paid by it. Append-only."""

    sale = models.UUIDField(_("sale"), editable=False, help_text=_("The key of the sale; one may pay several orders."))
    order = models.ForeignKey(
        Order,
        models.PROTECT,
        related_name="+",
        verbose_name=_("order"),
        help_text=_("The order that was paid."),
        db_index=False,
    )
    received = MoneyField(verbose_name=_("received in cash"), help_text=_("Cash handed over for the whole sale."))
    change = MoneyField(verbose_name=_("change"), help_text=_("Cash given back at once."))
    at = models.DateTimeField(_("at"), help_text=_("When it was sold."))

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["-pk"]
        permissions = [
            ("sell", _("Can sell at the counter")),
            ("undo_sale", _("Can undo a sale of the same day")),
            ("discount_freely", _("Can give any discount")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order", "sale"], name="receipt_once"),
            models.CheckConstraint(
                condition=Q(received__gte=0, received__lte=MAX_MONEY, change__gte=0, change__lte=F("received")),
                name="receipt_change_of_what_came",
            ),
        ]

    def __str__(self) -> str:
        return str(self.order)
