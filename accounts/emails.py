"""The letters about a login: plain text, sent by the outbox, never from a request.

They are in the shop's own language, since the mailbox they warn may not be the one who asked.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.tokens import unlock_token
from common import letters
from common.mail import Letter

STRANGERS_ASK = (
    "account.registered", "account.verification_asked", "account.email_change_asked", "account.registered_again",
    "account.reset_asked",
)  # fmt: skip
"""Letters that anybody can have sent to an address; all others warn somebody of what happened to their account."""

UNPROVED = ("account.registered", "account.verification_asked", "account.email_change_asked")
"""Letters to a mailbox that nobody has proved to read."""


def send(
    *,
    name: str,
    email: str,
    event_id: UUID,
    now: datetime,
    attempt: int | None = None,
    token: str = "",
    client: str = "",
) -> None:
    """Send the letter of event `name`. Raises smtplib and socket errors, and KeyError for one that has no letter."""
    written = letter(name=name, email=email, event_id=event_id, attempt=attempt, token=token)
    asked = name in STRANGERS_ASK
    letters.send(letter=replace(written, client=client, is_known=name not in UNPROVED, is_owed=not asked), now=now)


TEXTS = {
    "account.registered_again": (
        _("You already have an account"),
        _(
            "Hello!\n\nSomebody, perhaps you, wanted to open an account with this e-mail. There is one "
            "already, so nothing was changed: sign in with the password you chose.\n\nIf it was not you, you "
            "need not do anything."
        ),
    ),
    "account.registered": (
        _("Confirm your e-mail"),
        _(
            "Hello!\n\nSomebody, we hope you, opened an account with this e-mail. Open this link to confirm "
            "that the mailbox is yours; it is good for two days:\n\n%(link)s\n\nIf it was not you, you need "
            "not do anything."
        ),
    ),
    "account.verification_asked": (
        _("Confirm your e-mail"),
        _(
            "Hello!\n\nSomebody, we hope you, asked for this link once more. Open it to confirm that the mailbox is "
            "yours; it is good for two days:\n\n%(link)s\n\nIf it was not you, you need not do anything."
        ),
    ),
    "account.email_change_asked": (
        _("Confirm your new e-mail"),
        _(
            "Hello!\n\nThis e-mail was named as the new address of an account. Open this link to confirm it; "
            "it is good for two days:\n\n%(link)s\n\nIf it was not you, you need not do anything."
        ),
    ),
    "account.reset_asked": (
        _("Choose a new password"),
        _(
            "Hello!\n\nSomebody, we hope you, asked to choose a new password. Open this link to do so; it "
            "works once, for an hour:\n\n%(link)s\n\nIf it was not you, you need not do anything: the "
            "password stays as it is."
        ),
    ),
    "account.email_changed": (
        _("The e-mail of your account was changed"),
        _(
            "Hello!\n\nYour account now has another e-mail, and this one no longer signs in. If it was not "
            "you, tell the shop at once."
        ),
    ),
    "account.password_changed": (
        _("Your password was changed"),
        _(
            "Hello!\n\nThe password of your account was changed, and its other sessions were ended. If it was "
            "not you, ask for a new password right away."
        ),
    ),
    "account.factors_changed": (
        _("How you sign in was changed"),
        _(
            "Hello!\n\nThe second step of your account was changed: an authenticator app, a passkey or the "
            "recovery codes. Its other sessions were ended. If it was not you, choose a new password at once, "
            "and look at your second step."
        ),
    ),
    "account.factors_removed": (
        _("Your second step was removed"),
        _(
            "Hello!\n\nThe shop removed the second step of your account, as somebody asks who lost their "
            "device, and ended your sessions. You sign in with your password alone until you set a new one up. "
            "If you did not ask for it, tell the shop at once."
        ),
    ),
    "account.recovery_code_used": (
        _("Somebody signed in with a recovery code"),
        _(
            "Hello!\n\nOne of your recovery codes was used to sign in; it is worth nothing now. If it was "
            "not you, choose a new password at once, and make new codes."
        ),
    ),
    "account.invited": (
        _("Choose the password of your login"),
        _(
            "Hello!\n\nA login of the shop's desk waits for you. Open this link to choose its password; it works once, "
            "for a few days:\n\n%(link)s\n\nIf you do not know what this is about, you need not do anything."
        ),
    ),
    "account.role_changed": (
        _("Your role was changed"),
        _("Hello!\n\nWhat you may do in the shop was changed, and your sessions were ended. Sign in again."),
    ),
    "account.locked": (
        _("Somebody tried to sign in to your account"),
        _(
            "Hello!\n\nSomebody typed wrong passwords for your account too often, so for a quarter of an hour "
            "it lets nobody in from devices it does not know. If it was you, open this link on the device you "
            "want to use; it works once, for an hour:\n\n%(link)s\n\nIf it was not you, you need not do "
            "anything: nobody got in."
        ),
    ),
    "account.session_reused": (
        _("We ended one of your sessions"),
        _(
            "Hello!\n\nA key of your account was used twice, which happens when somebody else has a copy. To "
            "be safe we signed that device out. Sign in again, and if this was not you, choose a new password."
        ),
    ),
}
"""Subject and body of each letter; `%(link)s` stands where its link goes."""

PAGES = {
    "account.registered": "confirmar-email",
    "account.verification_asked": "confirmar-email",
    "account.email_change_asked": "confirmar-email",
    "account.reset_asked": "nova-senha",
}
"""The page of the account that a letter's link opens."""


def letter(*, name: str, email: str, event_id: UUID, attempt: int | None = None, token: str = "") -> Letter:
    """Write the letter of event `name`. Its identity comes from the event, so a second copy is recognised.

    Raises KeyError for an event that has no letter.
    """
    with translation.override(settings.LANGUAGE_CODE):
        subject, body = TEXTS[name]
        link = _link_of(name=name, token=token, attempt=attempt)
        return Letter(
            recipient=email, subject=str(subject), body=body % {"link": link}, identity=uuid5(event_id, email)
        )


def invitation_link(*, token: str) -> str:
    """Return the address where an invited member of the team chooses a password."""
    return f"{settings.PUBLIC_URL}/admin/accounts/user/welcome/?token={token}"


def _link_of(*, name: str, token: str, attempt: int | None) -> str:
    if name == "account.invited":
        return invitation_link(token=token)
    return _link(PAGES[name], token) if name in PAGES else _unlock_link(attempt)


def _unlock_link(attempt: int | None) -> str:
    """Return the link that opens a locked account; an empty text where no attempt is spoken of."""
    return f"{settings.PUBLIC_URL}/admin/unlock/?token={unlock_token(attempt=attempt)}" if attempt else ""


def _link(page: str, token: str) -> str:
    """Return the address of a page about one's account, opened by a token."""
    return f"{settings.PUBLIC_URL}/conta/{page}/?token={token}"
