"""Idempotency records, outbox messages, heartbeats."""

import uuid

from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _


class Acted(models.Model):
    """What somebody did: who it was, as text, so that it stays true when a login is gone."""

    actor_kind = models.CharField(_("actor kind"), max_length=10, help_text=_("Who acted: customer, staff, system..."))
    actor_id = models.CharField(_("actor"), max_length=64, blank=True, help_text=_("Which person or process acted."))

    class Meta:
        abstract = True


class HistoryStep(Acted):
    """A row of a history: also through which door it came, and when."""

    door = models.CharField(_("door"), max_length=10, help_text=_("Where it came in: api, admin, task or command."))
    at = models.DateTimeField(_("at"), help_text=_("When it happened."))

    class Meta:
        abstract = True


class IdempotencyRecord(models.Model):
    """The answer to a request that must happen once, written in the transaction that did it."""

    scope = models.CharField(_("scope"), max_length=120, help_text=_("Whose keys these are, and for which route."))
    key = models.CharField(_("key"), max_length=255, help_text=_("The client's Idempotency-Key."))
    fingerprint = models.CharField(_("fingerprint"), max_length=64, help_text=_("SHA-256 of the canonical body."))
    status = models.PositiveSmallIntegerField(_("status"), null=True, help_text=_("HTTP status of the answer."))
    body = models.TextField(_("body"), blank=True, default="", help_text=_("The answer's JSON, letter by letter."))
    created_at = models.DateTimeField(_("created at"), help_text=_("When the request was first made."))
    expires_at = models.DateTimeField(_("expires at"), help_text=_("When the answer may be forgotten."))

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotencyrecord_once")]
        indexes = [models.Index(fields=["expires_at"], name="idempotencyrecord_expiry")]

    def __str__(self) -> str:
        return self.key


_WAITING = Q(done_at__isnull=True, dead_at__isnull=True)


class OutboxMessage(models.Model):
    """One handler's share of one event, written in the transaction that caused it and delivered after."""

    event_id = models.UUIDField(_("event"), default=uuid.uuid4, help_text=_("The same for every handler of an event."))
    name = models.CharField(_("name"), max_length=60, help_text=_("What happened, such as order.placed."))
    handler = models.CharField(_("handler"), max_length=120, help_text=_("The service function that will hear of it."))
    payload = models.JSONField(_("payload"), help_text=_("What it happened to."))
    occurred_at = models.DateTimeField(_("occurred at"), help_text=_("When it happened."))
    not_before = models.DateTimeField(_("not before"), help_text=_("When delivery may be tried next."))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, help_text=_("How often it was tried."))
    claimed_until = models.DateTimeField(
        _("claimed until"), null=True, blank=True, help_text=_("Somebody is delivering it until then.")
    )
    done_at = models.DateTimeField(_("done at"), null=True, blank=True, help_text=_("When it was delivered."))
    dead_at = models.DateTimeField(_("given up at"), null=True, blank=True, help_text=_("When nobody tries any more."))
    last_error = models.TextField(_("last error"), blank=True, default="", help_text=_("Why the last try failed."))
    request_id = models.CharField(
        _("request"),
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text=_("The id under which the log has the request that caused it."),
    )

    class Meta:
        verbose_name = _("outbox message")
        verbose_name_plural = _("outbox")
        constraints = [models.UniqueConstraint(fields=["event_id", "handler"], name="outboxmessage_once")]
        indexes = [
            models.Index(fields=["not_before", "id"], name="outboxmessage_waiting", condition=_WAITING),
            models.Index(fields=["id"], name="outboxmessage_next", condition=_WAITING),
        ]

    def __str__(self) -> str:
        return f"{self.name} > {self.handler}"


class SentLetter(models.Model):
    """A letter that went out or was held back, remembered for a month or longer; it tells nobody's address."""

    class HeldBack(models.TextChoices):
        MAILBOX = "mailbox", _("too many to one address in a day")
        UNKNOWN = "unknown", _("too many to an address that never confirmed")
        CLIENT = "client", _("too many caused from one connection in a day")

    identity = models.UUIDField(
        _("identity"), unique=True, help_text=_("The same whenever the same letter is sent again.")
    )
    mailbox = models.CharField(_("mailbox"), max_length=32, help_text=_("Names the mailbox without telling it."))
    client = models.CharField(
        _("connection"),
        max_length=32,
        blank=True,
        help_text=_("Names the connection that caused it without telling it."),
    )
    subject = models.CharField(_("subject"), max_length=200, help_text=_("What the letter was about."))
    held_back = models.CharField(
        _("held back"), max_length=10, blank=True, choices=HeldBack.choices, help_text=_("Why it was not sent.")
    )
    at = models.DateTimeField(_("at"), help_text=_("When it was sent, or was to be."))

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = [
            models.CheckConstraint(
                condition=Q(held_back__in=["", "mailbox", "unknown", "client"]), name="sentletter_held_back_known"
            )
        ]
        indexes = [
            models.Index(fields=["mailbox", "at"], name="sentletter_mailbox"),
            models.Index(fields=["client", "at"], name="sentletter_client", condition=~Q(client="")),
            models.Index(fields=["at"], name="sentletter_at"),
        ]

    def __str__(self) -> str:
        return self.subject


