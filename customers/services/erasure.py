"""What the shop knows of a customer, overwritten when their account is closed. Orders and visits keep their figures."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from common.actors import Actor
from common.transactions import locked, unit_of_work
from customers.models import CustomerRecord, CustomerStep
from customers.services.records import note

NOBODY: dict[str, Any] = {
    "name": "",
    "phone": "",
    "email": "",
    "document": "",
    "birthday": "",
    "tags": [],
    "notes": "",
}


def erase_record(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Erase the record of a closed account, and what is merged with it. Called by the outbox; safe to repeat.

    A record that is merged with that of an account still in use keeps what is known by that one.
    """
    with unit_of_work():
        closed = CustomerRecord.objects.filter(account__public_id=UUID(payload["customer"])).first()
        if closed is None:
            return
        root = closed.merged_into_id or closed.pk
        group = list(locked(CustomerRecord.objects.filter(Q(pk=root) | Q(merged_into=root))).select_related("account"))
        accounts = [one.account for one in group if one.account is not None]
        shared = any(account.anonymised_at is None for account in accounts)
        gone = [one for one in group if one.anonymised_at is None and (not shared or one.pk == closed.pk)]
        CustomerRecord.objects.filter(pk__in=[one.pk for one in gone]).update(**NOBODY, anonymised_at=now)
        note(records=gone, action=CustomerStep.Action.ERASED, actor=Actor.system(door="task"), now=now)
