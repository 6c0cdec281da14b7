"""The lines of an order: snapshots, and what was called off since."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from cart.pricing import Visit
from catalog.models import Variant
from catalog.units import MEASURED_SOLD_AT_ONCE, PIECES_SOLD_AT_ONCE, Unit, counted, unit_is_known
from common.money import MoneyField
from orders.models.orders import Order, money_bounds
from orders.snapshots import Choices, choices_of, visit_of


class OrderLine(models.Model):
    """A snapshot of what one cart line promised."""

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the line in the API.")
    )
    order = models.ForeignKey(
        Order,
        models.PROTECT,
        related_name="lines",
        verbose_name=_("order"),
        help_text=_("The order it belongs to."),
        db_index=False,
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
    quantity = models.PositiveIntegerField(_("quantity"), help_text=_("Units sold; a visit is one."))
    unit = models.CharField(
        _("unit"),
        max_length=5,
        choices=Unit.choices,
        default=Unit.PIECE,
        db_default=Unit.PIECE,
        help_text=_("What the quantity is counted in."),
    )
    price_per = models.PositiveSmallIntegerField(
        _("price per"), default=1, db_default=1, help_text=_("How many units the price is for: 1 or 1,000.")
    )
    unit_price = MoneyField(verbose_name=_("unit price"), help_text=_("Price when it was sold, of so many units."))
    discount = MoneyField(verbose_name=_("discount"), default=0, help_text=_("Taken off this line."))
    line_total = MoneyField(verbose_name=_("line total"), help_text=_("What the quantity costs, less the discount."))
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
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MEASURED_SOLD_AT_ONCE)
                & (~Q(unit=Unit.PIECE) | Q(quantity__lte=PIECES_SOLD_AT_ONCE)),
                name="orderline_quantity_bounds",
            ),
            models.CheckConstraint(
                condition=unit_is_known(),
                name="orderline_unit_known",
            ),
            models.CheckConstraint(
                condition=money_bounds("unit_price", "discount", "line_total"), name="orderline_money_bounds"
            ),
            models.CheckConstraint(
                condition=Q(
                    line_total=Round(F("unit_price") * F("quantity") / F("price_per"), precision=2) - F("discount")
                ),
                name="orderline_total_adds_up",
            ),
            models.CheckConstraint(condition=money_bounds("deposit"), name="orderline_deposit_bounds"),
        ]
        indexes = [models.Index(fields=["order"], name="orderline_visits", condition=Q(kind="visit"))]

    def __str__(self) -> str:
        return counted(quantity=self.quantity, unit=self.unit, name=self.name)

    @property
    def words(self) -> str:
        """How many of what, as the desk says it."""
        return counted(quantity=self.quantity, unit=self.unit, name=self.name, sign="×")

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
