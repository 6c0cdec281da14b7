"""Sends mail through the configured backend, and never with a transaction open."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from email.mime.text import MIMEText
from smtplib import SMTPResponseException, SMTPServerDisconnected
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend

from common.transactions import refuse_inside

CLOSING = 421  # "Service not available, closing transmission channel": RFC 5321, section 4.2.2

_shared: ContextVar[SmtpBackend | None] = ContextVar("mail_conversation", default=None)


@dataclass(frozen=True)
class CalendarFile:
    """A calendar file that goes with a letter; `method` says what calendars are to do with it (RFC 5546)."""

    name: str
    method: str
    body: bytes


@dataclass(frozen=True)
class Letter:
    """One plain e-mail, ready to go. `identity` is the same whenever the same letter is sent again.

    `client`: the internet address that caused it, if a stranger's request did. `is_known`: whether the shop knows that
    somebody reads the mailbox. `is_owed`: it goes out whatever its recipient has been sent before.
    """

    recipient: str
    subject: str
    body: str
    identity: UUID
    reply_to: str = ""
    calendar: CalendarFile | None = None
    client: str = ""
    is_known: bool = False
    is_owed: bool = False


def send(*, letter: Letter) -> None:
    """Send the letter, under a Message-ID made from its identity. Raises smtplib and socket errors."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    message = EmailMessage(
        subject=letter.subject,
        body=letter.body,
        to=[letter.recipient],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers={"Message-ID": f"<{letter.identity}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    if letter.calendar is not None:
        message.attach(_attachment(letter.calendar))
    message.send()


def _attachment(file: CalendarFile) -> MIMEText:
    part = MIMEText(file.body.decode(), "calendar", "utf-8")
    part.set_param("method", file.method)
    part.add_header("Content-Disposition", "attachment", filename=file.name)
    return part


@contextmanager
def conversation() -> Iterator[None]:
    """Send every letter of the block in one SMTP session, which the first of them opens."""
    backend = get_connection(settings.MAIL_DELIVERY)
    if not isinstance(backend, SmtpBackend):  # only there does a session cost anything
        yield
        return
    before = _shared.set(backend)
    try:
        yield
    finally:
        _shared.reset(before)
        backend.close()


class GuardedEmailBackend(BaseEmailBackend):
    """Hands messages to `MAIL_DELIVERY`. Raises RuntimeError inside a unit of work."""

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self._own = get_connection(settings.MAIL_DELIVERY, fail_silently=fail_silently, **options)

    def open(self) -> bool | None:
        """Open the connection to the mail server."""
        return self._own.open()

    def close(self) -> None:
        """Close it."""
        self._own.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send the messages and return how many went out."""
        refuse_inside("mail")
        shared = _shared.get()
        return (_in_session(shared, email_messages) if shared else self._own.send_messages(email_messages)) or 0


def _in_session(backend: SmtpBackend, letters: Sequence[EmailMessage]) -> int | None:
    """Send in the session under way; a server that has ended it meanwhile gets the letters in a new one."""
    fresh = backend.open()
    try:
        return backend.send_messages(letters)
    except (SMTPServerDisconnected, SMTPResponseException) as problem:
        backend.close()
        if fresh or getattr(problem, "smtp_code", CLOSING) != CLOSING:
            raise
        backend.open()
        return backend.send_messages(letters)
    except Exception:
        backend.close()
        raise
