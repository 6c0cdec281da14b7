"""Who may see figures, and sums of past days that figures are read from (docs/adr/0023).

A sum is never a second truth: it stands for the rows of its day only while nothing has marked that day. The database
marks a day itself when a row that counts for it changes (migration `0003_marks`).
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Report(models.Model):
    """Has no rows; carries the permission."""

    class Meta:
        managed = False
        default_permissions = ()
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        permissions = [("view_reports", _("Can see the figures of the shop"))]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class KeptDay(models.Model):
    """A past day whose sums are kept, and between which instants they were counted; others mean another day."""

    day = models.DateField(_("day"), primary_key=True, help_text=_("Which day, in the zone of the shop."))
    starts_at = models.DateTimeField(_("starts at"), help_text=_("From when on something counts for it."))
    ends_at = models.DateTimeField(_("ends at"), help_text=_("Until when something counts for it."))
    settled_from = models.BigIntegerField(
        _("settled from"),
        null=True,
        help_text=_("The transactions before this one may not have seen the day here; it is summed once they ended."),
    )
    kept_at = models.DateTimeField(_("kept at"), null=True, help_text=_("When it was summed; empty before."))

    class Meta:
        default_permissions = ()
        verbose_name = _("day kept")
        verbose_name_plural = _("days kept")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="keptday_ends_after_start")
        ]
        indexes = [models.Index(fields=["ends_at"], name="keptday_ends")]

    def __str__(self) -> str:
        return str(self.day)


class KeptSum(models.Model):
    """One sum of a kept day."""

    class What(models.TextChoices):
        MONEY = "money", _("Money by the way it went")
        TIME = "time", _("Money of visits by professional")
        SALES = "sales", _("Sales by channel")
        GOODS = "goods", _("Goods sold by SKU")

    day = models.ForeignKey(
        KeptDay, models.CASCADE, related_name="+", db_index=False, verbose_name=_("day"), help_text=_("Of which day.")
    )
    what = models.CharField(_("what"), max_length=5, choices=What.choices, help_text=_("What is summed."))
    key = models.CharField(
        _("key"), max_length=40, blank=True, help_text=_("Way, professional, channel or variant; empty of nobody's.")
    )
    came = models.BooleanField(_("came"), help_text=_("Whether it came, or went back."))
    count = models.IntegerField(_("count"), help_text=_("How many payments, refunds or orders."))
    units = models.BigIntegerField(_("units"), help_text=_("How many units of goods."))
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2, help_text=_("How much money."))
    goods = models.DecimalField(_("goods"), max_digits=16, decimal_places=2, help_text=_("How much of it for goods."))

    class Meta:
        default_permissions = ()
        verbose_name = _("sum of a day")
        verbose_name_plural = _("sums of days")
        constraints = [
            models.UniqueConstraint(fields=["day", "what", "key", "came"], name="keptsum_once"),
            models.CheckConstraint(
                condition=Q(what__in=["money", "time", "sales", "goods"]), name="keptsum_what_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.key}"


class DayMark(models.Model):
    """A row that counts for a kept day has changed: what is kept of that day is void. The database writes it."""

    day = models.DateField(_("day"), db_index=True, help_text=_("Which day."))

    class Meta:
        default_permissions = ()
        verbose_name = _("mark of a day")
        verbose_name_plural = _("marks of days")

    def __str__(self) -> str:
        return str(self.day)
