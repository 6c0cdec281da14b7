"""What the shop knows of a customer, overwritten when their account is closed or the owner erases it.

Orders and visits keep their figures.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from common import outbox
from common.actors import Actor
from common.transactions import locked, one_at_a_time, unit_of_work
from common.use_cases import use_case
from customers.errors import HasAccount
from customers.models import CustomerRecord, CustomerStep
from customers.services.linking import LINKING
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

    What stands under it goes as where the owner erases it. Where another account of the same person is still in use,
    that one's record stays, and of two that were merged what stands under the one that led stays with it.
    """
    with unit_of_work():
        one_at_a_time(names=[LINKING])  # what is being put under it now is there to be erased
        closed = CustomerRecord.objects.filter(account__public_id=UUID(payload["customer"])).first()
        if closed is None:
            return
        root = closed.merged_into_id or closed.pk
        group = list(locked(CustomerRecord.objects.filter(Q(pk=root) | Q(merged_into=root))).select_related("account"))
        in_use = next((one for one in group if one.account is not None and one.account.anonymised_at is None), None)
        if in_use is None:
            _forget(records=group, actor=SHOP, now=now)
            _tell(records=group, now=now)
            return
        own = [one for one in group if one.pk == closed.pk and one.anonymised_at is None]
        _forget(records=own, actor=SHOP, now=now)
        if closed.pk == root:
            _lead(to=in_use, group=group, now=now)
        else:
            _tell(records=own, now=now)


@use_case()
def forget_customer(*, record: CustomerRecord, actor: Actor, now: datetime) -> None:
    """Erase what the shop knows of somebody without an account, and what was merged with it.

    Figures stay, and so does a block. Raises NotFound, MergedMeanwhile, Forgotten, HasAccount.
    """
    kept = living(pk=record.pk)
    group = group_of(record=kept)
    if any(one.account is not None and one.account.anonymised_at is None for one in group):
        raise HasAccount()
    _forget(records=group, actor=actor, now=now)
    _tell(records=group, now=now)


def _forget(*, records: list[CustomerRecord], actor: Actor, now: datetime) -> None:
    """Overwrite locked records, each once."""
    known = [one for one in records if one.anonymised_at is None]
    CustomerRecord.objects.filter(pk__in=[one.pk for one in known]).update(**NOBODY, anonymised_at=now)
    note(records=known, action=CustomerStep.Action.ERASED, actor=actor, now=now)


def _tell(*, records: list[CustomerRecord], now: datetime) -> None:
    """Let whoever keeps a name beside a sale or a visit under the records hear of it and erase it."""
    for one in records:
        outbox.emit(name="customer.forgotten", payload={"record": str(one.public_id)}, now=now)
    outbox.wake()


def _lead(*, to: CustomerRecord, group: list[CustomerRecord], now: datetime) -> None:
    """Let a record that was merged into an erased one stay, and the others lead to it."""
    CustomerRecord.objects.filter(pk=to.pk).update(merged_into=None)
    others = [one for one in group if one.pk != to.pk]
    CustomerRecord.objects.filter(pk__in=[one.pk for one in others]).update(merged_into=to)
    note(records=others, action=CustomerStep.Action.MERGED, other=to, actor=SHOP, now=now)
