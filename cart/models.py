"""An intention with a deadline: what a person means to buy, and the claims that keep it for them.

A cart past `expires_at` is expired whatever its status column says; the sweep only writes it down. A
line outlives its claim: it stays in the cart and is claimed again when the order is placed, if that is still possible.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from catalog.models import Variant
from catalog.units import MEASURED_SOLD_AT_ONCE
from common.money import MAX_MONEY, MoneyField

MAX_LINES = 50


class Cart(models.Model):
    """One person's cart, known by its unguessable id."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        ORDERED = "ordered", _("Ordered")
        EXPIRED = "expired", _("Expired")
        MERGED = "merged", _("Merged")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Proves a guest's cart.")
    )
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
        help_text=_("Whose cart it is; empty for a guest."),
        db_index=False,
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.OPEN, help_text=_("Whether it can change.")
    )
    address = models.CharField(
        _("internet address"), max_length=45, blank=True, help_text=_("Where it was opened from; of IPv6 the network.")
    )
    created_at = models.DateTimeField(_("created at"), help_text=_("When it was opened."))
    expires_at = models.DateTimeField(_("expires at"), help_text=_("When an untouched cart closes by itself."))

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        permissions = [("release_cart", _("Can free what carts keep"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["open", "ordered", "expired", "merged"]), name="cart_status_known"
            )
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="cart_open_expiry", condition=Q(status="open")),
            models.Index(fields=["customer", "-id"], name="cart_customer"),
            models.Index(fields=["address", "status"], name="cart_address", condition=~Q(address="")),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class CartLine(models.Model):
    """Some units of one SKU, or a visit, in a cart."""

    class Kind(models.TextChoices):
        GOODS = "goods", _("Goods")
        VISIT = "visit", _("Visit")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the line in the API.")
    )
    cart = models.ForeignKey(
        Cart, models.CASCADE, related_name="lines", verbose_name=_("cart"), help_text=_("The cart it belongs to.")
    )
    kind = models.CharField(
        _("kind"), max_length=5, choices=Kind.choices, default=Kind.GOODS, help_text=_("Goods, or a visit.")
    )
    variant = models.ForeignKey(
        Variant,
        models.PROTECT,
        related_name="+",
        verbose_name=_("variant"),
        help_text=_("What is wanted; of a visit, its first service."),
    )
    quantity = models.PositiveIntegerField(_("quantity"), help_text=_("How many units; a visit is one."))
    claim = models.UUIDField(
        _("claim"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Keeps the units or the time.")
    )
    held_since = models.DateTimeField(
        _("held since"),
        null=True,
        blank=True,
        help_text=_("When its units were first kept; they are not kept for ever."),
    )
    unit_price_seen = MoneyField(
        verbose_name=_("price seen"), help_text=_("Unit price when the line was last written; shows later changes.")
    )

    class Meta:
        verbose_name = _("cart line")
        verbose_name_plural = _("cart lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], condition=Q(kind="goods"), name="cartline_one_per_sku"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MEASURED_SOLD_AT_ONCE), name="cartline_quantity_bounds"
            ),
            models.CheckConstraint(condition=Q(kind="goods") | Q(quantity=1), name="cartline_visit_is_one"),
            models.CheckConstraint(
                condition=Q(unit_price_seen__gte=0, unit_price_seen__lte=MAX_MONEY), name="cartline_price_bounds"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.variant_id}"


class KeptUnits(models.Model):
    """For how long somebody has kept units of one SKU, over all their carts and lines.

    Outlives the lines, so that neither a new line nor a new cart keeps anything for longer than one line could. Rest
    takes from it what keeping has added; who has spent all of it rests until it is forgotten.
    """

    keeper = models.CharField(
        _("keeper"), max_length=320, help_text=_("A cart, a mailbox, a customer or an internet address, by name.")
    )
    variant = models.ForeignKey(
        Variant, models.CASCADE, related_name="+", verbose_name=_("variant"), help_text=_("What is kept.")
    )
    spent = models.DurationField(_("spent"), help_text=_("For how long units of it had been kept when it was counted."))
    counted_at = models.DateTimeField(_("counted at"), help_text=_("When that was; they have been kept since."))
    until = models.DateTimeField(_("until"), help_text=_("When the last of them come free by themselves."))

    class Meta:
        verbose_name = _("kept units")
        verbose_name_plural = _("kept units")
        constraints = [models.UniqueConstraint(fields=["keeper", "variant"], name="keptunits_once")]
        indexes = [models.Index(fields=["until"], name="keptunits_until")]

    def __str__(self) -> str:
        return f"{self.keeper} {self.variant_id}"
