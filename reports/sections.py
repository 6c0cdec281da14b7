"""A report as tables: the one thing that the page shows and the files hold."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from common.money import format_brl
from orders.models import Order
from reports.figures import BY_KEY, HEADLINES, Figure, Unit
from reports.periods import Days, months_of
from reports.selectors import Good, Goods, Money, Reading, Sales, Sum, Visits

MANY_DAYS = 92
"""Beyond so many days a report goes by month."""
NOBODY = "nobody"

BY_DAY = ("revenue", "goods", "time", "tickets", "sold", "visits", "no_shows", "occupancy")
BY_WAY = ("payments", "received", "given_back", "revenue")
BY_PROFESSIONAL = ("time", "visits", "no_shows", "booked_hours", "working_hours", "occupancy")
BY_CHANNEL = ("tickets", "sold", "average")


@dataclass(frozen=True)
class Cell:
    """A value of a table, what it is counted in, and where its rows are."""

    value: str | int | Decimal | date | None
    unit: Unit = "text"
    link: str = ""

    @property
    def text(self) -> str:
        """The value as people read it."""
        return shown(self.value, self.unit)

    @property
    def is_number(self) -> bool:
        """Whether it stands at the right of its column."""
        return self.unit not in ("text", "day")


@dataclass(frozen=True)
class Section:
    """A table: what it is called and about, its columns and rows; `total` stands below.

    `is_mixed`: its rows, not its columns, say what is counted in what.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    hint: str = ""
    total: tuple[Cell, ...] = ()
    is_mixed: bool = False

    @property
    def lines(self) -> list[list[tuple[str, Cell]]]:
        """The rows, each cell beside the name of its column."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]

    def only(self, *places: int) -> "Section":
        """Return the table with some of its columns."""
        return replace(
            self,
            columns=tuple(self.columns[place] for place in places),
            rows=[tuple(row[place] for place in places) for row in self.rows],
            total=tuple(self.total[place] for place in places) if self.total else (),
        )

    @property
    def headings(self) -> list[tuple[str, bool]]:
        """The columns, each with whether numbers stand in it."""
        numbers = [cell.is_number for cell in self.rows[0]] if self.rows else [False] * len(self.columns)
        return list(zip(self.columns, numbers, strict=True))


def shown(value: Any, unit: Unit) -> str:
    """Return a value as people read it; a dash where there is none."""
    if value is None:
        return "–"
    if unit == "money":
        return f"-{format_brl(-value)}" if value < 0 else format_brl(value)
    if unit == "share":
        return f"{number_format(value, decimal_pos=1)}%"
    if unit == "hours":
        return f"{number_format(value, decimal_pos=1)} h"
    if unit == "count":
        return number_format(value, force_grouping=True)
    if unit == "day":
        return date_format(value, "SHORT_DATE_FORMAT")
    return str(value)


def link_to(figure: str, days: Days, **narrowed: object) -> str:
    """Return the address of the rows behind a figure of some days."""
    asked = {"figure": figure, "first": days.first, "last": days.last, **narrowed}
    return f"{reverse('reports:rows')}?{urlencode(asked)}"


def headlines(reading: Reading, before: Reading | None) -> list[dict[str, Any]]:
    """Return the figures that a report begins with, beside those of the days it is compared with."""
    found = []
    for figure in (BY_KEY[key] for key in HEADLINES):
        value, then = figure.of(reading), figure.of(before) if before is not None else None
        found.append(
            {
                "figure": figure,
                "value": value,
                "text": shown(value, figure.unit),
                "link": link_to(figure.key, reading.days),
                "then": then,
                "then_text": shown(then, figure.unit),
                "then_link": link_to(figure.key, before.days) if before is not None else "",
                "change": _change(figure, value, then),
            }
        )
    return found


def _change(figure: Figure, value: Any, then: Any) -> dict[str, Any] | None:
    """Return by how many per cent a figure changed, shares by how many points; None where nothing can be said."""
    if value is None or then is None or (not then and figure.unit != "share"):
        return None
    by = value - then if figure.unit == "share" else (Decimal(value) - then) * 100 / abs(then)
    by = Decimal(by).quantize(Decimal("0.1"))
    said = _("%(by)s points") if figure.unit == "share" else "%(by)s%%"
    good = by < 0 if figure.less_is_better else by > 0
    sign = "+" if by > 0 else ""
    return {"by": by, "text": sign + said % {"by": number_format(by, decimal_pos=1)}, "good": good, "flat": by == 0}


def summary(found: list[dict[str, Any]], *, compared: bool) -> Section:
    """Return the headlines as a table."""
    columns = [_("Figure"), _("These days")]
    rows = []
    for one in found:
        unit = one["figure"].unit
        cells = [Cell(str(one["figure"].name)), Cell(one["value"], unit, one["link"])]
        if compared:
            change = one["change"]
            cells += [Cell(one["then"], unit, one["then_link"]), Cell(change["by"] if change else None, "share")]
        rows.append(tuple(cells))
    if compared:
        columns += [_("Days compared with"), _("Change (%)")]
    return Section("summary", _("In short"), tuple(columns), rows, is_mixed=True)


def ways() -> dict[str, str]:
    """Return what the desk calls the ways in which money comes and goes."""
    return {
        "cash": _("Cash"),
        "card": _("Card machine"),
        "pix": _("Pix at the counter"),
        "transfer": _("Bank transfer"),
        "pix_online": _("Pix online"),
        "card_online": _("Card online"),
    }


def by_day(reading: Reading) -> Section:
    """Return the figures of each day; of each month, where there are many days."""
    monthly = len(reading.days) > MANY_DAYS
    stretches = months_of(reading.days) if monthly else [Days(day, day) for day in reading.days]
    return _table(
        "by_day",
        _("By month") if monthly else _("By day"),
        _("Month") if monthly else _("Day"),
        BY_DAY,
        (
            (Cell(_month(days), "text") if monthly else Cell(days.first, "day"), reading.part(days), {})
            for days in stretches
        ),
        total=reading,
    )


def _month(days: Days) -> str:
    return date_format(days.first, "m/Y")


def by_way(reading: Reading) -> Section:
    """Return the money by the way it went, the most first."""
    names = ways()
    found = sorted(reading.money.by_way.items(), key=lambda one: (-one[1].kept, one[0]))
    rows = (
        (Cell(names.get(way, way)), replace(reading, money=Money(by_day=[money])), {"way": way}) for way, money in found
    )
    return _table("by_way", _("By kind of payment"), _("Kind of payment"), BY_WAY, rows, total=reading)


def by_professional(reading: Reading) -> Section:
    """Return what visits brought and how the time was taken, by professional; the most money first."""
    money, visits = reading.money.by_professional, reading.visits
    keys: list[int | None] = [*visits.names]
    keys += [None] if money.get(None) else []
    rows = []
    for key in sorted(keys, key=lambda key: -money.get(key, Decimal(0))):  # by name where it is the same
        seats = visits.by_professional.get(key) if key is not None else None
        if key is not None and seats is None and not money.get(key):
            continue  # neither worked nor earned in these days
        name = visits.names[key] if key is not None else _("Nobody in particular")
        part = replace(
            reading,
            money=Money(by_day=[Sum(received=money.get(key, Decimal("0.00")))]),
            visits=Visits(by_day=[seats] if seats is not None else []),
        )
        rows.append((Cell(name), part, {"professional": key if key is not None else NOBODY}))
    return _table(
        "by_professional",
        _("By professional"),
        _("Professional"),
        BY_PROFESSIONAL,
        rows,
        hint=_("Revenue of time goes to who performs the visit; goods are nobody's."),
        total=reading,
    )


def by_channel(reading: Reading) -> Section:
    """Return the sales by where they came from."""
    names = dict(Order.Channel.choices)
    found = sorted(reading.sales.by_channel.items(), key=lambda one: (-one[1].worth, one[0]))
    rows = (
        (Cell(str(names.get(channel, channel))), replace(reading, sales=Sales(by_day=[sold])), {"channel": channel})
        for channel, sold in found
    )
    return _table("by_channel", _("By channel"), _("Channel"), BY_CHANNEL, rows, total=reading)


def best(goods: Goods, days: Days) -> Section:
    """Return the best sold goods."""
    return _goods("best", _("Best-selling goods"), goods.best, days, hint=str(BY_KEY["product"].meaning))


def slowest(goods: Goods, days: Days) -> Section:
    """Return goods that lie in the shop and sold least."""
    hint = _("Goods for sale of which units are in the shop, those that sold for the least first.")
    return _goods("slowest", _("Slowest goods"), goods.slowest, days, hint=hint)


def _goods(key: str, title: str, found: Sequence[Good], days: Days, *, hint: str) -> Section:
    columns = (_("Product"), "SKU", _("Units sold"), _("Unit"), _("Sales"), _("Sold for"), _("In the shop"))
    units = {"piece": _("piece"), "g": "g", "ml": "ml"}
    rows = [
        (
            Cell(good.name),
            Cell(good.sku),
            Cell(good.units, "count"),
            Cell(units.get(good.unit, good.unit)),
            Cell(good.orders, "count"),
            Cell(good.worth, "money", link_to("product", days, variant=good.variant)),
            Cell(good.on_hand, "count"),
        )
        for good in found
    ]
    return Section(key, title, columns, rows, hint=hint)


def _table(
    key: str,
    title: str,
    label: str,
    figures: Sequence[str],
    rows: Iterable[tuple[Cell, Reading, Mapping[str, object]]],
    *,
    hint: str = "",
    total: Reading,
) -> Section:
    """Return a table of figures, a row for each part of what was read."""
    wanted = [BY_KEY[name] for name in figures]
    return Section(
        key=key,
        title=title,
        columns=(label, *(str(figure.name) for figure in wanted)),
        rows=[(name, *_cells(wanted, part, narrowed)) for name, part, narrowed in rows],
        hint=hint,
        total=(Cell(_("Total")), *_cells(wanted, total, {})),
    )


def _cells(figures: Iterable[Figure], reading: Reading, narrowed: Mapping[str, object]) -> list[Cell]:
    return [Cell(figure.of(reading), figure.unit, link_to(figure.key, reading.days, **narrowed)) for figure in figures]


def sections_of(reading: Reading, goods: Goods) -> list[Section]:
    """Return every table of a report but the summary."""
    made: tuple[Callable[[Reading], Section], ...] = (by_way, by_professional, by_channel)
    shelves = [best(goods, reading.days), slowest(goods, reading.days)]
    return [*(make(reading) for make in made), *shelves, by_day(reading)]
