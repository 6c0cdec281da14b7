"""When the shop is open: the stretches of a week, and the days on which it stays closed."""

from datetime import time

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shop.models.settings import ShopSettings


class OpeningHours(models.Model):
    """One stretch of opening on one weekday; a day may have several. Overlaps are refused by the database."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    shop = models.ForeignKey(
        ShopSettings,
        models.PROTECT,
        default=1,
        related_name="opening_hours",
        editable=False,
        verbose_name=_("shop"),
        help_text=_("The one shop."),
    )
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), choices=Weekday.choices, help_text=_("Monday is 0, Sunday is 6.")
    )
    opens = models.TimeField(_("opens"), help_text=_("Wall-clock time in the shop's zone, whole minutes."))
    closes = models.TimeField(_("closes"), help_text=_("Wall-clock time; 00:00 is the end of the day."))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__gte=0, weekday__lte=6), name="openinghours_weekday_known"),
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")) | Q(closes=time(0)), name="openinghours_opens_before_closing"
            ),
            models.CheckConstraint(condition=Q(opens__second=0, closes__second=0), name="openinghours_whole_minutes"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"


class Holiday(models.Model):
    """A day on which the shop stays closed, whatever the weekday says."""

    shop = models.ForeignKey(
        ShopSettings,
        models.PROTECT,
        default=1,
        related_name="holidays",
        editable=False,
        verbose_name=_("shop"),
        help_text=_("The one shop."),
    )
    date = models.DateField(_("date"), help_text=_("The day, in the shop's zone."))
    name = models.CharField(_("name"), max_length=80, help_text=_("What customers read."))

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["date"], name="holiday_date_once"),
            models.CheckConstraint(condition=~Q(name=""), name="holiday_has_name"),
        ]

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y} {self.name}"
