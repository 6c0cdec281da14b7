"""When professionals work: every week, on one day, and when they are away.

Minutes count from midnight of the day in the shop's zone; `closes` may pass 1440, which is how a shift runs past
midnight.
"""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.models.people import Professional

OPENS_BEFORE = 1440
CLOSES_UP_TO = 2880


def clock(minutes: int) -> str:
    """Write minutes past midnight as people do: 1500 is "01:00 (+1)"."""
    days, minute = divmod(minutes, 1440)
    text = f"{minute // 60:02d}:{minute % 60:02d}"
    return f"{text} (+{days})" if days and minutes != OPENS_BEFORE else ("24:00" if days else text)


class AvailabilityRule(models.Model):
    """A stretch of work every week. A professional may have any number; where they overlap they are one."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    professional = models.ForeignKey(
        Professional, models.CASCADE, related_name="rules", verbose_name=_("professional"), help_text=_("Who works.")
    )
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), choices=Weekday.choices, help_text=_("Monday is 0, Sunday is 6.")
    )
    opens = models.PositiveSmallIntegerField(_("from"), help_text=_("Minutes after midnight, in the shop's zone."))
    closes = models.PositiveSmallIntegerField(
        _("until"), help_text=_("Minutes after midnight of the same day; past 1440 it ends the next day.")
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True, help_text=_("First day it applies to."))
    valid_until = models.DateField(_("valid until"), null=True, blank=True, help_text=_("Last day it applies to."))

    class Meta:
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__gte=0, weekday__lte=6), name="availabilityrule_weekday_known"),
            models.CheckConstraint(
                condition=Q(opens__lt=OPENS_BEFORE, closes__gt=F("opens"), closes__lte=CLOSES_UP_TO),
                name="availabilityrule_hours_bounds",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_from__lte=F("valid_until")),
                name="availabilityrule_valid_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {clock(self.opens)}-{clock(self.closes)}"


class DateOverride(models.Model):
    """One day that differs from the week: its rows replace the weekly hours, even on a holiday of the shop."""

    professional = models.ForeignKey(
        Professional,
        models.CASCADE,
        related_name="overrides",
        verbose_name=_("professional"),
        help_text=_("Whose day it is."),
        db_index=False,
    )
    date = models.DateField(_("day"), help_text=_("The day, in the shop's zone."))
    opens = models.PositiveSmallIntegerField(
        _("from"), null=True, blank=True, help_text=_("Minutes after midnight; empty: closed that day.")
    )
    closes = models.PositiveSmallIntegerField(
        _("until"), null=True, blank=True, help_text=_("Minutes after midnight; past 1440 it ends the next day.")
    )

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        ordering = ["date", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["professional", "date", "opens"], name="dateoverride_once"),
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True)
                | Q(opens__lt=OPENS_BEFORE, closes__gt=F("opens"), closes__lte=CLOSES_UP_TO),
                name="dateoverride_hours_bounds",
            ),
        ]

    def __str__(self) -> str:
        hours = (
            _("closed") if self.opens is None or self.closes is None else f"{clock(self.opens)}-{clock(self.closes)}"
        )
        return f"{self.date:%d/%m/%Y} {hours}"


class TimeOff(models.Model):
    """An absence between two instants."""

    professional = models.ForeignKey(
        Professional,
        models.CASCADE,
        related_name="time_off",
        verbose_name=_("professional"),
        help_text=_("Who is away."),
        db_index=False,
    )
    starts_at = models.DateTimeField(_("from"), help_text=_("First instant away."))
    ends_at = models.DateTimeField(_("until"), help_text=_("First instant back."))
    reason = models.CharField(
        _("reason"), max_length=200, blank=True, help_text=_("For the team; customers never see it.")
    )

    class Meta:
        verbose_name = _("time off")
        verbose_name_plural = _("time off")
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="timeoff_ends_after_start"),
        ]
        indexes = [models.Index(fields=["professional", "ends_at"], name="timeoff_professional_end")]

    def __str__(self) -> str:
        return f"{self.professional} {timezone.localtime(self.starts_at):%d/%m/%Y %H:%M}"
