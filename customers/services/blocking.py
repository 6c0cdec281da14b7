"""Keeping a customer out, and letting them in again: the blocks that refuse orders and visits at every door."""

from datetime import datetime

from django.db.models import Q

from accounts import services as accounts
from accounts.models import Block
from common.actors import Actor
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from customers.errors import NothingToBlockBy
from customers.models import CustomerRecord, CustomerStep
from customers.services.records import group_of, living, note


@use_case()
def block_customer(*, record: CustomerRecord, reason: str, actor: Actor, now: datetime) -> CustomerRecord:
    """Let a customer order and book nothing from now on, by whatever they are known by; return the record.

    What they have ordered and booked stays. Their account, if they have one, is switched off.

    Raises:
        NothingToBlockBy: only a name is known of them.
        StaffAccount: they belong to the team.
        MergedMeanwhile, Forgotten: there is nobody left to block.
    """
    kept = living(pk=record.pk)
    group = group_of(record=kept)
    if not any(_is_known(one) for one in group):
        raise NothingToBlockBy()
    _write(group=group, reason=reason, actor=actor, now=now)
    _switch(group=group, active=False, now=now)
    note(records=[kept], action=CustomerStep.Action.BLOCKED, actor=actor, now=now)
    return living(pk=record.pk)


@use_case()
def unblock_customer(*, record: CustomerRecord, actor: Actor, now: datetime) -> CustomerRecord:
    """Lift every block that names a customer and switch their account on; return the record. Raises as `living`."""
    kept = living(pk=record.pk)
    group = group_of(record=kept)
    names = Q(pk__in=[one.block_id for one in group if one.block_id])
    for one in group:
        for field in ("mailbox", "phone", "document"):
            if value := getattr(one, field):
                names |= Q(**{field: value})
    for block in Block.objects.filter(names).order_by("pk"):
        accounts.remove_block(block=block)
    _switch(group=group, active=True, now=now)
    note(records=[kept], action=CustomerStep.Action.UNBLOCKED, actor=actor, now=now)
    return living(pk=record.pk)


@within_unit_of_work
def follow_block(*, record: CustomerRecord, actor: Actor, now: datetime) -> None:
    """Let the block of a locked record name what is known of it now; saves no record.

    What was written down by mistake is nobody's block any more.
    """
    before = record.block
    if before is None or not _is_known(record):
        return
    record.block = _written(record=record, reason=before.reason, actor=actor, now=now)
    others = CustomerRecord.objects.filter(block=before).exclude(pk=record.pk)
    if record.block != before and not others.exists():
        CustomerRecord.objects.filter(pk=record.pk).update(block=record.block)
        accounts.remove_block(block=before)


@within_unit_of_work
def share_block(*, group: list[CustomerRecord], actor: Actor, now: datetime) -> None:
    """Let a block of one of the locked records of one person name them all."""
    reason = next((one.block.reason for one in group if one.block is not None), None)
    if reason is not None:
        _write(group=group, reason=reason, actor=actor, now=now)
        _switch(group=group, active=False, now=now)


def _write(*, group: list[CustomerRecord], reason: str, actor: Actor, now: datetime) -> None:
    """Block each record of one person that is not blocked; one with a name alone shares the block of another."""
    free = [one for one in group if one.block is None]
    for one in free:
        if _is_known(one):
            one.block = _written(record=one, reason=reason, actor=actor, now=now)
    shared = next(one.block for one in group if one.block is not None)
    for one in free:
        one.block = one.block or shared
        one.save(update_fields=["block"])


def _is_known(record: CustomerRecord) -> bool:
    return bool(record.email or record.phone or record.document)


def _written(*, record: CustomerRecord, reason: str, actor: Actor, now: datetime) -> Block:
    known = {"email": record.email, "phone": record.phone, "document": record.document}
    return accounts.write_block(**known, reason=reason, actor=actor, now=now)


def _switch(*, group: list[CustomerRecord], active: bool, now: datetime) -> None:
    for one in group:
        if one.account is not None and one.account.anonymised_at is None and one.account.is_active != active:
            accounts.switch_customer(customer=one.account, active=active, now=now)
