"""Reads of orders worth a name, and who may see which order.

An order that is not the caller's does not exist for them (NotFound), so numbers cannot be probed.
"""

from orders.access import Access, find, opened, visible
from orders.selectors.deadlines import (
    cancel_minutes,
    cancel_until,
    late_fee,
    late_from,
    missed_lines,
    pickup_choices,
    visit_minutes,
)
from orders.selectors.lines import goods_of, living_lines, units_in_fulfilments, visits_ahead, visits_of
from orders.selectors.lists import (
    COSTS_NOW,
    HANDED_OVER,
    MOST_VISITS,
    SOLD,
    list_orders,
    placed_between,
    search,
    sold,
    stranded_pickups,
    to_hand_over,
    uncollected,
    visits_found,
    with_status,
)
from orders.selectors.people import asked_from, is_known_reader, standing
from orders.selectors.reading import (
    Step,
    WholeOrder,
    find_fulfilment,
    fulfilments_of,
    line_of_claim,
    number_of_cart,
    read_history,
    read_order,
    steps,
    whole_order,
)
from orders.selectors.telling import facts_of, superseded, told_of

__all__ = [
    "COSTS_NOW",
    "HANDED_OVER",
    "MOST_VISITS",
    "SOLD",
    "Access",
    "Step",
    "WholeOrder",
    "asked_from",
    "cancel_minutes",
    "cancel_until",
    "facts_of",
    "find",
    "find_fulfilment",
    "fulfilments_of",
    "goods_of",
    "is_known_reader",
    "late_fee",
    "late_from",
    "line_of_claim",
    "list_orders",
    "living_lines",
    "missed_lines",
    "number_of_cart",
    "opened",
    "pickup_choices",
    "placed_between",
    "read_history",
    "read_order",
    "search",
    "sold",
    "standing",
    "steps",
    "stranded_pickups",
    "superseded",
    "to_hand_over",
    "told_of",
    "uncollected",
    "units_in_fulfilments",
    "visible",
    "visit_minutes",
    "visits_ahead",
    "visits_found",
    "visits_of",
    "whole_order",
    "with_status",
]
