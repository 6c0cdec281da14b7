"""Appointments: held, requested, confirmed and past ones in one table, so that one set of constraints guards them all.

An appointment that staff forces over another stands outside the exclusion constraints, and only there;
availability still subtracts it.
"""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Deferrable, F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from common.models import HistoryStep
from common.money import MAX_MONEY, MoneyField
from common.search import digits_of_phone, folded, lowered, mailbox_key_of, search_key_of
from customers.models import CustomerRecord
from scheduling.lifecycle import EXPIRING, OCCUPYING
from scheduling.models.people import Professional, Room
from scheduling.models.services import Service

GUARDED = Q(state__in=OCCUPYING, forced=False)
UNKNOWN = (
    Q(record__isnull=True, awaits_click=False)
    & ~Q(state__in=["held", "expired"])
    & ~Q(contact_email="", contact_phone="")
)
"""Visits by whose people a customer could be known, and which have no record yet."""
CONSTRAINTS_OF_TIME = ("appointment_professional_time", "appointment_lane_time", "appointment_room_time")


class Appointment(models.Model):
    """One visit: a professional, a time, one or several services in sequence."""

    class State(models.TextChoices):
        HELD = "held", _("Held")
        REQUESTED = "requested", _("Requested")
        CONFIRMED = "confirmed", _("Confirmed")
        COMPLETED = "completed", _("Completed")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Expired")
        NO_SHOW = "no_show", _("No-show")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Derives the access token.")
    )
    professional = models.ForeignKey(
        Professional,
        models.PROTECT,
        related_name="appointments",
        verbose_name=_("professional"),
        help_text=_("Who performs it."),
        db_index=False,
    )
    room = models.ForeignKey(
        Room,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
        verbose_name=_("room"),
        help_text=_("Where it takes place, if it needs a room."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, help_text=_("Where it stands."))
    starts_at = models.DateTimeField(_("starts at"), help_text=_("When the visit begins."))
    ends_at = models.DateTimeField(_("ends at"), help_text=_("When the visit ends."))
    blocked = DateTimeRangeField(
        _("blocked time"), help_text=_("Half-open: start less preparation, end plus cleaning less tolerated overlap.")
    )
    session = models.UUIDField(
        _("session"), help_text=_("Only visits of the same session share time; of a visit alone, its own public id.")
    )
    lane = models.PositiveSmallIntegerField(_("place"), default=1, help_text=_("Which place of the session it takes."))
    capacity = models.PositiveSmallIntegerField(
        _("places"), default=1, help_text=_("Places of the session when it was taken.")
    )
    claim = models.UUIDField(
        _("claim"), null=True, blank=True, unique=True, help_text=_("The cart line or order line that keeps the time.")
    )
    link_version = models.PositiveSmallIntegerField(
        _("link version"), default=1, db_default=1, editable=False, help_text=_("Raised to end every link sent before.")
    )
    link_renewed_at = models.DateTimeField(
        _("link renewed at"), null=True, blank=True, editable=False, help_text=_("When the shop last sent a new link.")
    )
    bearer_link_version = models.PositiveSmallIntegerField(
        _("bearer's link version"), default=1, db_default=1, editable=False, help_text=_("The bearer's link version.")
    )
    holder = models.UUIDField(
        _("holder"), null=True, blank=True, help_text=_("On whose behalf a guest's time is held; counts their holds.")
    )
    bearer = models.UUIDField(
        _("bearer"),
        null=True,
        blank=True,
        help_text=_("Public id of the order whose access token opens the visit too."),
    )
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
        help_text=_("Whose account it is on; empty for a guest."),
        db_index=False,
    )
    record = models.ForeignKey(
        CustomerRecord,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
        help_text=_("The shop's record of the customer; opens nothing to anybody."),
        db_index=False,
    )
    contact_name = models.CharField(_("name"), max_length=120, blank=True, help_text=_("Who comes."))
    contact_email = models.EmailField(_("e-mail"), blank=True, help_text=_("Where they are written to."))
    contact_phone = models.CharField(_("phone"), max_length=20, blank=True, help_text=_("E.164."))
    address = models.CharField(
        _("internet address"), max_length=45, blank=True, help_text=_("Where it was asked from; of IPv6 the network.")
    )
    note = models.CharField(_("note"), max_length=500, blank=True, help_text=_("What the customer asked for."))
    language = models.CharField(
        _("language"), max_length=10, default="pt-br", help_text=_("Language the customer is written to in.")
    )
    total = MoneyField(verbose_name=_("total"), help_text=_("Sum of the prices of its services."))
    currency = models.CharField(_("currency"), max_length=3, help_text=_("ISO 4217 code of the amounts."))
    version = models.PositiveIntegerField(_("version"), default=1, help_text=_("Raised by every change."))
    forced = models.BooleanField(
        _("forced"), default=False, help_text=_("Whether the team put it over another appointment on purpose.")
    )
    forced_reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("Why the team forced it."))
    created_at = models.DateTimeField(_("created at"), help_text=_("When the time was first taken."))
    expires_at = models.DateTimeField(
        _("expires at"), null=True, blank=True, help_text=_("When a hold or request comes free by itself.")
    )
    awaits_click = models.BooleanField(
        _("waits for the customer's click"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("Booked without a proved e-mail; kept until the link in its letter is followed."),
    )

    mailbox = mailbox_key_of("contact_email", label=_("mailbox"))
    search_key = search_key_of(
        folded("contact_name"),
        lowered("contact_email"),
        digits_of_phone("contact_phone"),
        label=_("search key"),
    )

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        permissions = [
            ("manage_appointment", _("Can book, move, cancel and close appointments")),
            ("force_appointment", _("Can book over another appointment, with a reason")),
            ("view_own_agenda", _("Can see and close the appointments of their own agenda")),
            ("manage_own_appointment", _("Can book, move, accept and cancel appointments of their own agenda")),
        ]
        constraints = [
            ExclusionConstraint(
                name="appointment_professional_time",
                expressions=[
                    ("professional", RangeOperators.EQUAL),
                    ("session", RangeOperators.NOT_EQUAL),
                    ("blocked", RangeOperators.OVERLAPS),
                ],
                condition=GUARDED,
                deferrable=Deferrable.IMMEDIATE,
            ),
            ExclusionConstraint(
                name="appointment_lane_time",
                expressions=[
                    ("professional", RangeOperators.EQUAL),
                    ("lane", RangeOperators.EQUAL),
                    ("blocked", RangeOperators.OVERLAPS),
                ],
                condition=GUARDED,
                deferrable=Deferrable.IMMEDIATE,
            ),
            ExclusionConstraint(
                name="appointment_room_time",
                expressions=[
                    ("room", RangeOperators.EQUAL),
                    ("session", RangeOperators.NOT_EQUAL),
                    ("blocked", RangeOperators.OVERLAPS),
                ],
                condition=GUARDED,
                deferrable=Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["held", "requested", "confirmed", "completed", "cancelled", "expired", "no_show"]
                ),
                name="appointment_state_known",
            ),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="appointment_ends_after_start"),
            models.CheckConstraint(
                condition=Q(
                    blocked__isempty=False,
                    blocked__lower_inf=False,
                    blocked__upper_inf=False,
                    blocked__lower_inc=True,
                    blocked__upper_inc=False,
                ),
                name="appointment_blocked_bounded",
            ),
            models.CheckConstraint(
                condition=Q(blocked__startswith__lte=F("starts_at"), blocked__endswith__gt=F("starts_at")),
                name="appointment_blocked_covers_start",
            ),
            models.CheckConstraint(
                condition=Q(lane__gte=1) & Q(lane__lte=F("capacity")), name="appointment_lane_within_capacity"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=EXPIRING) | Q(expires_at__isnull=False), name="appointment_hold_expires"
            ),
            models.CheckConstraint(
                condition=Q(awaits_click=False)
                | Q(state__in=["requested", "cancelled", "expired"], claim__isnull=True, bearer__isnull=True),
                name="appointment_click_of_direct_request",
            ),
            models.CheckConstraint(
                condition=Q(forced=False) | ~Q(forced_reason=""), name="appointment_forced_with_reason"
            ),
            models.CheckConstraint(condition=Q(total__gte=0, total__lte=MAX_MONEY), name="appointment_total_bounds"),
        ]
        indexes = [
            models.Index(fields=["professional", "starts_at"], name="appointment_agenda"),
            models.Index(fields=["room", "starts_at"], name="appointment_room_day", condition=Q(room__isnull=False)),
            models.Index(fields=["customer", "-starts_at"], name="appointment_customer"),
            models.Index(
                fields=["mailbox", "created_at"], name="appointment_direct_mailbox", condition=Q(holder__isnull=True)
            ),
            models.Index(
                fields=["contact_phone", "created_at"],
                name="appointment_direct_phone",
                condition=Q(holder__isnull=True) & ~Q(contact_phone=""),
            ),
            models.Index(fields=["address", "created_at"], name="appointment_address", condition=~Q(address="")),
            models.Index(fields=["holder"], name="appointment_holder", condition=Q(holder__isnull=False)),
            models.Index(fields=["starts_at", "id"], name="appointment_start"),
            models.Index(fields=["expires_at"], name="appointment_expiry", condition=Q(state__in=EXPIRING)),
            models.Index(fields=["record", "starts_at"], name="appointment_record", condition=Q(record__isnull=False)),
            models.Index(fields=["id"], name="appointment_unknown", condition=UNKNOWN),
        ]

    def __str__(self) -> str:
        starts_at = timezone.localtime(self.starts_at)
        return f"{self.shown_name} {starts_at:%d/%m/%Y %H:%M}"

    @property
    def shown_name(self) -> str:
        """Return who comes, or what stands there: nobody has said yet, was never asked, or has left."""
        if self.contact_name:
            return self.contact_name
        if self.state == Appointment.State.HELD:
            return gettext("In a cart")
        return gettext("Account closed") if self.customer_id else gettext("No name")


