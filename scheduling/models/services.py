"""The bookable side of a catalogue variant of kind service, and services that are sold together."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import DEPOSIT_BOUNDS, DEPOSIT_ONE_WAY, AsksDeposit, Variant
from common.money import MAX_MONEY, MoneyField

MIN_DURATION = 5
MAX_DURATION = 1440
MAX_BUFFER = 240
MAX_CAPACITY = 500
MAX_SERVICES = 10
"""Services of one visit."""


def name_of(*, product: str, variant: str) -> str:
    """Return what customers read of a service, from the names of its product and its variant."""
    return f"{product} · {variant}" if variant and variant != product else product


class Service(AsksDeposit):
    """Something that takes a professional's time. Its price, name and pictures stay in the catalogue."""

    variant = models.OneToOneField(
        Variant,
        models.PROTECT,
        related_name="+",
        verbose_name=_("variant"),
        help_text=_("What the catalogue calls it and asks for it."),
    )
    duration_minutes = models.PositiveSmallIntegerField(
        _("duration"),
        validators=[MinValueValidator(MIN_DURATION), MaxValueValidator(MAX_DURATION)],
        help_text=_("Minutes it takes."),
    )
    buffer_before_minutes = models.PositiveSmallIntegerField(
        _("preparation before"),
        default=0,
        validators=[MaxValueValidator(MAX_BUFFER)],
        help_text=_("Minutes kept free before it."),
    )
    buffer_after_minutes = models.PositiveSmallIntegerField(
        _("cleaning after"),
        default=0,
        validators=[MaxValueValidator(MAX_BUFFER)],
        help_text=_("Minutes kept free after it."),
    )
    granularity_minutes = models.PositiveSmallIntegerField(
        _("starts every"),
        null=True,
        blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(240)],
        help_text=_("Minutes between two offered starts; empty: as the shop does."),
    )
    lead_time_minutes = models.PositiveIntegerField(
        _("minimum notice"),
        null=True,
        blank=True,
        help_text=_("Minutes between booking and the first possible start; empty: as the shop does."),
    )
    horizon_days = models.PositiveSmallIntegerField(
        _("bookable up to"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(730)],
        help_text=_("Days ahead for which it can be booked; empty: as the shop does."),
    )
    capacity = models.PositiveSmallIntegerField(
        _("places"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_CAPACITY)],
        help_text=_("How many customers share one session; 1 for a service given to one at a time."),
    )
    overlap_tolerance_minutes = models.PositiveSmallIntegerField(
        _("overlap tolerated"),
        null=True,
        blank=True,
        help_text=_("Minutes by which the next appointment may overlap its end; empty: as the shop does."),
    )
    fit_gaps = models.BooleanField(
        _("fill gaps"),
        default=False,
        help_text=_("Also offer starts beside other appointments, so that no time is lost between them."),
    )
    rooms = models.ManyToManyField(
        "scheduling.Room",
        blank=True,
        related_name="services",
        verbose_name=_("rooms"),
        help_text=_("Rooms it may take place in; empty: it needs none."),
    )
    requires_confirmation = models.BooleanField(
        _("shop confirms"), default=False, help_text=_("Whether each booking waits for the shop's answer.")
    )

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        constraints = [
            models.CheckConstraint(
                condition=Q(duration_minutes__gte=MIN_DURATION, duration_minutes__lte=MAX_DURATION),
                name="service_duration_bounds",
            ),
            models.CheckConstraint(
                condition=Q(buffer_before_minutes__lte=MAX_BUFFER, buffer_after_minutes__lte=MAX_BUFFER),
                name="service_buffer_bounds",
            ),
            models.CheckConstraint(
                condition=Q(granularity_minutes__isnull=True)
                | Q(granularity_minutes__gte=5, granularity_minutes__lte=240),
                name="service_granularity_bounds",
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=1, capacity__lte=MAX_CAPACITY), name="service_capacity_bounds"
            ),
            models.CheckConstraint(
                condition=Q(overlap_tolerance_minutes__isnull=True)
                | Q(overlap_tolerance_minutes__lt=F("duration_minutes")),
                name="service_tolerance_shorter_than_duration",
            ),
            models.CheckConstraint(
                condition=Q(horizon_days__isnull=True) | Q(horizon_days__gte=1, horizon_days__lte=730),
                name="service_horizon_bounds",
            ),
            models.CheckConstraint(condition=DEPOSIT_BOUNDS, name="service_deposit_bounds"),
            models.CheckConstraint(condition=DEPOSIT_ONE_WAY, name="service_deposit_one_way"),
        ]

    def __str__(self) -> str:
        return str(self.variant)

    @property
    def name(self) -> str:
        """What customers read."""
        return name_of(product=self.variant.product.name, variant=self.variant.name)


class Combination(models.Model):
    """Services that cost and take something else together than one by one: cut and beard is 45 minutes and R$ 70.

    `service_set` is what it is known by: the keys of its services in order of size. The database lets no two
    combinations have the same ones, and refuses a set that is not that of `services` (`combination_set_of_services`).
    """

    services = models.ManyToManyField(
        Service, related_name="combinations", verbose_name=_("services"), help_text=_("What is done in one visit.")
    )
    service_set = ArrayField(
        models.BigIntegerField(),
        editable=False,
        verbose_name=_("set of services"),
        help_text=_("The keys of its services in order of size."),
    )
    price = MoneyField(verbose_name=_("price"), help_text=_("What they cost together, with whoever performs them."))
    duration_minutes = models.PositiveSmallIntegerField(
        _("duration"),
        validators=[MinValueValidator(MIN_DURATION), MaxValueValidator(MAX_DURATION)],
        help_text=_("Minutes they take together."),
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Switch off instead of deleting; each service counts for itself then.")
    )

    class Meta:
        verbose_name = _("combination")
        verbose_name_plural = _("combinations")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["service_set"], name="combination_once"),
            models.CheckConstraint(
                condition=Q(service_set__len__gte=2, service_set__len__lte=MAX_SERVICES),
                name="combination_of_several_services",
            ),
            models.CheckConstraint(
                condition=Q(
                    duration_minutes__gte=MIN_DURATION,
                    duration_minutes__lte=MAX_DURATION,
                    service_set__len__lte=F("duration_minutes"),
                ),
                name="combination_duration_bounds",
            ),
            models.CheckConstraint(condition=Q(price__gte=0, price__lte=MAX_MONEY), name="combination_price_bounds"),
        ]

    def __str__(self) -> str:
        services = sorted(self.services.all(), key=lambda service: service.pk)
        return " + ".join(service.name for service in services)
