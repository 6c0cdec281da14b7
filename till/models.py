"""Cash that lies in the shop: tills, who works at which and from when to when, what was put in, taken out and counted.

A session is one person's drawer at one till. Money that is taken or given back at the counter names the session it went
through (`payments`); this app knows neither orders nor payments. What is written here is never edited: a session is
opened and closed once, everything else is append-only.
"""

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.models import Acted, HistoryStep
from common.money import MAX_MONEY, MoneyField

TENDERS = ("cash", "card", "pix")
"""What is handed over at a counter. What nobody said of, lies in the drawer: it counts as cash."""


class Till(models.Model):
    """A place where money is taken."""

    name = models.CharField(_("name"), max_length=60, unique=True, help_text=_("What the team calls it."))
    active = models.BooleanField(_("in use"), default=True, help_text=_("Whether drawers are opened at it."))

    class Meta:
        verbose_name = _("till")
        verbose_name_plural = _("tills")
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="till_has_name")]

    def __str__(self) -> str:
        return self.name


class TillSession(Acted):
    """One person's drawer at one till, from its opening to its close; `actor` is the person, the shop itself nobody."""

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the session outside.")
    )
    till = models.ForeignKey(
        Till, models.PROTECT, related_name="+", verbose_name=_("till"), help_text=_("Where the drawer is.")
    )
    opening_float = MoneyField(verbose_name=_("float"), help_text=_("Cash that lay in the drawer to begin with."))
    opened_by_itself = models.BooleanField(
        _("opened by itself"), default=False, help_text=_("Whether money came before anybody had opened a drawer.")
    )
    opened_at = models.DateTimeField(_("opened at"), help_text=_("When it was opened."))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, help_text=_("When it was closed."))

    class Meta:
        verbose_name = _("session of a drawer")
        verbose_name_plural = _("sessions of drawers")
        ordering = ["-pk"]
        permissions = [
            ("use_drawer", _("Can open, move cash in and close their own drawer")),
            ("close_any_drawer", _("Can see and close everybody's drawers")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["till", "actor_kind", "actor_id"],
                condition=Q(closed_at__isnull=True),
                name="tillsession_one_open",
            ),
            models.CheckConstraint(
                condition=Q(opening_float__gte=0, opening_float__lte=MAX_MONEY), name="tillsession_float_bounds"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="tillsession_closed_after_opened",
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], name="tillsession_opened")]

    def __str__(self) -> str:
        return str(self.public_id)


