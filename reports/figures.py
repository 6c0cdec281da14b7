"""Every figure of the shop, defined once: what it is called, the sentence that says what it counts, how it is worked
out of a reading, and which rows stand behind it. The first page, charts, reports and files show these and no others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.selectors import Asked, Reading

Unit = Literal["text", "day", "count", "money", "share", "hours"]
Value = Decimal | int | None


@dataclass(frozen=True)
class Figure:
    """A figure; `of` works it out, `behind` are the rows that it is made of."""

    key: str
    name: str | Promise
    meaning: str | Promise
    unit: Unit
    of: Callable[[Reading], Value]
    behind: Asked
    icon: str = "monitoring"
    less_is_better: bool = field(default=False)


FIGURES: tuple[Figure, ...] = (
    Figure(
        "revenue",
        _("Revenue"),
        _(
            "Money that came in these days less what was given back, by whichever way. Money over the counter belongs "
            "to the day on which somebody opened its drawer, all other to the day on which it came."
        ),
        "money",
        lambda reading: reading.money.total.kept,
        Asked("money"),
        icon="payments",
    ),
    Figure(
        "goods",
        _("Revenue of goods"),
        _(
            "The part of the revenue that paid for goods. An order of goods and visits shares its money by their "
            "prices."
        ),
        "money",
        lambda reading: reading.money.total.goods,
        Asked("money", what="goods"),
        icon="shopping_bag",
    ),
    Figure(
        "time",
        _("Revenue of time"),
        _("The part of the revenue that paid for visits, deposits and fees of visits included."),
        "money",
        lambda reading: reading.money.total.time,
        Asked("money", what="visit"),
        icon="schedule",
    ),
    Figure(
        "payments",
        _("Payments"),
        _("How many payments came."),
        "count",
        lambda reading: reading.money.total.payments,
        Asked("money", side="came"),
    ),
    Figure(
        "received",
        _("Received"),
        _("Money that came, before what was given back."),
        "money",
        lambda reading: reading.money.total.received,
        Asked("money", side="came"),
    ),
    Figure(
        "given_back",
        _("Given back"),
        _("Money that went back to customers in these days, whenever it had come. It is taken out of the revenue."),
        "money",
        lambda reading: reading.money.total.given_back,
        Asked("money", side="went"),
        icon="currency_exchange",
        less_is_better=True,
    ),
    Figure(
        "tickets",
        _("Sales"),
        _(
            "Orders placed in these days, on the web, at the counter or by telephone, that are confirmed or completed, "
            "paid or not. Not those that wait for payment, ran out or were cancelled."
        ),
        "count",
        lambda reading: reading.sales.total.count,
        Asked("sales"),
        icon="receipt_long",
    ),
    Figure(
        "sold",
        _("Sold, paid or not"),
        _("What those sales are worth, less what was called off of them since. What is not paid yet counts."),
        "money",
        lambda reading: reading.sales.total.worth,
        Asked("sales"),
        icon="sell",
    ),
    Figure(
        "average",
        _("Average sale"),
        _("What was sold, divided by the number of sales."),
        "money",
        lambda reading: reading.sales.total.average,
        Asked("sales"),
        icon="receipt",
    ),
    Figure(
        "visits",
        _("Visits that took place"),
        _("Visits that began in these days and were closed as done."),
        "count",
        lambda reading: reading.visits.total.done,
        Asked("visits", visits="done"),
        icon="event_available",
    ),
    Figure(
        "no_shows",
        _("No-shows"),
        _("Visits of these days that nobody came to."),
        "count",
        lambda reading: reading.visits.total.missed,
        Asked("visits", visits="missed"),
        icon="event_busy",
        less_is_better=True,
    ),
    Figure(
        "no_show_share",
        _("Share of no-shows"),
        _("Of the visits that took place or were missed, how many per cent were missed."),
        "share",
        lambda reading: reading.visits.total.missed_share,
        Asked("visits", visits="due"),
        icon="person_off",
        less_is_better=True,
    ),
    Figure(
        "occupancy",
        _("Occupancy"),
        _(
            "Of the hours that the professionals work, by their weekly hours and special days less their time off, how "
            "many per cent are taken by visits that are confirmed, took place or were missed. A visit put outside of "
            "the hours counts, so it can pass 100%."
        ),
        "share",
        lambda reading: reading.visits.total.occupancy,
        Asked("visits"),
        icon="pie_chart",
    ),
    Figure(
        "booked_hours",
        _("Hours taken"),
        _("How long those visits are together; a class or a group counts once."),
        "hours",
        lambda reading: reading.visits.total.booked_hours,
        Asked("visits"),
    ),
    Figure(
        "working_hours",
        _("Hours worked"),
        _("The hours of the professionals as they stand today, for these days."),
        "hours",
        lambda reading: reading.visits.total.working_hours,
        Asked("visits"),
    ),
    Figure(
        "product",
        _("Goods sold"),
        _("Lines of sales of these days, less what was called off; goods brought back later still count as sold."),
        "money",
        lambda _reading: None,
        Asked("product"),
    ),
)
"""In the order in which they are told."""

BY_KEY: Mapping[str, Figure] = {figure.key: figure for figure in FIGURES}
HEADLINES = (
    "revenue", "goods", "time", "given_back", "tickets", "average", "sold", "visits", "no_shows", "no_show_share",
    "occupancy",
)  # fmt: skip
"""What a report begins with."""
