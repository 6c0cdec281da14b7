"""Writes to the shop about its money. Called by the outbox, once per event, with no transaction open."""

from datetime import datetime
from typing import Any
from uuid import UUID

from payments import emails
from payments.models import MoneyCase
from shop import services as shop


def mail_shop(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Tell the shop of a case of its money inbox, if it has an address to be told at and the case is still open.

    Raises what the mail server raises; the outbox tries again.
    """
    policy = shop.policy()
    found = MoneyCase.objects.select_related("order__contact", "refund")
    case = found.filter(public_id=payload["case"], status=MoneyCase.Status.OPEN).first()
    if case is not None and policy.email:
        emails.to_shop(case=case, policy=policy, event_id=event_id)
