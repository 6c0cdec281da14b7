"""By which rules commissions are earned."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Category, Product
from common.models import Acted
from common.money import MAX_MONEY, MoneyField
from scheduling.models import Professional, Service


class CommissionRule(Acted):
    """What a professional earns of something. It never changes; it may be given its end, and another may follow."""

    class Scope(models.TextChoices):
        SERVICE = "service", _("One service")
        PRODUCT = "product", _("One product")
        CATEGORY = "category", _("A category")
        EVERYTHING = "everything", _("Everything of its kind")

    class Kind(models.TextChoices):
        VISIT = "visit", _("All services")
        GOODS = "goods", _("All products")

    class Bearer(models.TextChoices):
        SHOP = "shop", _("The shop")
        BOTH = "both", _("Both, in proportion")
        PROFESSIONAL = "professional", _("The professional")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the rule outside.")
    )
    professional = models.ForeignKey(
        Professional, models.PROTECT, related_name="+", verbose_name=_("professional"), help_text=_("Who earns.")
    )
    scope = models.CharField(
        _("what for"), max_length=10, choices=Scope.choices, help_text=_("The nearest one holds, in this order.")
    )
    service = models.ForeignKey(
        Service,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("service"),
        help_text=_("Which service."),
        db_index=False,
    )
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
        help_text=_("Which product."),
        db_index=False,
    )
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
        help_text=_("Which category, with those within it."),
        db_index=False,
    )
    kind = models.CharField(
        _("kind"), max_length=5, choices=Kind.choices, blank=True, help_text=_("All services, or all products.")
    )
    percent = models.DecimalField(
        _("share in %"), max_digits=5, decimal_places=2, null=True, blank=True, help_text=_("Of the price.")
    )
    amount = MoneyField(
        verbose_name=_("amount"), null=True, blank=True, help_text=_("For each service, or for each unit sold.")
    )
    discount_borne_by = models.CharField(
        _("who bears a discount"),
        max_length=12,
        choices=Bearer.choices,
        default=Bearer.BOTH,
        help_text=_(
            "The shop: the price before the discount counts. Both: the price after it. The professional: all of it is "
            "taken off the commission."
        ),
    )
    fee_borne_by = models.CharField(
        _("who bears the fee of card and Pix"),
        max_length=12,
        choices=Bearer.choices,
        default=Bearer.SHOP,
        help_text=_("Both: it is taken off the price first. The professional: all of it is taken off the commission."),
    )
    card_fee = models.DecimalField(
        _("fee of the card in %"), max_digits=4, decimal_places=2, default=0, help_text=_("What the machine charges.")
    )
    pix_fee = models.DecimalField(
        _("fee of Pix in %"), max_digits=4, decimal_places=2, default=0, help_text=_("Nothing, in most shops.")
    )
    consumables = MoneyField(
        verbose_name=_("supplies"), default=0, help_text=_("Taken off the price first, for each service or unit.")
    )
    valid_from = models.DateField(_("valid from"), help_text=_("The first day on which it counts."))
    starts_at = models.DateTimeField(
        _("begins at"), editable=False, help_text=_("When it begins to count; never before it was written.")
    )
    ends_at = models.DateTimeField(
        _("ends at"), null=True, blank=True, editable=False, help_text=_("From when it counts no longer.")
    )
    created_at = models.DateTimeField(_("created at"), editable=False, help_text=_("When it was written."))

    class Meta:
        verbose_name = _("commission rule")
        verbose_name_plural = _("commission rules")
        ordering = ["professional", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope="service", service__isnull=False, product=None, category=None, kind="")
                | Q(scope="product", product__isnull=False, service=None, category=None, kind="")
                | Q(scope="category", category__isnull=False, service=None, product=None, kind="")
                | Q(scope="everything", kind__in=["visit", "goods"], service=None, product=None, category=None),
                name="commissionrule_for_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100, amount__isnull=True)
                | Q(percent__isnull=True, amount__gt=0, amount__lte=MAX_MONEY),
                name="commissionrule_percent_or_amount",
            ),
            models.CheckConstraint(
                condition=Q(discount_borne_by__in=["shop", "both", "professional"])
                & Q(fee_borne_by__in=["shop", "both", "professional"]),
                name="commissionrule_bearer_known",
            ),
            models.CheckConstraint(
                condition=Q(card_fee__gte=0, card_fee__lte=30, pix_fee__gte=0, pix_fee__lte=30),
                name="commissionrule_fee_bounds",
            ),
            models.CheckConstraint(
                condition=Q(fee_borne_by="shop", card_fee=0, pix_fee=0)
                | (~Q(fee_borne_by="shop") & (Q(card_fee__gt=0) | Q(pix_fee__gt=0))),
                name="commissionrule_fee_where_shared",
            ),
            models.CheckConstraint(
                condition=Q(consumables__gte=0, consumables__lte=MAX_MONEY), name="commissionrule_consumables_bounds"
            ),
            models.CheckConstraint(
                condition=Q(starts_at__gte=F("created_at")), name="commissionrule_begins_after_writing"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="commissionrule_ends_after_beginning",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.professional} · {self.get_scope_display()}"