class AppointmentService(models.Model):
    """A snapshot of one service of a visit. Frozen once the visit is more than a hold."""

    appointment = models.ForeignKey(
        Appointment,
        models.PROTECT,
        related_name="services",
        verbose_name=_("appointment"),
        help_text=_("The visit it is part of."),
        db_index=False,
    )
    position = models.PositiveSmallIntegerField(_("position"), help_text=_("Its place in the visit, from 1."))
    service = models.ForeignKey(
        Service, models.PROTECT, related_name="+", verbose_name=_("service"), help_text=_("The service as it is now.")
    )
    sku = models.CharField("SKU", max_length=64, help_text=_("The SKU when it was booked."))
    name = models.CharField(_("name"), max_length=300, help_text=_("The name when it was booked."))
    price = MoneyField(verbose_name=_("price"), help_text=_("The price when it was booked."))
    duration_minutes = models.PositiveSmallIntegerField(
        _("duration"), help_text=_("Minutes it took when it was booked.")
    )

    class Meta:
        verbose_name = _("booked service")
        verbose_name_plural = _("booked services")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["appointment", "position"], name="appointmentservice_position"),
            models.CheckConstraint(
                condition=Q(price__gte=0, price__lte=MAX_MONEY), name="appointmentservice_price_bounds"
            ),
            models.CheckConstraint(condition=Q(duration_minutes__gte=1), name="appointmentservice_duration_positive"),
        ]

    def __str__(self) -> str:
        return self.name


