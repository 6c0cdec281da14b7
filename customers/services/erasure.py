"""What the shop knows of a customer, overwritten when their account is closed or the owner erases it.

Orders and visits keep their figures.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from common import outbox
from common.actors import Actor
from common.transactions import locked, unit_of_work
from common.use_cases import use_case
from customers.errors import HasAccount
from customers.models import CustomerRecord, CustomerStep
from customers.services.records import group_of, living, note

SHOP = Actor.system(door="task")
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

    Where an account still in use is merged with it, that one's record stays.
    """
    with unit_of_work():
        closed = CustomerRecord.objects.filter(account__public_id=UUID(payload["customer"])).first()
        if closed is None:
            return
        root = closed.merged_into_id or closed.pk
        group = list(locked(CustomerRecord.objects.filter(Q(pk=root) | Q(merged_into=root))).select_related("account"))
        in_use = next((one for one in group if one.account is not None and one.account.anonymised_at is None), None)
        gone = [one for one in group if one.anonymised_at is None and (in_use is None or one.pk == closed.pk)]
        CustomerRecord.objects.filter(pk__in=[one.pk for one in gone]).update(**NOBODY, anonymised_at=now)
        if in_use is not None and closed.pk == root:
            _lead(to=in_use, group=group, now=now)
        note(records=gone, action=CustomerStep.Action.ERASED, actor=SHOP, now=now)


@use_case()
def forget_customer(*, record: CustomerRecord, actor: Actor, now: datetime) -> None:
    """Erase what the shop knows of somebody without an account, and what was merged with it.

    Whoever keeps their name beside a sale or a visit hears of it and erases it; figures stay, and so does a block.
    Raises NotFound, MergedMeanwhile, Forgotten, HasAccount.
    """
    kept = living(pk=record.pk)
    group = group_of(record=kept)
    if any(one.account is not None and one.account.anonymised_at is None for one in group):
        raise HasAccount()
    CustomerRecord.objects.filter(pk__in=[one.pk for one in group]).update(**NOBODY, anonymised_at=now)
    note(records=group, action=CustomerStep.Action.ERASED, actor=actor, now=now)
    for one in group:
        outbox.emit(name="customer.forgotten", payload={"record": str(one.public_id)}, now=now)
    outbox.wake()


def _lead(*, to: CustomerRecord, group: list[CustomerRecord], now: datetime) -> None:
    """Let a record that was merged into an erased one stay, and the others lead to it."""
    CustomerRecord.objects.filter(pk=to.pk).update(merged_into=None)
    others = [one for one in group if one.pk != to.pk]
    CustomerRecord.objects.filter(pk__in=[one.pk for one in others]).update(merged_into=to)
    note(records=others, action=CustomerStep.Action.MERGED, other=to, actor=SHOP, now=now)
