"""Which times can be sold: pure decisions about seconds and wall clocks, without database, settings or clock.

`spans` is the algebra, `wall_clock` turns weekly rules into instants, `judgement` says what is free and why the rest is
not. Instants are whole seconds since the epoch; ranges are half-open.
"""

from scheduling.slots.judgement import (
    LEAD_TIME,
    LONGEST,
    OFF_GRID,
    OUTSIDE_HOURS,
    REASONS,
    TAKEN,
    Demand,
    Diary,
    Judgement,
    Occupied,
    Place,
    judge,
    session_of,
)
from scheduling.slots.spans import Span, Spans, collide, contains, fit, intersect, subtract, union
from scheduling.slots.wall_clock import (
    DayHours,
    WeeklyHours,
    day_span,
    days_between,
    grid,
    instant_of,
    local_day,
    moment_of,
    on_grid,
    openings,
    seconds_of,
)

__all__ = [
    "LEAD_TIME",
    "LONGEST",
    "OFF_GRID",
    "OUTSIDE_HOURS",
    "REASONS",
    "TAKEN",
    "DayHours",
    "Demand",
    "Diary",
    "Judgement",
    "Occupied",
    "Place",
    "Span",
    "Spans",
    "WeeklyHours",
    "collide",
    "contains",
    "day_span",
    "days_between",
    "fit",
    "grid",
    "instant_of",
    "intersect",
    "judge",
    "local_day",
    "moment_of",
    "on_grid",
    "openings",
    "seconds_of",
    "session_of",
    "subtract",
    "union",
]
