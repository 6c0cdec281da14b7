"""What the shop has decided about itself, as one frozen value that use cases pass down.

Pure data: names, defaults and the range in which a number still makes sense. `DEFAULTS` is what an
empty database answers with, so a shop without a settings row is open Monday to Saturday rather than broken.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, time
from itertools import pairwise
from types import MappingProxyType
from typing import Any

MINUTES_A_DAY = 24 * 60
MOST_REAIS = 1_000_000

PAYMENT_METHODS = ("on_site", "transfer", "pix", "card")
"""Ways to pay that the owner may choose; `offered_methods` says which of the chosen ones can be completed now."""
BY_GATEWAY = ("pix", "card")
"""Ways to pay that need a gateway."""
STATIC_PIX = "pix"
"""The gateway that is the shop's own Pix key."""
FULFILMENT_METHODS = ("pickup",)
"""Ways to hand goods over that the shop can carry out."""
KNOWN_METHODS = {
    "payment_methods": PAYMENT_METHODS,
    "fulfilment_methods": ("pickup", "delivery"),
}
"""Words that an order may speak, whether or not anything can complete them yet."""
LANGUAGES = ("pt-BR", "en")
LATE_FEES = ("none", "deposit", "share")
"""What the shop may keep of something that is called off late or that nobody comes to."""

LIMITED_ROLES = ("manager", "counter")
"""Roles that go as far as the owner lets them; the settings `ROLE_what` say how far."""

SCALE_VALUES = ("price", "weight")
"""What the label of a scale may hold beside the product's code."""
_SCALE_LAYOUT = re.compile(r"2[0-9]*C{3,6}[0-9]*V{4,6}D")

# Least and greatest value of every number the owner may set, both included.
LIMITS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "cart_hold_minutes": (0, MINUTES_A_DAY),
        "cart_hold_total_minutes": (1, MINUTES_A_DAY * 7),
        "address_hold_total_minutes": (0, MINUTES_A_DAY * 7),
        "max_units_held": (0, 1_000_000),
        "max_units_held_per_address": (0, 1_000_000),
        "cart_ttl_hours": (1, 24 * 90),
        "transfer_hold_minutes": (1, MINUTES_A_DAY * 30),
        "pix_hold_minutes": (5, MINUTES_A_DAY * 7),
        "card_hold_minutes": (5, MINUTES_A_DAY),
        "deadline_margin_minutes": (0, MINUTES_A_DAY * 7),
        "max_open_orders_per_email": (0, 100),
        "max_open_orders_per_address": (0, 10_000),
        "cancel_cutoff_minutes": (0, MINUTES_A_DAY * 30),
        "late_fee_percent": (1, 100),
        "counter_discount_percent": (0, 100),
        "counter_refund_each": (0, MOST_REAIS),
        "counter_refund_day": (0, MOST_REAIS),
        "counter_cancel_paid": (0, MOST_REAIS),
        "manager_discount_percent": (0, 100),
        "manager_refund_each": (0, MOST_REAIS),
        "manager_refund_day": (0, MOST_REAIS),
        "manager_cancel_paid": (0, MOST_REAIS),
        "manager_price_percent": (0, 1000),
        "parked_hold_minutes": (1, MINUTES_A_DAY * 7),
        "pickup_lead_minutes": (0, MINUTES_A_DAY * 30),
        "pickup_horizon_days": (1, 180),
        "pickup_window_minutes": (5, MINUTES_A_DAY),
        "pickup_grace_hours": (1, 24 * 30),
        "max_pickups_per_window": (0, 10_000),
        "slot_granularity_minutes": (5, 240),
        "slot_hold_minutes": (1, MINUTES_A_DAY),
        "lead_time_minutes": (0, MINUTES_A_DAY * 60),
        "booking_horizon_days": (1, 730),
        "overlap_tolerance_minutes": (0, 60),
        "request_hours": (1, 24 * 14),
        "appointment_cancel_cutoff_minutes": (0, MINUTES_A_DAY * 30),
        "appointment_reschedule_cutoff_minutes": (0, MINUTES_A_DAY * 30),
        "max_holds_per_customer": (0, 100),
        "max_holds_per_address": (0, 10_000),
        "max_bookings_per_day": (0, 100),
        "max_bookings_per_address": (0, 10_000),
        "booking_click_minutes": (0, MINUTES_A_DAY),
        "link_days": (0, 3650),
    }
)


