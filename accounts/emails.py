"""The letters about a login: plain text, sent by the outbox, never from a request.

They are in the shop's own language, since the mailbox they warn may not be the one who asked.
"""

from uuid import UUID, uuid5

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.tokens import unlock_token


def send(*, name: str, email: str, event_id: UUID, attempt: int | None = None) -> None:
    """Send the letter of event `name`. The Message-ID comes from the event, so a second copy is recognised.

    Raises smtplib and socket errors, and KeyError for an event that has no letter.
    """
    with translation.override(settings.LANGUAGE_CODE):
        letters = {
            "account.registered_again": (
                _("You already have an account"),
                _(
                    "Hello!\n\nSomebody, perhaps you, wanted to open an account with this e-mail. There is one "
                    "already, so nothing was changed: sign in with the password you chose.\n\nIf it was not you, you "
                    "need not do anything."
                ),
            ),
            "account.locked": (
                _("Somebody tried to sign in to your account"),
                _(
                    "Hello!\n\nSomebody typed wrong passwords for your account too often, so for a quarter of an hour "
                    "it lets nobody in from devices it does not know. If it was you, open this link on the device you "
                    "want to use; it works once, for an hour:\n\n%(link)s\n\nIf it was not you, you need not do "
                    "anything: nobody got in."
                )
                % {"link": _unlock_link(attempt)},
            ),
            "account.session_reused": (
                _("We ended one of your sessions"),
                _(
                    "Hello!\n\nA key of your account was used twice, which happens when somebody else has a copy. To "
                    "be safe we signed that device out. Sign in again, and if this was not you, choose a new password."
                ),
            ),
        }
        subject, body = letters[name]
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
        identity = {"Message-ID": f"<{uuid5(event_id, email)}@{domain}>"}
        EmailMessage(subject=subject, body=body, to=[email], headers=identity).send()


def _unlock_link(attempt: int | None) -> str:
    """Return the link that opens a locked account; an empty text where no attempt is spoken of."""
    return f"{settings.PUBLIC_URL}/admin/unlock/?token={unlock_token(attempt=attempt)}" if attempt else ""
