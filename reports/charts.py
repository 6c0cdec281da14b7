"""Charts, drawn by the Chart.js that the desk brings along; each stands beside the table that says the same."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reports.figures import BY_KEY
from reports.periods import Days, months_of
from reports.sections import BY_DAY, MANY_DAYS, Section
from reports.selectors import Reading

COLOURS = ("var(--color-primary-600)", "var(--color-base-400)")
MOST_BARS, LONGEST_LABEL = 10, 26


@dataclass(frozen=True)
class Chart:
    """A picture of a table: what Chart.js draws, and what is said to whoever cannot see it."""

    key: str
    title: str
    kind: str
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float | None]]]
    table: Section
    across: bool = False

    @property
    def data(self) -> str:
        """Return labels and values as Chart.js reads them."""
        return json.dumps(
            {
                "labels": list(self.labels),
                "datasets": [
                    {
                        "label": name,
                        "data": list(values),
                        "backgroundColor": colour,
                        "borderColor": colour,
                        "borderRadius": 3,
                        "pointRadius": 2,
                    }
                    for (name, values), colour in zip(self.series, COLOURS, strict=False)
                ],
            }
        )

    @property
    def options(self) -> str:
        """Return how it is drawn: without movement, numbers as the language writes them."""
        stacked = self.kind == "bar" and len(self.series) > 1
        grey = {"color": "#9ca3af"}
        along = {"stacked": stacked, "grid": {"display": False}, "ticks": {**grey, "autoSkip": not self.across}}
        up = {"stacked": stacked, "beginAtZero": True, "border": {"display": False}, "grid": {}, "ticks": grey}
        return json.dumps(
            {
                "animation": False,
                "maintainAspectRatio": False,
                "indexAxis": "y" if self.across else "x",
                "locale": get_language() or "pt-br",
                "interaction": {"mode": "index", "axis": "y" if self.across else "x", "intersect": False},
                "plugins": {
                    "legend": {"display": len(self.series) > 1, "labels": {**grey, "boxHeight": 8, "boxWidth": 8}}
                },
                "scales": {"x": up, "y": along} if self.across else {"x": along, "y": up},
            }
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for _name, values in self.series for value in values)


def charts_of(reading: Reading, sections: Sequence[Section]) -> list[Chart]:
    """Return the pictures of a report's tables."""
    tables = {section.key: section for section in sections}
    by_day = tables["by_day"]
    stretches = months_of(reading.days) if len(reading.days) > MANY_DAYS else [Days(day, day) for day in reading.days]
    form = "m/Y" if len(reading.days) > MANY_DAYS else "d/m"
    labels = [date_format(days.first, form) for days in stretches]
    parts = [reading.part(days) for days in stretches]

    def along(*figures: str) -> list[tuple[str, list[float | None]]]:
        return [(str(BY_KEY[key].name), [_plain(BY_KEY[key].of(part)) for part in parts]) for key in figures]

    def days_of(*figures: str) -> Section:
        return by_day.only(0, *(1 + BY_DAY.index(key) for key in figures))

    return [
        Chart(
            "revenue",
            _("Revenue by day, goods and time"),
            "bar",
            labels,
            along("goods", "time"),
            days_of("goods", "time"),
        ),
        Chart("tickets", _("Sales"), "bar", labels, along("tickets"), days_of("tickets")),
        _bars("by_way", _("Revenue by kind of payment"), tables["by_way"], -1),
        _bars("by_professional", _("Revenue of time by professional"), tables["by_professional"], 1),
        Chart("occupancy", _("Occupancy, in %"), "line", labels, along("occupancy"), days_of("occupancy")),
        Chart(
            "no_shows",
            _("Visits that took place, and no-shows"),
            "bar",
            labels,
            along("visits", "no_shows"),
            days_of("visits", "no_shows"),
        ),
        _bars("best", _("Best-selling goods"), tables["best"], 5),
    ]


def _bars(key: str, title: str, table: Section, column: int) -> Chart:
    """Return a column of a table as bars, one below the other."""
    rows = table.rows[:MOST_BARS]
    values = [_plain(row[column].value) for row in rows]
    return Chart(
        key,
        title,
        "bar",
        [Truncator(row[0].text).chars(LONGEST_LABEL) for row in rows],
        [(table.columns[column], values)],
        table,
        across=True,
    )


def _plain(value: Any) -> float | None:
    """Return a value as a script reads it; nothing is reckoned with it any more."""
    return float(value) if isinstance(value, Decimal | int) else None
