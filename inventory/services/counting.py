"""Counting a shelf blind: lines written down one by one, compared with the stock only afterwards, and applied together.

A line remembers the stock at the moment in which it was counted, read under the lock of its stock row. Applied, it
moves the shelf by the difference found then, so what was sold or received since stays as it is. Only another count of
the same units would be undone by it; such a line is refused and counted again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from catalog.errors import UnknownSku
from catalog.models import Product, Variant
from common.actors import Actor
from common.errors import FieldError, InvalidTransition, Malformed, NotFound
from common.text import one_line
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case
from inventory.errors import CountChanged, CountedMeanwhile, NothingCounted
from inventory.models import MAX_ON_HAND, CountedLine, CountStep, StockCount, StockItem, StockMovement
from inventory.services import display
from inventory.services.claims import free_expired
from inventory.services.receiving import locked_items
from inventory.services.stock import shift_items

OPEN, COMPARED, APPLIED, DROPPED = (one.value for one in StockCount.Status)


@dataclass(frozen=True)
class Corrected:
    """What a count has changed: how many lines were counted, and how many of them differed."""

    lines: int
    differences: int


@use_case()
def open_count(*, key: UUID, label: str, category: str, actor: Actor, now: datetime) -> StockCount:
    """Begin a count; `key` becomes its id, so the same key again begins it once. Raises Malformed."""
    there = StockCount.objects.filter(public_id=key).first()
    if there is not None:
        return there
    clean = one_line(label)[:120]
    if not clean:
        raise Malformed(errors=[FieldError(pointer="/label", code="blank", detail=_("Say what is counted."))])
    row = StockCount.objects.create(public_id=key, label=clean, category=category, opened_at=now, changed_at=now)
    _step(row=row, actor=actor, now=now)
    return row


@use_case()
def count_line(*, count: UUID, sku: str, quantity: int, seen: int, actor: Actor, now: datetime) -> CountedLine:
    """Write down how many of a SKU somebody found. `seen`: the version of the line as they saw it, 0 for none.

    Raises NotFound, InvalidTransition (it is counted no more), UnknownSku, CountedMeanwhile.
    """
    row = _locked(count=count, statuses=(OPEN,))
    variant = Variant.objects.filter(sku=sku, product__kind=Product.Kind.GOODS).first()
    if variant is None:
        raise UnknownSku(sku=sku)
    item = locked_items(variants={sku: variant})[sku]
    line = CountedLine.objects.filter(count=row, stock_item=item).first() or CountedLine(
        count=row, stock_item=item, version=0
    )
    if line.pk and line.quantity == quantity and line.actor_id == actor.id and line.version == seen + 1:
        return line  # its answer was lost
    if line.pk and line.version != seen:
        raise CountedMeanwhile(quantity=line.quantity, version=line.version, who=line.actor_id)
    movements = StockMovement.objects.filter(stock_item=item).aggregate(last=Max("pk"))
    line.quantity, line.expected, line.last_movement = quantity, item.on_hand, movements["last"] or 0
    line.version, line.at = line.version + 1, now
    line.actor_kind, line.actor_id = actor.kind, actor.id
    line.save()
    _touch(row=row, now=now)
    return line


@use_case()
def leave_line(*, count: UUID, sku: str, now: datetime) -> None:
    """Take a SKU off a count, so that it is left as it is. Raises NotFound, InvalidTransition."""
    row = _locked(count=count, statuses=(OPEN, COMPARED))
    gone, _each = CountedLine.objects.filter(count=row, stock_item__variant__sku=sku).delete()
    if gone:
        _touch(row=row, now=now)


@use_case()
def compare_count(*, count: UUID, actor: Actor, now: datetime) -> StockCount:
    """End the counting, so that the differences may be seen. Raises NotFound, InvalidTransition, NothingCounted."""
    row = _locked(count=count, statuses=(OPEN, COMPARED))
    if row.status == COMPARED:
        return row
    if not row.lines.exists():
        raise NothingCounted()
    row.comparisons += 1
    return _move(row=row, status=COMPARED, actor=actor, now=now)


@use_case()
def resume_count(*, count: UUID, actor: Actor, now: datetime) -> StockCount:
    """Let a compared count be counted on. Raises NotFound, InvalidTransition."""
    row = _locked(count=count, statuses=(OPEN, COMPARED))
    return row if row.status == OPEN else _move(row=row, status=OPEN, actor=actor, now=now)


@use_case()
def drop_count(*, count: UUID, actor: Actor, now: datetime) -> StockCount:
    """Throw a count away; nothing moves. Raises NotFound, InvalidTransition."""
    return _move(row=_locked(count=count, statuses=(OPEN, COMPARED)), status=DROPPED, actor=actor, now=now)


@use_case()
def apply_count(*, count: UUID, version: int, reason: str, actor: Actor, now: datetime) -> Corrected:
    """Correct the stock by the differences of a compared count, with a movement each, and return how many there were.

    `version`: the count as its differences were looked at.

    Raises NotFound, InvalidTransition, CountChanged, Malformed naming each line that cannot be (`/lines/<sku>`: fewer
    would be left than are promised, or its units were counted another time since); nothing moves then.
    """
    row = _locked(count=count, statuses=(COMPARED,))
    if row.version != version:
        raise CountChanged()
    lines = list(row.lines.select_related("stock_item__variant").order_by("stock_item_id"))
    pks = [line.stock_item_id for line in lines]
    items = {item.pk: item for item in locked(StockItem.objects.filter(pk__in=pks))}
    for pk, reserved in free_expired(item_ids=pks, keep=[], now=now).items():
        items[pk].reserved = reserved
    _refuse(lines=lines, items=items)
    deltas = {line.stock_item_id: line.quantity - line.expected for line in lines}
    shift_items(on_hand=deltas, reserved={})
    StockMovement.objects.bulk_create(
        StockMovement(
            stock_item_id=line.stock_item_id,
            kind=StockMovement.Kind.COUNTED,
            delta=deltas[line.stock_item_id],
            on_hand_after=items[line.stock_item_id].on_hand + deltas[line.stock_item_id],
            reason=reason,
            reference=f"count:{row.public_id}",
            actor_kind=actor.kind,
            actor_id=actor.id,
            door=actor.door,
            at=now,
        )
        for line in lines
    )
    display.forget(skus=[line.stock_item.variant.sku for line in lines])
    _move(row=row, status=APPLIED, reason=reason, actor=actor, now=now)
    return Corrected(lines=len(lines), differences=sum(1 for delta in deltas.values() if delta))


def _refuse(*, lines: Sequence[CountedLine], items: dict[int, StockItem]) -> None:
    """Let lines pass whose differences can be applied to locked stock rows. Raises Malformed."""
    again = _counted_again(lines=lines)
    problems = [
        (line, _problem(line=line, item=items[line.stock_item_id], counted_again=line.stock_item_id in again))
        for line in lines
    ]
    wrong = [
        FieldError(pointer=f"/lines/{line.stock_item.variant.sku}", code=problem[0], detail=problem[1])
        for line, problem in problems
        if problem
    ]
    if wrong:
        raise Malformed(errors=wrong)


def _problem(*, line: CountedLine, item: StockItem, counted_again: bool) -> tuple[str, str] | None:
    after = item.on_hand + line.quantity - line.expected
    if counted_again:
        return "counted_again", _("This was counted another time since. Count it once more, or leave it out.")
    if after < item.reserved and line.quantity != line.expected:
        told = _("%(reserved)s are promised to carts and orders, so at least that many must stay.")
        return "below_reserved", told % {"reserved": item.reserved}
    if after > MAX_ON_HAND:
        return "max_value", _("Too many units.")
    return None


def _counted_again(*, lines: Iterable[CountedLine]) -> set[int]:
    """Return the stock rows that another count has moved since these lines were counted."""
    since = {line.stock_item_id: line.last_movement for line in lines}
    counted = StockMovement.objects.filter(
        stock_item_id__in=since, kind=StockMovement.Kind.COUNTED, pk__gt=min(since.values(), default=0)
    ).values_list("stock_item_id", "pk")
    return {item for item, pk in counted if pk > since[item]}


@within_unit_of_work
def _locked(*, count: UUID, statuses: Sequence[str]) -> StockCount:
    """Return a count, locked, that stands where it may go on from. Raises NotFound, InvalidTransition."""
    row = locked(StockCount.objects.filter(public_id=count)).first()
    if row is None:
        raise NotFound()
    if row.status not in statuses:
        told = {
            COMPARED: _("This count is being compared. Continue it to count more."),
            APPLIED: _("This count has been applied already."),
            DROPPED: _("This count has been thrown away."),
            OPEN: _("This is still being counted. Compare it first."),
        }
        raise InvalidTransition.of(row.status, allowed=list(statuses), detail=told[row.status])
    return row


@within_unit_of_work
def _touch(*, row: StockCount, now: datetime) -> None:
    row.version, row.changed_at = row.version + 1, now
    row.save(update_fields=["version", "changed_at"])


@within_unit_of_work
def _move(*, row: StockCount, status: str, reason: str = "", actor: Actor, now: datetime) -> StockCount:
    row.status, row.version, row.changed_at = status, row.version + 1, now
    row.save(update_fields=["status", "version", "changed_at", "comparisons"])
    _step(row=row, reason=reason, actor=actor, now=now)
    return row


def _step(*, row: StockCount, reason: str = "", actor: Actor, now: datetime) -> None:
    CountStep.objects.create(
        count=row,
        version=row.version,
        status=row.status,
        reason=reason,
        actor_kind=actor.kind,
        actor_id=actor.id,
        door=actor.door,
        at=now,
    )
