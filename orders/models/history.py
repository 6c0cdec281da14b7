"""The history of an order."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import HistoryStep
from orders.models.orders import Order


class OrderEvent(HistoryStep):
    """One step in an order's life. Append-only, chained by hashes, written from the first step on."""

    order = models.ForeignKey(
        Order,
        models.PROTECT,
        related_name="events",
        verbose_name=_("order"),
        help_text=_("Whose life it is."),
        db_index=False,
    )
    seq = models.PositiveSmallIntegerField(_("step"), help_text=_("1 for the placing, then without gaps."))
    from_status = models.CharField(_("from"), max_length=10, blank=True, help_text=_("Empty for the first step."))
    to_status = models.CharField(_("to"), max_length=10, help_text=_("Where the step led."))
    pickup_at = models.DateTimeField(
        _("pickup from"), null=True, blank=True, help_text=_("Start of the pickup window, where the step moved it.")
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True, help_text=_("Why."))
    chain = models.CharField(_("chain"), max_length=64, help_text=_("SHA-256 over this step and the one before it."))

    class Meta:
        verbose_name = _("order event")
        verbose_name_plural = _("order history")
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["order", "seq"], name="orderevent_seq")]
        indexes = [BrinIndex(fields=["at"], name="orderevent_at", autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.from_status} > {self.to_status}"
