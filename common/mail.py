"""Sends mail through the configured backend, and never with a transaction open."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from email.mime.text import MIMEText
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend

from common.transactions import refuse_inside

CLOSING = 421  # "Service not available, closing transmission channel": RFC 5321, section 4.2.2

REFUSED = range(500, 600)
NOT_ABOUT_THE_LETTER = (530, 535)  # "Authentication required", "credentials invalid": RFC 4954, section 6
STATUS = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463
POLICY = "5.7."  # "Security or policy status": RFC 3463, section 3.8; somebody may put that right


@dataclass
class Conversation:
    """A session with the mail server, where letters go by SMTP, and how many letters have left in it."""

    backend: SmtpBackend | None
    sent: int = 0

    def open(self) -> None:
        """Begin the session, where it has not begun. Raises SMTPException, OSError."""
        if self.backend is not None:
            self.backend.open()


_shared: ContextVar[Conversation | None] = ContextVar("mail_conversation", default=None)


class MailAwayError(SMTPException):
    """The mail server is away, or takes no letter from the shop at all; it says nothing about this letter."""


class LetterRefusedError(SMTPException):
    """The mail server will never take this letter: there is no such mailbox, or it may not be written to."""


class LetterDelayedError(SMTPException):
    """The mail server does not take this letter now; it may later."""


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
    """Send the letter, under a Message-ID made from its identity.

    Raises MailAwayError, LetterRefusedError, LetterDelayedError.
    """
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
    try:
        message.send()
    except (SMTPException, OSError) as problem:
        raise judged(problem, recipient=letter.recipient) from problem


def judged(problem: SMTPException | OSError, *, recipient: str) -> SMTPException:
    """Return what an error means: the server is away, or this letter is refused, for good or for now.

    What it says names no recipient.
    """
    text: bytes | str
    if isinstance(problem, SMTPRecipientsRefused):
        code, text = next(iter(problem.recipients.values()), (0, b""))
    elif isinstance(problem, SMTPDataError):
        code, text = problem.smtp_code, problem.smtp_error
    elif isinstance(problem, SMTPNotSupportedError) and not recipient.isascii():
        return LetterRefusedError("the server takes no addresses in letters of the world")
    else:
        return MailAwayError(f"{type(problem).__name__}: {problem}")
    answer = text if isinstance(text, str) else text.decode("ascii", "replace")
    status = next(iter(STATUS.findall(answer)), "")
    told = f"{code} {status}".strip()
    if code == CLOSING or code in NOT_ABOUT_THE_LETTER:
        return MailAwayError(told)
    is_final = code in REFUSED and not status.startswith(POLICY)
    return LetterRefusedError(told) if is_final else LetterDelayedError(told)


def _attachment(file: CalendarFile) -> MIMEText:
    part = MIMEText(file.body.decode(), "calendar", "utf-8")
    part.set_param("method", file.method)
    part.add_header("Content-Disposition", "attachment", filename=file.name)
    return part


@contextmanager
def conversation() -> Iterator[Conversation]:
    """Send every letter of the block in one SMTP session, which the first of them opens."""
    backend = get_connection(settings.MAIL_DELIVERY)
    talk = Conversation(backend=backend if isinstance(backend, SmtpBackend) else None)  # elsewhere a session is free
    before = _shared.set(talk)
    try:
        yield talk
    finally:
        _shared.reset(before)
        if talk.backend is not None:
            talk.backend.close()


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
        talk = _shared.get()
        if talk is None:
            return self._own.send_messages(email_messages) or 0
        if talk.backend is None:
            sent = self._own.send_messages(email_messages) or 0
        else:
            sent = _in_session(talk.backend, email_messages) or 0
        talk.sent += sent
        return sent


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
