"""Sends mail through the configured backend, and never with a transaction open."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.mime.text import MIMEText
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from common.transactions import refuse_inside


@dataclass(frozen=True)
class CalendarFile:
    """A calendar file that goes with a letter; `method` says what calendars are to do with it (RFC 5546)."""

    name: str
    method: str
    body: bytes


@dataclass(frozen=True)
class Letter:
    """One plain e-mail, ready to go. `identity` is the same whenever the same letter is sent again."""

    recipient: str
    subject: str
    body: str
    identity: UUID
    reply_to: str = ""
    calendar: CalendarFile | None = None


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


class GuardedEmailBackend(BaseEmailBackend):
    """Hands messages to `MAIL_DELIVERY`. Raises RuntimeError inside a unit of work."""

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self._inner = get_connection(settings.MAIL_DELIVERY, fail_silently=fail_silently, **options)

    def open(self) -> bool | None:
        """Open the connection to the mail server."""
        return self._inner.open()

    def close(self) -> None:
        """Close it."""
        self._inner.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send the messages and return how many went out."""
        refuse_inside("mail")
        return self._inner.send_messages(email_messages) or 0
