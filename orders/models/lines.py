"""The lines of an order: snapshots, and what was called off since."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cart.pricing import Visit
from catalog.models import Variant
from common.money import MoneyField
from orders.models.orders import Order, money_bounds
from orders.snapshots import Choices, choices_of, visit_of


class OrderLine(models.Model):
    """A snapshot of what one cart line promised."""

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the line in the API.")
    )
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="lines", verbose_name=_("order"), help_text=_("The order it belongs to.")
    )
    position = models.PositiveSmallIntegerField(_("position"), help_text=_("Its place in the order, from 1."))
    kind = models.CharField(
        _("kind"), max_length=5, choices=[("goods", _("Goods")), ("visit", _("Visit"))], help_text=_("Goods or visit.")
    )
    variant = models.ForeignKey(
        Variant,
        models.PROTECT,
        related_name="+",
        verbose_name=_("variant"),
        help_text=_("What was sold, as it is now."),
    )
    sku = models.CharField("SKU", max_length=64, help_text=_("The SKU when it was sold."))
    name = models.CharField(_("name"), max_length=300, help_text=_("The name when it was sold."))
    options = models.JSONField(_("options"), default=list, help_text=_("The options when it was sold."))
    quantity = models.PositiveSmallIntegerField(_("quantity"), help_text=_("Units sold; a visit is one."))
    unit_price = MoneyField(verbose_name=_("unit price"), help_text=_("Price of one unit when it was sold."))
    discount = MoneyField(verbose_name=_("discount"), default=0, help_text=_("Taken off this line."))
    line_total = MoneyField(verbose_name=_("line total"), help_text=_("Unit price times quantity, less the discount."))
    deposit = MoneyField(
        verbose_name=_("deposit"), default=0, db_default=0, help_text=_("What of it was asked when it was sold.")
    )
    claim = models.UUIDField(
        _("claim"), unique=True, editable=False, help_text=_("Keeps the units or the time until they are used.")
    )
    appointment = models.JSONField(
        _("appointment"), null=True, blank=True, help_text=_("Professional, start, end and zone when it was sold.")
    )

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="orderline_position"),
            models.CheckConstraint(condition=Q(quantity__gte=1, quantity__lte=999), name="orderline_quantity_bounds"),
            models.CheckConstraint(
                condition=money_bounds("unit_price", "discount", "line_total"), name="orderline_money_bounds"
            ),
            models.CheckConstraint(
                condition=Q(line_total=F("unit_price") * F("quantity") - F("discount")), name="orderline_total_adds_up"
            ),
            models.CheckConstraint(condition=money_bounds("deposit"), name="orderline_deposit_bounds"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.name}"

    @property
    def choices(self) -> Choices:
        """The options when it was sold, name and value."""
        return choices_of(self.options)

    @property
    def visit(self) -> Visit | None:
        """The visit as it was sold; None for goods."""
        return visit_of(self.appointment)

    @property
    def called_off(self) -> bool:
        """Whether it no longer counts, of a line read with its cancellation; a line just placed counts."""
        return getattr(self, "cancellation", None) is not None


class OrderLineCancellation(models.Model):
    """A line that was taken out of an order after it was placed, such as a visit called off. Append-only."""

    line = models.OneToOneField(
        OrderLine,
        models.PROTECT,
        related_name="cancellation",
        verbose_name=_("order line"),
        help_text=_("The line that no longer counts; its snapshot stays."),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True, help_text=_("Why."))
    at = models.DateTimeField(_("at"), help_text=_("When it was taken out."))

    class Meta:
        verbose_name = _("cancelled line")
        verbose_name_plural = _("cancelled lines")

    def __str__(self) -> str:
        return str(self.line)
