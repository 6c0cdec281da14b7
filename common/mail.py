"""Sends mail through the configured backend, and never with a transaction open."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from common.transactions import refuse_inside


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
