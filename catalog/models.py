"""What exists and what it costs: categories, products, their variants, their pictures.

A product is shown, a variant is sold: the SKU and the price stand on the variant, even of a product that has only one.
Nothing is ever deleted. What is no longer sold is archived, because orders and movements point at it.
"""

import uuid

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import CharField, F, Func, Q, TextField, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from catalog.deposits import NOTHING, WHOLE, Deposit
from catalog.units import Unit, unit_is_known
from common.models import HistoryStep
from common.money import MAX_MONEY, MoneyField
from common.search import sort_key_of

# The first line of the search key is the name alone, so that "Água" is sorted under A.
NAME_KEY = Func(F("search_key"), Value("\n"), Value(1), function="split_part", output_field=TextField())


class Category(models.Model):
    """A shelf of the shop; shelves may stand on shelves."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True, help_text=_("Names the category in addresses."))
    name = models.CharField(_("name"), max_length=80, help_text=_("As customers read it."))
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("within"),
        help_text=_("The category it belongs to; empty for one of the first rank."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Smaller numbers come first."))
    sort_key = sort_key_of("name", label=_("sort key"))

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "sort_key", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(slug=""), name="category_slug_given"),
            models.CheckConstraint(condition=~Q(name=""), name="category_name_given"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="category_not_its_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AsksDeposit(models.Model):
    """What of the price is asked when ordering. Of the two columns at most one says something."""

    deposit_percent = models.PositiveSmallIntegerField(
        _("deposit in percent"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(WHOLE)],
        help_text=_("Share of the price due when ordering, in percent."),
    )
    deposit_amount = MoneyField(
        verbose_name=_("deposit as an amount"),
        default=NOTHING,
        db_default=NOTHING,
        help_text=_("Due when ordering for each unit, and never more than its price."),
    )

    class Meta:
        abstract = True

    @property
    def deposit(self) -> Deposit:
        """How much is asked."""
        return Deposit(percent=self.deposit_percent, amount=self.deposit_amount)


DEPOSIT_BOUNDS = Q(deposit_percent__lte=WHOLE)
DEPOSIT_ONE_WAY = Q(deposit_amount=0) | Q(deposit_percent=0, deposit_amount__gt=0, deposit_amount__lte=MAX_MONEY)
"""Rules of every table that asks a deposit."""


class Product(AsksDeposit):
    """Something the shop sells: goods, or a service. The deposit of a service stands with its agenda."""

    class Kind(models.TextChoices):
        GOODS = "goods", _("Goods")
        SERVICE = "service", _("Service")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        ARCHIVED = "archived", _("Archived")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the product in the API.")
    )
    kind = models.CharField(
        _("kind"), max_length=8, choices=Kind.choices, default=Kind.GOODS, help_text=_("Units, or somebody's time.")
    )
    slug = models.SlugField(_("slug"), max_length=120, unique=True, help_text=_("Names the product in addresses."))
    name = models.CharField(_("name"), max_length=160, help_text=_("As customers read it."))
    description = models.TextField(_("description"), blank=True, help_text=_("What it is, in a few sentences."))
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        related_name="products",
        verbose_name=_("category"),
        help_text=_("The shelf it stands on."),
        db_index=False,
    )
    status = models.CharField(
        _("status"), max_length=9, choices=Status.choices, default=Status.DRAFT, help_text=_("Whether it is shown.")
    )
    search_key = models.TextField(
        _("search key"),
        editable=False,
        default="",
        help_text=_("Its words without accents and case, for searching; the first line is the name."),
    )
    pickup_lead_minutes = models.PositiveIntegerField(
        _("notice before pickup (minutes)"),
        null=True,
        blank=True,
        help_text=_("How long before the pickup it must be ordered; empty: as the shop does."),
    )
    created_at = models.DateTimeField(_("created at"), help_text=_("When it was written down first."))
    updated_at = models.DateTimeField(_("updated at"), help_text=_("When it was changed last."))

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["search_key", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(slug="") & ~Q(name=""), name="product_slug_and_name_given"),
            models.CheckConstraint(condition=Q(kind__in=["goods", "service"]), name="product_kind_known"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "published", "archived"]), name="product_status_known"
            ),
            models.CheckConstraint(
                condition=Q(pickup_lead_minutes__isnull=True) | Q(pickup_lead_minutes__lte=525_600),
                name="product_lead_bounds",
            ),
            models.CheckConstraint(condition=DEPOSIT_BOUNDS, name="product_deposit_bounds"),
            models.CheckConstraint(condition=DEPOSIT_ONE_WAY, name="product_deposit_one_way"),
            models.CheckConstraint(
                condition=Q(kind="goods") | Q(deposit_percent=0, deposit_amount=0), name="product_deposit_of_goods"
            ),
        ]
        indexes = [
            models.Index(F("status"), NAME_KEY, F("id"), name="product_status_name_key"),
            models.Index(fields=["status", "-created_at", "id"], name="product_status_newest"),
            models.Index(fields=["category", "status"], name="product_category_status"),
        ]

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """What is bought of a product: one SKU with one price."""

    sku = models.CharField(
        "SKU", max_length=64, unique=True, help_text=_("Letters, digits, dots, dashes, underscores.")
    )
    barcode = models.CharField(
        _("barcode"),
        max_length=14,
        blank=True,
        default="",
        db_default="",
        help_text=_("The number under its bars (GTIN), with its check digit."),
    )
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        related_name="variants",
        verbose_name=_("product"),
        help_text=_("The product it is a variant of."),
    )
    name = models.CharField(
        _("name"), max_length=120, blank=True, help_text=_("What sets it apart; empty where there is only one.")
    )
    price = MoneyField(verbose_name=_("price"), help_text=_("Of one piece, or of so many g or ml."))
    unit = models.CharField(
        _("unit"),
        max_length=5,
        choices=Unit.choices,
        default=Unit.PIECE,
        db_default=Unit.PIECE,
        help_text=_("What it is counted in; never changes, since its stock is counted in it."),
    )
    price_per = models.PositiveSmallIntegerField(
        _("price per"), default=1, db_default=1, help_text=_("How many units the price is for: 1 or 1,000.")
    )
    options = models.JSONField(
        _("options"),
        default=list,
        blank=True,
        help_text=_('What sets it apart, such as [{"name": ..., "value": ...}].'),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Smaller numbers come first."))
    is_active = models.BooleanField(_("for sale"), default=True, help_text=_("Whether it can be bought."))

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["barcode"], condition=~Q(barcode=""), name="variant_barcode_once"),
            models.CheckConstraint(
                condition=Q(barcode="") | Q(barcode__regex=r"^([0-9]{8}|[0-9]{12,14})$"), name="variant_barcode_form"
            ),
            models.CheckConstraint(condition=Q(sku__regex=r"^[A-Za-z0-9._-]{1,64}$"), name="variant_sku_form"),
            models.CheckConstraint(condition=Q(price__gte=0, price__lte=MAX_MONEY), name="variant_price_bounds"),
            models.CheckConstraint(
                condition=unit_is_known(),
                name="variant_unit_known",
            ),
            models.CheckConstraint(
                condition=Exact(Func(F("options"), function="jsonb_typeof", output_field=CharField()), Value("array")),
                name="variant_options_list",
            ),
        ]
        indexes = [models.Index(fields=["product", "price"], name="variant_active_price", condition=Q(is_active=True))]

    def __str__(self) -> str:
        return self.sku


class ProductImage(models.Model):
    """A picture of a product, checked and re-encoded when it was added."""

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the picture in the API.")
    )
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        related_name="images",
        verbose_name=_("product"),
        help_text=_("The product it shows."),
    )
    file = models.ImageField(
        _("picture"),
        upload_to="products/",
        width_field="width",
        height_field="height",
        help_text=_("JPEG, PNG or WebP, at most 5 MB."),
    )
    alt = models.CharField(
        _("description"), max_length=200, blank=True, help_text=_("What it shows, for people who cannot see it.")
    )
    width = models.PositiveIntegerField(_("width"), default=0, editable=False, help_text=_("In pixels."))
    height = models.PositiveIntegerField(_("height"), default=0, editable=False, help_text=_("In pixels."))
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("The first is the main picture."))

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.alt or str(self.file.name)


class ProductChange(HistoryStep):
    """One thing that somebody changed about a product. Append-only: the database refuses to edit or delete it."""

    product = models.ForeignKey(
        Product,
        models.PROTECT,
        related_name="changes",
        verbose_name=_("product"),
        help_text=_("What was changed."),
        db_index=False,
    )
    sku = models.CharField("SKU", max_length=64, blank=True, help_text=_("The variant, where only one was changed."))
    key = models.CharField(_("what"), max_length=40, help_text=_("Which of its properties."))
    old = models.TextField(_("before"), blank=True, help_text=_("As it was; empty for something new."))
    new = models.TextField(_("after"), blank=True, help_text=_("As it became; empty for something removed."))

    class Meta:
        verbose_name = _("change of a product")
        verbose_name_plural = _("changes of products")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["product", "-at"], name="productchange_product_at")]

    def __str__(self) -> str:
        return f"{self.product}: {self.key}"


class PriceRun(HistoryStep):
    """Many prices changed at once, or put back as they were. Append-only."""

    class Way(models.TextChoices):
        PERCENT = "percent", _("Per cent")
        AMOUNT = "amount", _("Amount")
        BACK = "back", _("Put back")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names it at the desk.")
    )
    way = models.CharField(_("way"), max_length=7, choices=Way.choices, help_text=_("How the prices were changed."))
    direction = models.CharField(_("direction"), max_length=4, blank=True, help_text=_("Up or down."))
    value = MoneyField(verbose_name=_("by how much"), help_text=_("Per cent, or an amount."))
    ending = models.CharField(_("ending"), max_length=2, blank=True, help_text=_("The cents that the prices end with."))
    undoes = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_by",
        verbose_name=_("undoes"),
        help_text=_("The change whose prices it put back."),
    )

    class Meta:
        verbose_name = _("change of many prices")
        verbose_name_plural = _("changes of many prices")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(way__in=["percent", "amount"], direction__in=["up", "down"], undoes__isnull=True)
                | Q(way="back", direction="", undoes__isnull=False),
                name="pricerun_way_and_direction",
            ),
        ]

    def __str__(self) -> str:
        return self.get_way_display()


class RepricedVariant(models.Model):
    """What the price of a variant was, and what it became. Append-only."""

    run = models.ForeignKey(
        PriceRun,
        models.PROTECT,
        related_name="rows",
        verbose_name=_("change of many prices"),
        help_text=_("Which change."),
        db_index=False,
    )
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="+", verbose_name=_("variant"), help_text=_("Whose price.")
    )
    old = MoneyField(verbose_name=_("before"), help_text=_("As it was."))
    new = MoneyField(verbose_name=_("after"), help_text=_("As it became."))

    class Meta:
        verbose_name = _("changed price")
        verbose_name_plural = _("changed prices")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "variant"], name="repricedvariant_once"),
            models.CheckConstraint(condition=~Q(old=F("new")), name="repricedvariant_differs"),
            models.CheckConstraint(
                condition=Q(old__gte=0, old__lte=MAX_MONEY, new__gte=0, new__lte=MAX_MONEY),
                name="repricedvariant_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"
