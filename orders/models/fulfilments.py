"""Goods of an order on their way to the customer."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.units import counted
from orders.models.lines import OrderLine
from orders.models.orders import Order


class Fulfilment(models.Model):
    """Some units of an order on their way to the customer."""

    class Status(models.TextChoices):
        OPEN = "open", _("To prepare")
        PICKED = "picked", _("Prepared")
        READY = "ready", _("Ready for pickup")
        SHIPPED = "shipped", _("Shipped")
        DELIVERED = "delivered", _("Delivered")
        RETURNED = "returned", _("Returned")
        CANCELLED = "cancelled", _("Cancelled")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names it in the API.")
    )
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="fulfilments", verbose_name=_("order"), help_text=_("Whose units.")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.OPEN, help_text=_("Where it stands.")
    )
    tracking = models.CharField(_("tracking code"), max_length=100, blank=True, help_text=_("The carrier's code."))
    created_at = models.DateTimeField(_("created at"), help_text=_("When it was begun."))
    changed_at = models.DateTimeField(_("changed at"), help_text=_("When its status last changed."))

    class Meta:
        verbose_name = _("fulfilment")
        verbose_name_plural = _("fulfilments")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["open", "picked", "ready", "shipped", "delivered", "returned", "cancelled"]),
                name="fulfilment_status_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order} · {self.get_status_display()}"


class FulfilmentLine(models.Model):
    """Units of one order line in a fulfilment."""

    fulfilment = models.ForeignKey(
        Fulfilment,
        models.PROTECT,
        related_name="lines",
        verbose_name=_("fulfilment"),
        help_text=_("The fulfilment they are in."),
        db_index=False,
    )
    line = models.ForeignKey(
        OrderLine, models.PROTECT, related_name="+", verbose_name=_("order line"), help_text=_("The line they are of.")
    )
    quantity = models.PositiveIntegerField(_("quantity"), help_text=_("How many units."))

    class Meta:
        verbose_name = _("fulfilment line")
        verbose_name_plural = _("fulfilment lines")
        constraints = [
            models.UniqueConstraint(fields=["fulfilment", "line"], name="fulfilmentline_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="fulfilmentline_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.line_id}"

    @property
    def words(self) -> str:
        """How many of what, as the desk says it."""
        return counted(quantity=self.quantity, unit=self.line.unit, name=self.line.name, sign="×")