@dataclass(frozen=True)
class OpenHours:
    """One stretch of opening a week: Monday is 0; `closes` at 00:00 means the end of that day."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True)
class DayOff:
    """A day on which the shop stays closed."""

    day: date
    name: str


@dataclass(frozen=True)
class Policy:
    """The shop's profile and rules at one instant. Field names are those of the settings row."""

    name: str = "Balcão"
    legal_name: str = ""
    document: str = ""
    currency: str = "BRL"
    timezone: str = "America/Sao_Paulo"
    languages: tuple[str, ...] = ("pt-BR", "en")
    whatsapp: str = ""
    email: str = ""
    address: str = ""
    payment_methods: tuple[str, ...] = ("on_site", "transfer")
    fulfilment_methods: tuple[str, ...] = ("pickup",)
    transfer_instructions: str = ""
    pix_key: str = ""
    pix_name: str = ""
    pix_city: str = ""
    cart_hold_minutes: int = 15
    cart_hold_total_minutes: int = 60
    address_hold_total_minutes: int = 60
    max_units_held: int = 1000
    max_units_held_per_address: int = 0
    cart_ttl_hours: int = 24
    transfer_hold_minutes: int = 2 * MINUTES_A_DAY
    pix_hold_minutes: int = 30
    card_hold_minutes: int = 15
    deadline_margin_minutes: int = 60
    max_open_orders_per_email: int = 3
    max_open_orders_per_address: int = 0
    cancel_cutoff_minutes: int = 60
    late_fee: str = "none"
    late_fee_percent: int = 50
    counter_discount_percent: int = 10
    counter_refund_each: int = 0
    counter_refund_day: int = 0
    counter_cancel_paid: int = 500
    manager_discount_percent: int = 30
    manager_refund_each: int = 500
    manager_refund_day: int = 2000
    manager_cancel_paid: int = 5000
    manager_price_percent: int = 30
    parked_hold_minutes: int = 4 * 60
    scale_layout: str = ""
    scale_value: str = "price"
    pickup_lead_minutes: int = 120
    pickup_horizon_days: int = 14
    pickup_window_minutes: int = 60
    pickup_grace_hours: int = 24
    max_pickups_per_window: int = 0
    slot_granularity_minutes: int = 15
    slot_hold_minutes: int = 10
    lead_time_minutes: int = 120
    booking_horizon_days: int = 60
    overlap_tolerance_minutes: int = 0
    request_hours: int = 24
    appointment_cancel_cutoff_minutes: int = 60
    appointment_reschedule_cutoff_minutes: int = 60
    max_holds_per_customer: int = 5
    max_holds_per_address: int = 20
    max_bookings_per_day: int = 5
    link_days: int = 180
    max_bookings_per_address: int = 100
    booking_click_minutes: int = 0
    opening_hours: tuple[OpenHours, ...] = tuple(
        OpenHours(weekday=weekday, opens=time(9), closes=time(18)) for weekday in range(6)
    )
    holidays: tuple[DayOff, ...] = ()

    def limit_of(self, *, role: str, what: str) -> int | None:
        """Return how far a role may go, in whole reais or per cent: `what` is discount_percent, refund_each and so on.

        None: it has no limit. Limits are of the roles in `LIMITED_ROLES`; permissions say what the others may at all.
        """
        return getattr(self, f"{role}_{what}", None) if role in LIMITED_ROLES else None


DEFAULTS = Policy()
LISTED = ("opening_hours", "holidays")
KEYS = tuple(field.name for field in fields(Policy) if field.name not in LISTED)


def is_scale_layout(layout: str) -> bool:
    """Say whether a layout spells the 13 digits of a scale's label: C the code, V the value, D the check digit."""
    return len(layout) == 13 and _SCALE_LAYOUT.fullmatch(layout) is not None


def offered_methods(
    *, chosen: Sequence[str], gateways: Mapping[str, str], pix_key: str, currency: str
) -> tuple[str, ...]:
    """Return those of the chosen ways to pay that can be completed.

    `gateways`: method -> name of the gateway that is configured for it. The shop's own Pix needs its key, and reais.
    """
    return tuple(
        method
        for method in chosen
        if method not in BY_GATEWAY
        or (bool(pix_key) and currency == "BRL" if gateways.get(method) == STATIC_PIX else bool(gateways.get(method)))
    )


def minute_of_week(*, weekday: int, at: time, end: bool = False) -> int:
    """Return the minutes since Monday 00:00; with `end`, 00:00 counts as the end of the day."""
    minute = at.hour * 60 + at.minute
    return weekday * MINUTES_A_DAY + (MINUTES_A_DAY if end and minute == 0 else minute)


def clashes(*, hours: Sequence[OpenHours]) -> list[tuple[OpenHours, OpenHours]]:
    """Return the pairs of stretches that overlap, each with the one it runs into; touching is no clash."""
    ordered = sorted(hours, key=lambda row: (minute_of_week(weekday=row.weekday, at=row.opens), row.closes == time(0)))
    found: list[tuple[OpenHours, OpenHours]] = []
    for before, after in pairwise(ordered):
        ends = minute_of_week(weekday=before.weekday, at=before.closes, end=True)
        if minute_of_week(weekday=after.weekday, at=after.opens) < ends:
            found.append((before, after))
    return found


def policy_from(*, row: Mapping[str, Any]) -> Policy:
    """Build a policy from the settings row's columns plus `opening_hours` and `holidays` as plain records.

    An hour is {"weekday": 0..6, "opens": "HH:MM:SS", "closes": "HH:MM:SS"}, a holiday {"day": "YYYY-MM-DD", "name"}.
    """
    values: dict[str, Any] = {key: tuple(row[key]) if isinstance(row[key], list) else row[key] for key in KEYS}
    hours = [
        OpenHours(
            weekday=hour["weekday"], opens=time.fromisoformat(hour["opens"]), closes=time.fromisoformat(hour["closes"])
        )
        for hour in row["opening_hours"]
    ]
    days = [DayOff(day=date.fromisoformat(day["day"]), name=day["name"]) for day in row["holidays"]]
    return Policy(**values, opening_hours=tuple(hours), holidays=tuple(days))
