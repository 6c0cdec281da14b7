"""A day's figures in the desk's words: one list of sections, which the page, the printed sheet and the table share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from common.money import format_brl
from desk.shown import actor_names, shown_instant
from reports.sections import ways
from till.models import TENDERS

Cell = str | int | Decimal
"""What stands in a table: words, a number, or an amount."""


@dataclass(frozen=True)
class Section:
    """A table of a day: its title, the names of its columns, its rows, and what explains it."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    hint: str = ""

    @property
    def shown(self) -> list[list[dict[str, Any]]]:
        """The rows as people read them, each cell with the name of its column and whether it is a number."""
        return [
            [
                {"label": label, "text": shown(cell), "number": not isinstance(cell, str), "less": _is_less(cell)}
                for label, cell in zip(self.columns, row, strict=True)
            ]
            for row in self.rows
        ]


def sections_of(figures: Mapping[str, Any]) -> list[Section]:
    """Return everything a day's sheet says, in order; one statement, for the names of the team."""
    names = _names(figures)
    return [
        _summary(figures),
        _by(gettext("By kind of payment"), gettext("Kind of payment"), figures["by_way"], _way),
        _by(gettext("By person"), gettext("Who"), figures["by_person"], lambda row: _who(row, names)),
        _by(gettext("By till"), gettext("Till"), figures["by_till"], lambda row: row["till"]),
        *([_tips(figures["tips"])] if figures.get("tips") else []),
        _drawers(figures["drawers"], names),
        _to_come(figures),
        *([_corrections(figures["corrections"], names)] if figures["corrections"] else []),
    ]


def rows_of(*, heading: str, sections: Iterable[Section]) -> list[Sequence[Cell]]:
    """Return the sections as rows of a table, one below the other, each with its title and the names of its columns."""
    rows: list[Sequence[Cell]] = [[heading]]
    for section in sections:
        rows += [[], [section.title], section.columns, *section.rows]
    return rows


def shown(cell: Cell) -> str:
    """Return a cell as people read it."""
    if isinstance(cell, Decimal):
        return f"-{format_brl(-cell)}" if cell < 0 else format_brl(cell)
    return str(cell)


def _is_less(cell: Cell) -> bool:
    return isinstance(cell, Decimal) and cell < 0


def _amount(text: str) -> Decimal:
    return Decimal(text)


def _summary(figures: Mapping[str, Any]) -> Section:
    amounts = [
        (gettext("Received"), figures["received"]),
        (gettext("Given back"), figures["given_back"]),
        (gettext("Kept of it"), figures["kept"]),
        (gettext("of it goods"), figures["goods"]),
        (gettext("of it time"), figures["time"]),
        (gettext("Discounts on what was sold"), figures["discounts"]),
        (gettext("Kept as a fee for what was called off"), figures["fees"]),
        (gettext("Received on earlier days for what was completed"), figures["received_before"]),
        (gettext("Sold, paid or not"), figures["sold"]["total"]),
    ]
    return Section(
        title=gettext("The day"),
        columns=(gettext("What"), gettext("Amount")),
        rows=[(name, _amount(amount)) for name, amount in amounts],
        hint=gettext(
            "Money over the counter belongs to the day on which somebody opened its drawer; where it opened by itself, "
            "to the day on which it came."
        ),
    )


def _tips(tips: Iterable[Mapping[str, Any]]) -> Section:
    """Return the tips of a day; a day that was closed before there were tips has none."""
    names = ways()
    return Section(
        title=gettext("Tips"),
        columns=(
            gettext("Professional"),
            gettext("Kind of payment"),
            gettext("Received"),
            gettext("Given back"),
            gettext("Kept of it"),
        ),
        rows=[
            (
                one["professional"],
                names[one["tender"]],
                _amount(one["received"]),
                _amount(one["given_back"]),
                _amount(one["kept"]),
            )
            for one in tips
        ],
        hint=gettext("Tips are no income of the shop. They lie in the drawers and are passed on with the commissions."),
    )


def _by(title: str, label: str, rows: Iterable[Mapping[str, Any]], name: Any) -> Section:
    return Section(
        title=title,
        columns=(label, gettext("Payments"), gettext("Received"), gettext("Given back"), gettext("Kept of it")),
        rows=[
            (name(row), row["payments"], _amount(row["received"]), _amount(row["given_back"]), _amount(row["kept"]))
            for row in rows
        ],
    )


def _way(row: Mapping[str, Any]) -> str:
    return ways().get(row["way"], str(row["way"]))


def _drawers(drawers: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for drawer in drawers:
        closed = bool(drawer["closed_at"])
        expected = sum((_amount(drawer["expected"][tender]) for tender in TENDERS), Decimal(0))
        counted = sum((_amount(amount) for amount in drawer["counted"].values()), Decimal(0))
        rows.append(
            (
                f"{_who(drawer, names)} · {drawer['till_name']}",
                shown_instant(datetime.fromisoformat(drawer["opened_at"])),
                shown_instant(datetime.fromisoformat(drawer["closed_at"])) if closed else gettext("open"),
                _amount(drawer["float"]),
                _amount(drawer["put_in"]),
                _amount(drawer["taken_out"]),
                expected if closed else "-",  # what should be there is shown once it has been counted
                counted if closed else "-",
                _amount(drawer["difference"]) if closed else "-",
                drawer["note"],
            )
        )
    return Section(
        title=gettext("Drawers"),
        columns=(
            gettext("Whose"), gettext("Opened"), gettext("Closed"), gettext("Float"), gettext("Put in"),
            gettext("Taken out"), gettext("Should be there"), gettext("Counted"), gettext("Difference"),
            gettext("Note"),
        ),
        rows=rows,
    )  # fmt: skip


def _to_come(figures: Mapping[str, Any]) -> Section:
    counted = [
        (gettext("To be given back to customers"), figures["owed"]),
        (gettext("Pickups of the next day, not paid"), figures["tomorrow"]["pickups"]),
        (gettext("Visits of the next day, not paid"), figures["tomorrow"]["visits"]),
    ]
    return Section(
        title=gettext("What is owed and expected"),
        columns=(gettext("What"), gettext("How many"), gettext("Amount")),
        rows=[(name, row["count"], _amount(row["amount"])) for name, row in counted],
    )


def _corrections(rows: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> Section:
    return Section(
        title=gettext("Corrections"),
        columns=(gettext("When"), gettext("Who"), gettext("Kind of payment"), gettext("Amount"), gettext("Reason")),
        rows=[
            (
                shown_instant(datetime.fromisoformat(row["at"])),
                _who(row, names),
                ways()[row["tender"]],
                _amount(row["amount"]),
                row["reason"],
            )
            for row in rows
        ],
    )


def _who(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if row["actor_kind"] == "staff":
        return names.get(row["actor_id"]) or gettext("Somebody of the team")
    return gettext("Online, by itself")


def _names(figures: Mapping[str, Any]) -> dict[str, str]:
    rows = [*figures["by_person"], *figures["drawers"], *figures["corrections"]]
    return actor_names(row["actor_id"] for row in rows if row["actor_kind"] == "staff")


def day_of(text: str, *, today: date) -> date:
    """Return the day that an address names; today where it names none that could be."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if date(2000, 1, 1) <= day <= today else today
