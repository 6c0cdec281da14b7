"""What is sold to whoever stands at the counter: what was handed over for it, and what went back."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cart.models import Cart
from catalog.models import Variant
from common.models import Acted, HistoryStep
from common.money import MAX_MONEY, MoneyField
from common.search import sort_key_of
from orders.models import Order
from till.models import TillSession


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


class AwaitedPix(Acted):
    """A sale that waits for a Pix of which its gateway tells. Its order keeps what is sold; it ends once."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SOLD = "sold", _("Sold")
        GIVEN_UP = "given_up", _("Given up")

    key = models.UUIDField(_("key"), unique=True, editable=False, help_text=_("The key of the sale."))
    fingerprint = models.CharField(_("fingerprint"), max_length=64, help_text=_("What was asked with the key."))
    order = models.ForeignKey(
        Order,
        models.PROTECT,
        related_name="+",
        verbose_name=_("order"),
        help_text=_("What is paid."),
    )
    own = models.BooleanField(_("own"), help_text=_("Whether the order was placed for this sale, and goes if it does."))
    amount = MoneyField(verbose_name=_("amount"), help_text=_("What is awaited by Pix."))
    parts = models.JSONField(_("parts"), default=list, help_text=_("What is paid otherwise once the Pix has come."))
    tips = models.JSONField(
        _("tips"), default=list, db_default=[], help_text=_("What is given beside the price once the Pix has come.")
    )
    visits = models.JSONField(_("visits"), default=list, help_text=_("The visits that the sale closes."))
    parked = models.ForeignKey(
        ParkedSale,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("parked sale"),
        help_text=_("The parked sale it was."),
        db_index=False,
    )
    session = models.ForeignKey(
        TillSession,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("session"),
        help_text=_("The drawer that the other parts go into, which stays open until then."),
        db_index=False,
    )
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.WAITING, help_text=_("How it ended.")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("Why it was given up."))
    at = models.DateTimeField(_("at"), help_text=_("When it began to wait."))
    until = models.DateTimeField(_("until"), help_text=_("Until when it waits."))
    ended_at = models.DateTimeField(_("ended at"), null=True, help_text=_("When it ended."))

    class Meta:
        verbose_name = _("awaited Pix")
        verbose_name_plural = _("awaited Pix payments")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(status="waiting"), name="awaitedpix_once_of_order"),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "sold", "given_up"]), name="awaitedpix_status_known"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MAX_MONEY), name="awaitedpix_amount_bounds"),
            models.CheckConstraint(
                condition=Q(status="waiting", ended_at__isnull=True) | ~Q(status="waiting") & Q(ended_at__isnull=False),
                name="awaitedpix_ended_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["until"], condition=Q(status="waiting"), name="awaitedpix_waiting"),
        ]

    def __str__(self) -> str:
        return str(self.order)


class Pinned(Acted):
    """A favourite that stays on top of the grid, in its place. Who pins replaces all of them."""

    variant = models.OneToOneField(
        Variant,
        models.CASCADE,
        related_name="+",
        verbose_name=_("variant"),
        help_text=_("What is pinned."),
    )
    position = models.PositiveSmallIntegerField(_("position"), help_text=_("1 for the first."))
    at = models.DateTimeField(_("at"), help_text=_("When it was pinned."))

    class Meta:
        verbose_name = _("pinned favourite")
        verbose_name_plural = _("pinned favourites")
        ordering = ["position", "pk"]
        permissions = [("pin_favourites", _("Can pin favourites at the counter"))]

    def __str__(self) -> str:
        return str(self.variant_id)
