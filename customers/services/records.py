"""The steps every rule about records takes: look at a record behind its lock, and write down what was done to it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from common.actors import Actor
from common.errors import NotFound
from common.transactions import locked, within_unit_of_work
from customers.errors import Forgotten, MergedMeanwhile
from customers.models import CustomerRecord, CustomerStep


@within_unit_of_work
def living(*, pk: int) -> CustomerRecord:
    """Return the locked record. Raises NotFound, MergedMeanwhile, Forgotten."""
    kept = locked(CustomerRecord.objects.filter(pk=pk)).first()
    if kept is None:
        raise NotFound()
    if kept.merged_into_id is not None:
        raise MergedMeanwhile()
    if kept.anonymised_at is not None:
        raise Forgotten()
    return kept


@within_unit_of_work
def group_of(*, record: CustomerRecord) -> list[CustomerRecord]:
    """Return a locked record and, locked too, those that were merged into it."""
    there = CustomerRecord.objects.filter(Q(pk=record.pk) | Q(merged_into=record.pk), anonymised_at__isnull=True)
    return list(locked(there).select_related("account"))


@within_unit_of_work
def note(
    *,
    records: Iterable[CustomerRecord],
    action: str,
    actor: Actor,
    now: datetime,
    fields: Sequence[str] = (),
    other: CustomerRecord | None = None,
) -> None:
    """Append one step to the history of each record."""
    CustomerStep.objects.bulk_create(
        CustomerStep(
            record=record,
            action=action,
            fields=list(fields),
            other=other,
            actor_kind=actor.kind,
            actor_id=actor.id,
            door=actor.door,
            at=now,
        )
        for record in records
    )
