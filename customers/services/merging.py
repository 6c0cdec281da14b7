"""Two records of one person become one: the other one points at the one that stays, and nothing is moved."""

from datetime import datetime

from common.actors import Actor
from common.errors import NotFound
from common.text import search_key
from common.transactions import locked
from common.use_cases import use_case
from customers.errors import Forgotten, MergedMeanwhile, SameRecord
from customers.models import MAX_TAGS, Apart, CustomerRecord, CustomerStep
from customers.services.blocking import share_block
from customers.services.records import group_of, note
from customers.services.writing import MAX_NOTES

FILLED = ("phone", "email", "document", "birthday")


@use_case()
def merge_customers(*, stays: CustomerRecord, goes: CustomerRecord, actor: Actor, now: datetime) -> CustomerRecord:
    """Merge `goes`, and what was merged into it before, into `stays`; return the one that stays.

    What the one that stays lacks it gets from the other, tags and notes of both are kept, and a block stays a block.
    Whatever points at the other one, orders and visits, belongs to the one that stays from now on.

    Raises:
        SameRecord: there is only one.
        MergedMeanwhile: one of them was merged by somebody else; look again.
        Forgotten: the data of one of them has been erased.
        AlreadyThere: a third record has the name and phone or e-mail that this one would get.
    """
    if stays.pk == goes.pk:
        raise SameRecord()
    both = {one.pk: one for one in locked(CustomerRecord.objects.filter(pk__in=[stays.pk, goes.pk]))}
    if len(both) != 2:
        raise NotFound()
    if any(one.merged_into_id is not None for one in both.values()):
        raise MergedMeanwhile()
    if any(one.anonymised_at is not None for one in both.values()):
        raise Forgotten()
    kept, other = both[stays.pk], both[goes.pk]
    CustomerRecord.objects.filter(pk=other.pk).update(merged_into=kept)
    CustomerRecord.objects.filter(merged_into=other.pk).update(merged_into=kept)
    changed = _take_over(kept=kept, other=other)
    if changed:
        kept.save(update_fields=changed)
    share_block(group=group_of(record=kept), actor=actor, now=now)
    note(records=[other], action=CustomerStep.Action.MERGED, other=kept, actor=actor, now=now)
    if changed:
        note(records=[kept], action=CustomerStep.Action.CHANGED, fields=changed, actor=actor, now=now)
    return kept


@use_case()
def keep_apart(*, one: CustomerRecord, other: CustomerRecord, actor: Actor, now: datetime) -> None:
    """Say that two records are of two people, so that they are not proposed to be merged; safe to repeat.

    Raises SameRecord.
    """
    first, second = sorted((one.pk, other.pk))
    if first == second:
        raise SameRecord()
    said = {"actor_kind": actor.kind, "actor_id": actor.id, "at": now}
    Apart.objects.bulk_create([Apart(first_id=first, second_id=second, **said)], ignore_conflicts=True)


def _take_over(*, kept: CustomerRecord, other: CustomerRecord) -> list[str]:
    """Give the record that stays what it lacks; return which fields that are."""
    changed = []
    for field in FILLED:
        if not getattr(kept, field) and getattr(other, field):
            setattr(kept, field, getattr(other, field))
            changed.append(field)
    mine = {search_key(tag) for tag in kept.tags}
    tags = [*kept.tags, *(tag for tag in other.tags if search_key(tag) not in mine)][:MAX_TAGS]
    if tags != kept.tags:
        kept.tags = sorted(tags, key=lambda tag: search_key(str(tag)))
        changed.append("tags")
    notes = "\n\n".join(part for part in (kept.notes, other.notes) if part)
    if notes != kept.notes and len(notes) <= MAX_NOTES:
        kept.notes = notes
        changed.append("notes")
    return changed
