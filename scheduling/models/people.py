"""Who performs services, and where."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.money import MAX_MONEY, MoneyField
from common.search import sort_key_of
from scheduling.models.services import Service


class Professional(models.Model):
    """Somebody whose time can be booked."""

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the professional outside.")
    )
    name = models.CharField(_("name"), max_length=120, help_text=_("What customers read."))
    bio = models.TextField(_("about"), max_length=2000, blank=True, help_text=_("A few words for customers."))
    image = models.ImageField(
        _("picture"), upload_to="professionals/", blank=True, help_text=_("A portrait for customers.")
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("login"),
        help_text=_("A login that sees only this agenda; may be empty."),
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Switch off instead of deleting; nothing new is offered then."),
    )
    services = models.ManyToManyField(
        Service,
        through="scheduling.ProfessionalService",
        related_name="professionals",
        verbose_name=_("services"),
        help_text=_("What this professional performs."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Order in lists."))
    feed_version = models.PositiveSmallIntegerField(
        _("feed version"), default=1, editable=False, help_text=_("Raised to make the old calendar address useless.")
    )

    sort_key = sort_key_of("name", label=_("sort key"))

    class Meta:
        verbose_name = _("professional")
        verbose_name_plural = _("professionals")
        ordering = ["position", "sort_key", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="professional_has_name")]

    def __str__(self) -> str:
        return self.name


class ProfessionalService(models.Model):
    """A service somebody performs, perhaps at a price of their own."""

    professional = models.ForeignKey(
        Professional,
        models.CASCADE,
        related_name="performed",
        verbose_name=_("professional"),
        help_text=_("Who performs it."),
        db_index=False,
    )
    service = models.ForeignKey(
        Service, models.PROTECT, related_name="performed", verbose_name=_("service"), help_text=_("What is performed.")
    )
    price = MoneyField(
        verbose_name=_("price"), null=True, blank=True, help_text=_("Where it differs from the catalogue's.")
    )

    class Meta:
        verbose_name = _("performed service")
        verbose_name_plural = _("performed services")
        constraints = [
            models.UniqueConstraint(fields=["professional", "service"], name="professionalservice_once"),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0, price__lte=MAX_MONEY),
                name="professionalservice_price_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.professional} · {self.service}"


class Room(models.Model):
    """A place only one session can use at a time."""

    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("What the team calls it."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Whether it can be used at present."))
    sort_key = sort_key_of("name", label=_("sort key"))

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ["sort_key", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="room_has_name")]

    def __str__(self) -> str:
        return self.name
