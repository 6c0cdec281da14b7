"""Every read of figures worth a name.

`spans` says between which instants something counts for a day, `sums` reads what was taken and sold, which `money`
and `sales` tell apart, `visits` the time that was taken, `reading` all of it, `rows` the rows behind a figure.
"""

from reports.selectors.money import Money, Sum
from reports.selectors.reading import Reading, read
from reports.selectors.rows import Asked, Found, Row, rows_behind
from reports.selectors.sales import Good, Goods, Sales, Tickets, goods
from reports.selectors.spans import Span, spans_of
from reports.selectors.visits import Seats, Visits, percent

__all__ = [
    "Asked",
    "Found",
    "Good",
    "Goods",
    "Money",
    "Reading",
    "Row",
    "Sales",
    "Seats",
    "Span",
    "Sum",
    "Tickets",
    "Visits",
    "goods",
    "percent",
    "read",
    "rows_behind",
    "spans_of",
]
