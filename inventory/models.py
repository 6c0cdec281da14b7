"""Units that can be sold: what lies on the shelf, what is spoken for, and every change of it.

`reserved` is the sum of the reservation rows and never exceeds `on_hand`; `on_hand` is the sum of the movements.
An expired reservation still counts in `reserved` until a writer or the sweep deletes it, so *available* is
read through the selectors, never computed from the two columns alone.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from common.models import Acted, HistoryStep

MAX_ON_HAND = 1_000_000_000


class StockItem(models.Model):
    """The units of one SKU in the shop."""

    variant = models.OneToOneField(
        Variant, models.PROTECT, related_name="+", verbose_name=_("variant"), help_text=_("The SKU these units are of.")
    )
    on_hand = models.PositiveIntegerField(
        _("on hand"), default=0, help_text=_("Units physically in the shop; always the sum of the movements.")
    )
    reserved = models.PositiveIntegerField(
        _("reserved"), default=0, help_text=_("Units kept for carts and orders; always the sum of the reservations.")
    )
    low_stock_at = models.PositiveIntegerField(
        _("warn at"), default=0, help_text=_("The desk warns when the available units fall to this number.")
    )

    class Meta:
        verbose_name = _("stock item")
        verbose_name_plural = _("stock")
        permissions = [("adjust_stock", _("Can receive, remove and count stock"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(reserved__gte=0) & Q(reserved__lte=F("on_hand")), name="stockitem_reserved_within_on_hand"
            ),
            models.CheckConstraint(
                condition=Q(on_hand__gte=0) & Q(on_hand__lte=MAX_ON_HAND), name="stockitem_on_hand_bounds"
            ),
        ]

    def __str__(self) -> str:
        return str(self.variant)


class StockMovement(HistoryStep):
    """One change of `on_hand`. Append-only: the database refuses to edit or delete it."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("Received")
        REMOVED = "removed", _("Removed")
        COUNTED = "counted", _("Counted")
        SOLD = "sold", _("Sold")
        RETURNED = "returned", _("Returned")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the movement outside.")
    )
    stock_item = models.ForeignKey(
        StockItem,
        models.PROTECT,
        related_name="movements",
        verbose_name=_("stock item"),
        help_text=_("Whose units moved."),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, help_text=_("What kind of change it was."))
    delta = models.IntegerField(_("change"), help_text=_("Units added (positive) or taken away (negative)."))
    on_hand_after = models.PositiveIntegerField(_("on hand after"), help_text=_("Units in the shop after the change."))
    reason = models.CharField(_("reason"), max_length=200, help_text=_("Why, in the words of whoever did it."))
    reference = models.CharField(
        _("reference"),
        max_length=64,
        blank=True,
        help_text=_("What caused it outside the stock, such as a fulfilment."),
    )
    claim = models.UUIDField(
        _("claim"), null=True, blank=True, help_text=_("The claim under which the units had been kept, if any.")
    )

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "kind", "reference"], name="stockmovement_once_per_cause"),
            models.CheckConstraint(condition=~Q(delta=0) | Q(kind="counted"), name="stockmovement_delta_not_zero"),
            models.CheckConstraint(
                condition=Q(kind__in=["received", "returned"], delta__gt=0)
                | Q(kind__in=["removed", "sold"], delta__lt=0)
                | Q(kind="counted"),
                name="stockmovement_sign_of_kind",
            ),
        ]
        indexes = [models.Index(fields=["stock_item", "-at"], name="stockmovement_item_at")]

    def __str__(self) -> str:
        return f"{self.delta:+d}"