class Heartbeat(models.Model):
    """A heartbeat: which process did what it does regularly, and when last."""

    name = models.CharField(_("name"), max_length=60, unique=True, help_text=_("Beat, worker, or the name of a sweep."))
    beat_at = models.DateTimeField(_("last seen"), help_text=_("When it last did its work."))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("signs of life")

    def __str__(self) -> str:
        return self.name


class Outage(models.Model):
    """A server of somebody else's that is away; the row goes when it answers again."""

    name = models.CharField(_("name"), max_length=60, unique=True, help_text=_("Which server, such as mail."))
    since = models.DateTimeField(_("since"), help_text=_("When it was first found to be away."))
    retry_at = models.DateTimeField(_("asked again at"), help_text=_("Nobody asks it before."))
    tries = models.PositiveIntegerField(_("tries"), default=1, help_text=_("How often it was asked since."))
    cause = models.TextField(_("cause"), blank=True, default="", help_text=_("What it said, or did not say."))

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")

    def __str__(self) -> str:
        return self.name


class BackupCopy(models.Model):
    """A copy of the whole shop: when it was made, and whether somebody proved that it can be restored."""

    class Kind(models.TextChoices):
        PORTABLE = "portable", _("rows and pictures")
        PHYSICAL = "physical", _("the server's files")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, help_text=_("What was copied, and how."))
    name = models.CharField(_("name"), max_length=40, help_text=_("What the copy is called where it lies."))
    made_at = models.DateTimeField(_("made at"), help_text=_("The moment whose state it holds."))
    bytes = models.BigIntegerField(_("bytes"), default=0, help_text=_("How much room it takes."))
    is_encrypted = models.BooleanField(
        _("encrypted"), default=False, help_text=_("Whether only the holder of a key can read it.")
    )
    proved_at = models.DateTimeField(
        _("proved at"), null=True, blank=True, help_text=_("When it was restored elsewhere and examined.")
    )
    is_sound = models.BooleanField(
        _("sound"), null=True, blank=True, help_text=_("Whether every promise held in what was restored.")
    )
    findings = models.PositiveIntegerField(
        _("findings"), default=0, help_text=_("How many promises were broken in what was restored.")
    )

    class Meta:
        verbose_name = _("copy of the shop")
        verbose_name_plural = _("copies of the shop")
        constraints = [
            models.UniqueConstraint(fields=["kind", "name"], name="backupcopy_once"),
            models.CheckConstraint(condition=Q(kind__in=["portable", "physical"]), name="backupcopy_kind_known"),
            models.CheckConstraint(
                condition=Q(proved_at__isnull=True, is_sound__isnull=True)
                | Q(proved_at__isnull=False, is_sound__isnull=False),
                name="backupcopy_proof_whole",
            ),
            models.CheckConstraint(condition=Q(bytes__gte=0), name="backupcopy_bytes_counted"),
        ]
        indexes = [models.Index(fields=["made_at"], name="backupcopy_made")]

    def __str__(self) -> str:
        return self.name


class Examination(models.Model):
    """What was found when all promises about the shop's data were looked at: by night, or by an operator."""

    night = models.DateField(
        _("night"), unique=True, null=True, blank=True, help_text=_("The night's day in the shop's zone; none by hand.")
    )
    began_at = models.DateTimeField(_("began at"), help_text=_("The moment whose state was looked at."))
    ended_at = models.DateTimeField(
        _("ended at"), null=True, blank=True, help_text=_("When everything had been looked at.")
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=1, help_text=_("How often it was begun."))
    checks = models.PositiveIntegerField(_("checks"), default=0, help_text=_("How many promises were looked at."))
    broken = models.JSONField(
        _("broken"),
        default=list,
        blank=True,
        help_text=_("The promises that do not hold, by check; no rows of theirs."),
    )

    class Meta:
        verbose_name = _("examination")
        verbose_name_plural = _("examinations")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")), name="examination_ends_after_begin"
            )
        ]
        indexes = [models.Index(fields=["-ended_at"], name="examination_ended")]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M}"


DEMONSTRATION, OWN = "demonstration.begun", "shop.opened"
BEGINNINGS = (DEMONSTRATION, OWN)
"""How a shop begins: with the demonstration, or empty, for somebody's own."""


class Milestone(models.Model):
    """Something that happened once to this shop, and when."""

    name = models.CharField(_("name"), max_length=60, unique=True, help_text=_("What happened."))
    at = models.DateTimeField(_("at"), help_text=_("When it happened."))

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = [
            models.UniqueConstraint(
                Value(1), condition=Q(name__in=BEGINNINGS), name="milestone_one_beginning"
            ),  # the demonstration and a shop of somebody's own are never mixed
        ]

    def __str__(self) -> str:
        return self.name
