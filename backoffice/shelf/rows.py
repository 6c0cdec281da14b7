"""The rows of a count: on the page where one counts, and where the differences are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from backoffice.counter.items import ItemAnswer
from backoffice.shelf.doors import goods_answer
from catalog.selectors import goods_in, offers
from catalog.units import shown_quantity
from common.text import search_key
from desk.shown import actor_names
from inventory.models import CountedLine, StockCount

LISTED = 400
"""Goods of a category that are listed to be counted; what is beyond is scanned."""


@dataclass(frozen=True)
class Difference:
    """A counted line beside what should have been there when it was counted."""

    sku: str
    name: str
    counted: str
    expected: str
    difference: str
    colour: str
    who: str
    at: Any


def lines_to_count(count: StockCount) -> list[dict[str, Any]]:
    """Return the goods of the shelf in its order, then what was scanned beside them, each with what was counted."""
    counted = {line.stock_item.variant.sku: line for line in _lines(count)}
    shelf = {offer.sku: offer for offer in goods_in(category=count.category, limit=LISTED)} if count.category else {}
    beside = offers(skus=counted.keys() - shelf.keys())
    names = actor_names(line.actor_id for line in counted.values())
    return [
        _line(goods_answer(offer), counted.get(sku), names=names)
        for sku, offer in {**{sku: beside[sku] for sku in reversed(counted) if sku in beside}, **shelf}.items()
    ]


def differences(count: StockCount) -> list[Difference]:
    """Return the lines of a compared count, those that differ on top."""
    lines = _lines(count)
    names = actor_names(line.actor_id for line in lines)
    known = offers(skus=[line.stock_item.variant.sku for line in lines])
    ordered = sorted(lines, key=lambda line: line.quantity == line.expected)
    return [_difference(line, name=known[line.stock_item.variant.sku].name, names=names) for line in ordered]


def progress(counts: Sequence[StockCount]) -> list[tuple[StockCount, int, str]]:
    """Return counts with how many lines each has, and who counted them."""
    lines = list(CountedLine.objects.filter(count__in=counts).values_list("count_id", "actor_id"))
    names = actor_names(actor for _count, actor in lines)
    return [
        (
            one,
            sum(1 for count, _actor in lines if count == one.pk),
            ", ".join(
                sorted({names.get(actor, "") for count, actor in lines if count == one.pk} - {""}, key=search_key)
            ),
        )
        for one in counts
    ]


def _lines(count: StockCount) -> list[CountedLine]:
    return list(count.lines.select_related("stock_item__variant"))


def _line(item: ItemAnswer, line: CountedLine | None, *, names: dict[str, str]) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(item, enc_hook=str)
    return {
        **shown,
        "quantity": line.quantity if line else None,
        "version": line.version if line else 0,
        "who": names.get(line.actor_id, "") if line else "",
    }


def _difference(line: CountedLine, *, name: str, names: dict[str, str]) -> Difference:
    unit, delta = line.stock_item.variant.unit, line.quantity - line.expected
    return Difference(
        sku=line.stock_item.variant.sku,
        name=name,
        counted=shown_quantity(quantity=line.quantity, unit=unit),
        expected=shown_quantity(quantity=line.expected, unit=unit),
        difference=shown_quantity(quantity=f"{delta:+d}", unit=unit) if delta else "",
        colour="is-more" if delta > 0 else "is-less" if delta < 0 else "",
        who=names.get(line.actor_id, ""),
        at=line.at,
    )