class StockReservation(models.Model):
    """Units of one SKU kept under an opaque claim. The row exists exactly as long as the units count as reserved."""

    stock_item = models.ForeignKey(
        StockItem,
        models.PROTECT,
        related_name="reservations",
        verbose_name=_("stock item"),
        help_text=_("Whose units are kept."),
    )
    claim = models.UUIDField(
        _("claim"), unique=True, help_text=_("The cart line or order line that keeps them; opaque to the stock.")
    )
    quantity = models.PositiveIntegerField(_("quantity"), help_text=_("How many units are kept."))
    allocated = models.BooleanField(
        _("allocated"), default=False, help_text=_("Whether an order owns the units; a cart only holds them.")
    )
    expires_at = models.DateTimeField(
        _("expires at"), null=True, blank=True, help_text=_("When the units come free by themselves; empty: never.")
    )

    class Meta:
        verbose_name = _("stock reservation")
        verbose_name_plural = _("stock reservations")
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1), name="stockreservation_quantity_positive")]
        indexes = [
            models.Index(fields=["expires_at"], name="stockreservation_expiry", condition=Q(expires_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"


class StockCount(models.Model):
    """A shelf that is counted, by one person or several, without seeing what should lie there.

    Nothing moves before it is applied. It waits as long as it likes: what each line is compared with is the stock at
    the moment in which that line was counted, so what is sold meanwhile is not lost.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Being counted")
        COMPARED = "compared", _("Compared")
        APPLIED = "applied", _("Applied")
        DROPPED = "dropped", _("Dropped")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the count at the desk.")
    )
    label = models.CharField(_("what is counted"), max_length=120, help_text=_("What is counted, as people call it."))
    category = models.SlugField(
        _("category"), max_length=80, blank=True, help_text=_("The category whose goods stand on it; empty: any.")
    )
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.OPEN, help_text=_("How far it has come.")
    )
    version = models.PositiveIntegerField(
        _("version"), default=1, help_text=_("Raised by every change, so that what is applied is what was looked at.")
    )
    comparisons = models.PositiveIntegerField(
        _("comparisons"), default=0, help_text=_("How often somebody looked at the differences.")
    )
    opened_at = models.DateTimeField(_("opened at"), help_text=_("When the count began."))
    changed_at = models.DateTimeField(_("changed at"), help_text=_("When it was changed last."))

    class Meta:
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["open", "compared", "applied", "dropped"]), name="stockcount_status_known"
            ),
            models.CheckConstraint(condition=~Q(label=""), name="stockcount_label_given"),
        ]

    def __str__(self) -> str:
        return self.label


class CountedLine(Acted):
    """So many of a SKU as somebody counted them, and the stock at that moment."""

    count = models.ForeignKey(
        StockCount,
        models.PROTECT,
        related_name="lines",
        verbose_name=_("stock count"),
        help_text=_("Of which count."),
        db_index=False,
    )
    stock_item = models.ForeignKey(
        StockItem,
        models.PROTECT,
        related_name="+",
        verbose_name=_("stock item"),
        help_text=_("Which units were counted."),
    )
    quantity = models.PositiveIntegerField(_("counted"), help_text=_("Units found."))
    expected = models.PositiveIntegerField(_("expected"), help_text=_("Units on hand when they were counted."))
    last_movement = models.BigIntegerField(
        _("last movement"), default=0, help_text=_("The latest movement of these units when they were counted.")
    )
    version = models.PositiveIntegerField(_("version"), default=1, help_text=_("Raised by every count of this SKU."))
    at = models.DateTimeField(_("at"), help_text=_("When they were counted."))

    class Meta:
        verbose_name = _("counted line")
        verbose_name_plural = _("counted lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["count", "stock_item"], name="countedline_once"),
            models.CheckConstraint(condition=Q(quantity__lte=MAX_ON_HAND), name="countedline_quantity_bounds"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"


class CountStep(HistoryStep):
    """Where somebody led a count. Append-only."""

    count = models.ForeignKey(
        StockCount,
        models.PROTECT,
        related_name="steps",
        verbose_name=_("stock count"),
        help_text=_("Which count."),
        db_index=False,
    )
    version = models.PositiveIntegerField(_("version"), help_text=_("Which version it became."))
    status = models.CharField(
        _("status"), max_length=8, choices=StockCount.Status.choices, help_text=_("Where the step led.")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("Why it was corrected."))

    class Meta:
        verbose_name = _("step of a stock count")
        verbose_name_plural = _("steps of stock counts")
        ordering = ["version"]
        constraints = [models.UniqueConstraint(fields=["count", "version"], name="countstep_version")]

    def __str__(self) -> str:
        return f"{self.count} {self.version}"
