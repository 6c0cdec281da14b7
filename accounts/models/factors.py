"""The second step of signing in: recovery codes, and sign-ins that wait for it.

The secrets of authenticator apps and the public keys of passkeys stand in the tables of `django_otp` and
`django_otp_webauthn`.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User

MAX_TRIES = 5
"""Codes that may be tried on one sign-in."""


class RecoveryCode(models.Model):
    """A code on paper for whoever lost their device. It is good once; only a digest of it is kept."""

    user = models.ForeignKey(
        User,
        models.CASCADE,
        related_name="recovery_codes",
        verbose_name=_("login"),
        help_text=_("Whose code it is."),
        db_index=False,
    )
    digest = models.CharField(_("digest"), max_length=64, help_text=_("Tells whether a code is this one."))
    created_at = models.DateTimeField(_("created at"), help_text=_("When it was shown."))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True, help_text=_("When it was used up."))

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recoverycode_once")]

    def __str__(self) -> str:
        return str(self.created_at)


class SignInChallenge(models.Model):
    """A sign-in whose password was right, and which waits a few minutes for its second step.

    What the client holds is not kept, only a digest of it. `passkey` is what a passkey has been asked to sign.
    """

    digest = models.CharField(_("digest"), max_length=64, unique=True, help_text=_("What the client holds, hashed."))
    user = models.ForeignKey(
        User, models.CASCADE, related_name="+", verbose_name=_("login"), help_text=_("Whose password it was.")
    )
    stamp = models.CharField(_("stamp"), max_length=64, help_text=_("Good while the password stays the same."))
    passkey = models.JSONField(_("passkey"), null=True, blank=True, help_text=_("What a passkey has to sign."))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0, help_text=_("How often a code was tried."))
    created_at = models.DateTimeField(_("created at"), help_text=_("When the password was judged."))
    expires_at = models.DateTimeField(_("expires at"), help_text=_("When the password is asked again."))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True, help_text=_("When the person was let in."))

    class Meta:
        verbose_name = _("open sign-in")
        verbose_name_plural = _("open sign-ins")
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="signinchallenge_lives"),
            models.CheckConstraint(condition=Q(tries__lte=MAX_TRIES), name="signinchallenge_tries_bounded"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="signinchallenge_expiry")]

    def __str__(self) -> str:
        return str(self.created_at)
