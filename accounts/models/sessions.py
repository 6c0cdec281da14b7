"""Sessions: who is signed in, whence, and everybody who tried to be."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class RefreshFamily(models.Model):
    """All refresh tokens that descend from one sign-in. Revoking it ends that session, access tokens included."""

    class Ending(models.TextChoices):
        LOGOUT = "logout", _("Signed out")
        REUSE = "reuse", _("A used token came back")
        PASSWORD = "password", _("Password changed")
        FACTORS = "factors", _("Second step changed")
        CLOSED = "closed", _("Account closed or switched off")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Named in every token of it.")
    )
    user = models.ForeignKey(
        User, models.PROTECT, related_name="families", verbose_name=_("login"), help_text=_("Who signed in.")
    )
    door = models.CharField(
        _("door"),
        max_length=4,
        choices=[("desk", _("Desk")), ("api", _("Shop window"))],
        default="api",
        help_text=_("Where the person signed in."),
    )
    address = models.CharField(
        _("address"), max_length=45, blank=True, help_text=_("Where the person signed in from; of IPv6 the network.")
    )
    agent = models.CharField(_("browser"), max_length=200, blank=True, help_text=_("How the program calls itself."))
    seen_at = models.DateTimeField(_("last used"), null=True, blank=True, help_text=_("When it was last renewed."))
    created_at = models.DateTimeField(_("created at"), help_text=_("When the person signed in."))
    expires_at = models.DateTimeField(
        _("expires at"), help_text=_("When the person must sign in again, however often the tokens were renewed.")
    )
    revoked_at = models.DateTimeField(
        _("revoked at"), null=True, blank=True, help_text=_("When the session was ended early.")
    )
    ending = models.CharField(
        _("ended by"), max_length=10, choices=Ending.choices, blank=True, help_text=_("Why it was ended early.")
    )

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="refreshfamily_lives"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, ending="")
                | Q(revoked_at__isnull=False, ending__in=["logout", "reuse", "password", "factors", "closed"]),
                name="refreshfamily_ending_with_instant",
            ),
        ]
        indexes = [
            models.Index(fields=["user"], name="refreshfamily_live", condition=Q(revoked_at__isnull=True)),
            models.Index(fields=["expires_at"], name="refreshfamily_expiry"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class RefreshToken(models.Model):
    """One refresh token of a family. It is good for one use; the use brings forth its only child."""

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("The token's jti.")
    )
    family = models.ForeignKey(
        RefreshFamily,
        models.CASCADE,
        related_name="tokens",
        verbose_name=_("session"),
        help_text=_("The session it belongs to."),
    )
    parent = models.OneToOneField(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="child",
        verbose_name=_("came from"),
        help_text=_("The token it was exchanged for; empty for the first."),
    )
    issued_at = models.DateTimeField(_("issued at"), help_text=_("When it was handed out."))
    expires_at = models.DateTimeField(_("expires at"), help_text=_("When it is no longer good."))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True, help_text=_("When it was exchanged."))

    class Meta:
        verbose_name = _("refresh token")
        verbose_name_plural = _("refresh tokens")
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="refreshtoken_lives"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class SignInAttempt(models.Model):
    """Somebody asked to be let in: who, whence, by which door, and what came of it.

    The row is written before the password is looked at, so that simultaneous guesses count each other.
    """

    class Door(models.TextChoices):
        DESK = "desk", _("Desk")
        API = "api", _("Shop window")

    class Step(models.TextChoices):
        PASSWORD = "password", _("Password")
        FACTOR = "factor", _("Second step")
        AGAIN = "again", _("Password asked again")

    class Outcome(models.TextChoices):
        FAILED = "failed", _("Refused")
        WAITING = "waiting", _("Password right, second step asked")
        SUCCEEDED = "succeeded", _("Accepted")
        LOCKED = "locked", _("Turned away: too many attempts")
        UNLOCKED = "unlocked", _("Opened again by e-mail")

    at = models.DateTimeField(_("at"), help_text=_("When somebody tried."))
    door = models.CharField(_("door"), max_length=4, choices=Door.choices, help_text=_("Where somebody tried."))
    step = models.CharField(
        _("step"), max_length=8, choices=Step.choices, default=Step.PASSWORD, help_text=_("What was asked of them.")
    )
    email = models.CharField(_("e-mail"), max_length=254, help_text=_("The name that was typed, folded."))
    user = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("login"),
        help_text=_("The login of that name, if there is one."),
    )
    address = models.CharField(
        _("address"), max_length=45, help_text=_("Where the request came from; of IPv6 the network.")
    )
    agent = models.CharField(_("browser"), max_length=200, blank=True, help_text=_("How the program calls itself."))
    device = models.UUIDField(
        _("known device"), null=True, blank=True, help_text=_("A device this login has signed in from before.")
    )
    opens = models.OneToOneField(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("opens"),
        help_text=_("The attempt that was turned away and whose letter was answered; a letter is good once."),
    )
    outcome = models.CharField(
        _("outcome"), max_length=9, choices=Outcome.choices, default=Outcome.FAILED, help_text=_("What came of it.")
    )

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        constraints = [
            models.CheckConstraint(condition=Q(door__in=["desk", "api"]), name="signinattempt_door_known"),
            models.CheckConstraint(
                condition=Q(outcome__in=["failed", "waiting", "succeeded", "locked", "unlocked"]),
                name="signinattempt_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(step__in=["password", "factor", "again"]), name="signinattempt_step_known"
            ),
        ]
        indexes = [
            models.Index(fields=["email", "at"], name="signinattempt_of_account"),
            models.Index(fields=["address", "at"], name="signinattempt_of_address"),
            models.Index(fields=["at"], name="signinattempt_at"),
        ]

    def __str__(self) -> str:
        return self.email
