"""What the outbox calls when something about a login must be told to its mailbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts import emails


def mail_person(*, name: str, payload: Mapping[str, Any], event_id: UUID, now: datetime) -> None:
    """Send the letter of an account event to `payload["email"]`. Raises what sending mail raises."""
    emails.send(
        name=name,
        email=payload["email"],
        event_id=event_id,
        now=now,
        attempt=payload.get("attempt"),
        client=payload.get("client", ""),
    )