class AppointmentEvent(HistoryStep):
    """One step in an appointment's life. Append-only, chained by hashes, written from the first step on."""

    appointment = models.ForeignKey(
        Appointment,
        models.PROTECT,
        related_name="events",
        verbose_name=_("appointment"),
        help_text=_("Whose life it is."),
        db_index=False,
    )
    seq = models.PositiveSmallIntegerField(_("step"), help_text=_("1 for the taking, then without gaps."))
    from_state = models.CharField(_("from"), max_length=10, blank=True, help_text=_("Empty for the first step."))
    to_state = models.CharField(_("to"), max_length=10, help_text=_("Where the step led; the same when it was moved."))
    starts_at = models.DateTimeField(_("starts at"), help_text=_("When the visit begins after this step."))
    professional = models.ForeignKey(
        Professional,
        models.PROTECT,
        related_name="+",
        verbose_name=_("professional"),
        help_text=_("Who performs it after this step."),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True, help_text=_("Why."))
    chain = models.CharField(_("chain"), max_length=64, help_text=_("SHA-256 over this step and the one before it."))

    class Meta:
        verbose_name = _("appointment event")
        verbose_name_plural = _("appointment history")
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["appointment", "seq"], name="appointmentevent_seq")]
        indexes = [BrinIndex(fields=["at"], name="appointmentevent_at", autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.from_state} > {self.to_state}"


class AppointmentNotice(models.Model):
    """A message about a visit that goes out once: the same kind, about the same version, is never sent twice."""

    class Kind(models.TextChoices):
        CONFIRMATION = "confirmation", _("Confirmation")
        REQUEST = "request", _("Request received")
        MOVED = "moved", _("Moved")
        CANCELLATION = "cancellation", _("Cancellation")
        REMINDER = "reminder", _("Reminder")

    appointment = models.ForeignKey(
        Appointment,
        models.PROTECT,
        related_name="notices",
        verbose_name=_("appointment"),
        help_text=_("The visit it is about."),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, help_text=_("What it says."))
    version = models.PositiveIntegerField(_("version"), help_text=_("Version of the visit that it speaks of."))
    starts_at = models.DateTimeField(_("for the time"), help_text=_("Start of the visit that it speaks of."))
    claimed_until = models.DateTimeField(
        _("claimed until"), null=True, blank=True, help_text=_("Until when one process is sending it.")
    )
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True, help_text=_("When it went out."))

    class Meta:
        verbose_name = _("appointment notice")
        verbose_name_plural = _("appointment notices")
        constraints = [
            models.UniqueConstraint(fields=["appointment", "kind", "version"], name="appointmentnotice_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["confirmation", "request", "moved", "cancellation", "reminder"]),
                name="appointmentnotice_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
