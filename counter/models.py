"""What is sold to whoever stands at the counter: what was handed over for it, and what went back."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cart.models import Cart
from common.models import Acted, HistoryStep
from common.money import MAX_MONEY, MoneyField
from common.search import sort_key_of
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


class ParkedSale(models.Model):
    """A sale that waits, such as a comanda, by a name, a table or a chair. It holds nothing unless it is told to."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        SOLD = "sold", _("Sold")
        DROPPED = "dropped", _("Dropped")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names it at the counter.")
    )
    label = models.CharField(_("label"), max_length=60, help_text=_("A name, a table or a chair."))
    label_key = sort_key_of("label", label=_("label key"))
    status = models.CharField(
        _("status"), max_length=7, choices=Status.choices, default=Status.OPEN, help_text=_("Whether it still waits.")
    )
    version = models.PositiveIntegerField(
        _("version"), default=1, help_text=_("Raised by every change, so that nobody overwrites what they did not see.")
    )
    sale = models.JSONField(_("sale"), default=dict, help_text=_("What is to be sold, without its payments."))
    cart = models.OneToOneField(
        Cart,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cart"),
        help_text=_("The cart that keeps its units; empty where it keeps none."),
    )
    order = models.ForeignKey(
        Order,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("order"),
        help_text=_("What it became."),
    )
    created_at = models.DateTimeField(_("created at"), help_text=_("When it was parked."))
    changed_at = models.DateTimeField(_("changed at"), help_text=_("When it was changed last."))

    class Meta:
        verbose_name = _("parked sale")
        verbose_name_plural = _("parked sales")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["label_key"], condition=Q(status="open"), name="parkedsale_label_once"),
            models.CheckConstraint(condition=Q(status__in=["open", "sold", "dropped"]), name="parkedsale_status_known"),
            models.CheckConstraint(condition=~Q(label=""), name="parkedsale_label_given"),
            models.CheckConstraint(
                condition=Q(status="sold", order__isnull=False) | ~Q(status="sold") & Q(order__isnull=True),
                name="parkedsale_sold_is_an_order",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class ParkedStep(HistoryStep):
    """One change of a parked sale, with what it held then. Append-only."""

    parked = models.ForeignKey(
        ParkedSale,
        models.PROTECT,
        related_name="steps",
        verbose_name=_("parked sale"),
        help_text=_("What was changed."),
        db_index=False,
    )
    version = models.PositiveIntegerField(_("version"), help_text=_("Which version it became."))
    status = models.CharField(
        _("status"), max_length=7, choices=ParkedSale.Status.choices, help_text=_("Where the step led.")
    )
    sale = models.JSONField(_("sale"), help_text=_("What it held."))
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("Why it was dropped."))

    class Meta:
        verbose_name = _("change of a parked sale")
        verbose_name_plural = _("changes of parked sales")
        ordering = ["version"]
        constraints = [models.UniqueConstraint(fields=["parked", "version"], name="parkedstep_version")]

    def __str__(self) -> str:
        return f"{self.parked} {self.version}"