class CashMovement(HistoryStep):
    """Cash put into a drawer or taken out of it for another reason than a sale. Append-only."""

    class Kind(models.TextChoices):
        IN = "in", _("Put in")
        OUT = "out", _("Taken out")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the movement outside.")
    )
    session = models.ForeignKey(
        TillSession, models.PROTECT, related_name="movements", verbose_name=_("session"), help_text=_("Which drawer.")
    )
    kind = models.CharField(_("kind"), max_length=3, choices=Kind.choices, help_text=_("Which way the cash went."))
    amount = MoneyField(verbose_name=_("amount"), help_text=_("How much."))
    reason = models.CharField(_("reason"), max_length=200, help_text=_("Why, in the words of whoever did it."))

    class Meta:
        verbose_name = _("movement of cash")
        verbose_name_plural = _("movements of cash")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MAX_MONEY), name="cashmovement_amount_bounds"),
            models.CheckConstraint(condition=Q(kind__in=["in", "out"]), name="cashmovement_kind_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="cashmovement_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"


class Counted(Acted):
    """What somebody counted, by tender, beside what should have been there at that moment."""

    counted_cash = MoneyField(verbose_name=_("counted in cash"), help_text=_("Cash in the drawer, float included."))
    counted_card = MoneyField(verbose_name=_("counted by card"), help_text=_("Sum of the card machine's slips."))
    counted_pix = MoneyField(verbose_name=_("counted by Pix"), help_text=_("Sum of the Pix received."))
    expected_cash = MoneyField(verbose_name=_("expected in cash"), help_text=_("Float, sales, in, out and refunds."))
    expected_card = MoneyField(verbose_name=_("expected by card"), help_text=_("Sales less refunds."))
    expected_pix = MoneyField(verbose_name=_("expected by Pix"), help_text=_("Sales less refunds."))
    at = models.DateTimeField(_("at"), help_text=_("When it was written down."))

    class Meta:
        abstract = True

    @property
    def counted(self) -> dict[str, Decimal]:
        """What was counted, by tender."""
        return {tender: getattr(self, f"counted_{tender}") for tender in TENDERS}

    @property
    def expected(self) -> dict[str, Decimal]:
        """What should have been there, by tender."""
        return {tender: getattr(self, f"expected_{tender}") for tender in TENDERS}

    @property
    def differences(self) -> dict[str, Decimal]:
        """What was counted beyond what should have been there, by tender; negative where something is missing."""
        return {tender: self.counted[tender] - self.expected[tender] for tender in TENDERS}

    @property
    def difference(self) -> Decimal:
        """What was counted beyond what should have been there, in all."""
        return sum(self.differences.values(), Decimal("0.00"))

    @property
    def fits(self) -> bool:
        """Whether every tender is what it should be."""
        return not any(self.differences.values())


def counted_bounds(model: str) -> models.CheckConstraint:
    """Return the constraint that nobody counts less than nothing or more than we can."""
    condition = Q()
    for tender in TENDERS:
        condition &= Q(**{f"counted_{tender}__gte": 0, f"counted_{tender}__lte": MAX_MONEY})
    return models.CheckConstraint(condition=condition, name=f"{model}_counted_bounds")


class TillCount(Counted):
    """One count of a drawer, made before what should be there was shown. Append-only: who counts again is seen to."""

    session = models.ForeignKey(
        TillSession, models.PROTECT, related_name="counts", verbose_name=_("session"), help_text=_("Which drawer.")
    )

    class Meta:
        verbose_name = _("count of a drawer")
        verbose_name_plural = _("counts of drawers")
        ordering = ["pk"]
        constraints = [counted_bounds("tillcount")]

    def __str__(self) -> str:
        return str(self.session)


class TillClose(Counted):
    """The end of a session: its last count, signed. Append-only, one for each session."""

    session = models.OneToOneField(
        TillSession, models.PROTECT, related_name="close", verbose_name=_("session"), help_text=_("Which drawer.")
    )
    count = models.OneToOneField(
        TillCount, models.PROTECT, related_name="+", verbose_name=_("count"), help_text=_("The count that is signed.")
    )
    note = models.CharField(_("note"), max_length=300, blank=True, help_text=_("What explains a difference."))

    class Meta:
        verbose_name = _("close of a drawer")
        verbose_name_plural = _("closes of drawers")
        ordering = ["pk"]
        constraints = [
            counted_bounds("tillclose"),
            models.CheckConstraint(
                condition=Q(
                    counted_cash=F("expected_cash"), counted_card=F("expected_card"), counted_pix=F("expected_pix")
                )
                | ~Q(note=""),
                name="tillclose_difference_has_note",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="tillclose_at")]

    def __str__(self) -> str:
        return str(self.session)


class DayClose(HistoryStep):
    """The close of a day of the shop: its figures as they were, sealed. Append-only, one for each day.

    What is counted for the day lies between `starts_at` and `ends_at`; a day that is closed early ends there.
    """

    day = models.DateField(_("day"), unique=True, help_text=_("The day, in the shop's zone."))
    starts_at = models.DateTimeField(_("from"), help_text=_("From when on something counts for the day."))
    ends_at = models.DateTimeField(_("until"), help_text=_("From when on something counts for the day after."))
    figures = models.JSONField(_("figures"), help_text=_("The day's sheet, figure by figure."))
    digest = models.CharField(_("digest"), max_length=64, help_text=_("SHA-256 over the figures."))
    expected = MoneyField(verbose_name=_("expected"), help_text=_("What the closes of its drawers expected in all."))
    counted = MoneyField(verbose_name=_("counted"), help_text=_("What the closes of its drawers counted in all."))
    note = models.CharField(_("note"), max_length=300, blank=True, help_text=_("What there is to say about the day."))

    class Meta:
        verbose_name = _("close of a day")
        verbose_name_plural = _("closes of days")
        ordering = ["-day"]
        permissions = [("close_day", _("Can see the sheet of a day, close it and correct it"))]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="dayclose_ends_after_start"),
        ]

    def __str__(self) -> str:
        return str(self.day)


class DayCorrection(HistoryStep):
    """What a day's money was beyond what its drawers say, found out later. Append-only; it changes nothing else."""

    day = models.DateField(_("day"), help_text=_("The day it is about."))
    tender = models.CharField(_("kind of payment"), max_length=4, help_text=_("What was handed over at the counter."))
    amount = MoneyField(
        verbose_name=_("amount"), help_text=_("How much more it was; less than nothing: how much less.")
    )
    reason = models.CharField(_("reason"), max_length=200, help_text=_("Why, in the words of whoever did it."))

    class Meta:
        verbose_name = _("correction of a day")
        verbose_name_plural = _("corrections of days")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(tender__in=TENDERS), name="daycorrection_tender_known"),
            models.CheckConstraint(
                condition=~Q(amount=0) & Q(amount__gte=-MAX_MONEY, amount__lte=MAX_MONEY),
                name="daycorrection_amount_bounds",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="daycorrection_has_reason"),
        ]
        indexes = [models.Index(fields=["day"], name="daycorrection_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.amount}"
