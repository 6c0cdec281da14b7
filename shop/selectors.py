"""Reading the shop's own page."""

import json
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from shop.models import PolicyChange
from shop.policy import DEFAULTS, KEYS, Policy, policy_from

_POLICY = """
SELECT
    (SELECT row_to_json(row)::text FROM shop_shopsettings row WHERE row.id = 1),
    (SELECT json_agg(json_build_object('weekday', weekday, 'opens', opens, 'closes', closes)
                     ORDER BY weekday, opens)::text FROM shop_openinghours),
    (SELECT json_agg(json_build_object('day', date, 'name', name) ORDER BY date)::text FROM shop_holiday)
"""


def policy() -> Policy:
    """Return the shop's profile and rules, hours and holidays included, in one statement.

    A shop without a settings row has the defaults. Every use case asks, so the statement is plain SQL and its answer is
    read into a policy only when it differs from one of the last answers.
    """
    with connection.cursor() as cursor:
        cursor.execute(_POLICY)
        row, hours, days = cursor.fetchone()
    return DEFAULTS if row is None else _policy(row, hours or "[]", days or "[]")


@lru_cache(maxsize=4)
def _policy(row: str, hours: str, days: str) -> Policy:
    return policy_from(row={**json.loads(row), "opening_hours": json.loads(hours), "holidays": json.loads(days)})


def public_profile(*, policy: Policy, now: datetime) -> dict[str, Any]:
    """Return what customers may know: the API's document of the shop, past holidays left out."""
    today = now.astimezone(ZoneInfo(policy.timezone)).date()
    return {
        "name": policy.name,
        "timezone": policy.timezone,
        "currency": policy.currency,
        "languages": list(policy.languages),
        "payment_methods": list(policy.payment_methods),
        "fulfilment_methods": list(policy.fulfilment_methods),
        "opening_hours": [
            {"weekday": row.weekday, "opens": f"{row.opens:%H:%M}", "closes": f"{row.closes:%H:%M}"}
            for row in policy.opening_hours
        ],
        "holidays": [
            {"date": holiday.day.isoformat(), "name": holiday.name}
            for holiday in policy.holidays
            if holiday.day >= today
        ],
        "cut_offs": {
            "order_cancel_minutes": policy.cancel_cutoff_minutes,
            "pickup_lead_minutes": policy.pickup_lead_minutes,
            "pickup_horizon_days": policy.pickup_horizon_days,
            "appointment_lead_minutes": policy.lead_time_minutes,
            "appointment_horizon_days": policy.booking_horizon_days,
            "appointment_cancel_minutes": policy.appointment_cancel_cutoff_minutes,
            "appointment_reschedule_minutes": policy.appointment_reschedule_cutoff_minutes,
        },
        "whatsapp": policy.whatsapp or None,
        "email": policy.email or None,
        "address": policy.address or None,
    }


def settings_as_text(*, policy: Policy) -> dict[str, str]:
    """Return every setting by its key, as `set_policy` takes it: lists joined by commas."""
    values = asdict(policy)
    return {key: as_text(value=values[key]) for key in KEYS}


def as_text(*, value: object) -> str:
    """Return a setting as text, lists joined by commas."""
    return ",".join(str(entry) for entry in value) if isinstance(value, list | tuple) else str(value)


def changes() -> QuerySet[PolicyChange]:
    """Return every change of a setting, newest first."""
    return PolicyChange.objects.order_by("-pk")
