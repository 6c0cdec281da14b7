"""What the shop says of itself."""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta

from api.answers import Answer
from shop.policy import Policy

ClockText = Annotated[str, Meta(extra_json_schema={"pattern": r"^\d{2}:\d{2}$"})]


class OpeningHoursResponse(Answer, frozen=True, kw_only=True):
    """One stretch of opening; Monday is 0, and closing at 00:00 is the end of that day."""

    weekday: Annotated[int, Meta(extra_json_schema={"minimum": 0, "maximum": 6})]
    opens: ClockText
    closes: ClockText


class HolidayResponse(Answer, frozen=True, kw_only=True):
    """A day on which the shop stays closed."""

    date: date
    name: str


class CutOffsResponse(Answer, frozen=True, kw_only=True):
    """How early and how late customers may act."""

    order_cancel_minutes: int
    pickup_lead_minutes: int
    pickup_horizon_days: int
    appointment_lead_minutes: int
    appointment_horizon_days: int
    appointment_cancel_minutes: int
    appointment_reschedule_minutes: int


class ShopResponse(Answer, frozen=True, kw_only=True):
    """What customers may know about the shop."""

    name: str
    timezone: str
    currency: str
    languages: list[str]
    payment_methods: list[str]
    fulfilment_methods: list[str]
    opening_hours: list[OpeningHoursResponse]
    holidays: list[HolidayResponse]
    cut_offs: CutOffsResponse
    whatsapp: str | None
    email: str | None
    address: str | None


def shop_answer(policy: Policy, *, now: datetime) -> ShopResponse:
    """Say what customers may know, past holidays left out."""
    today = now.astimezone(ZoneInfo(policy.timezone)).date()
    return ShopResponse(
        name=policy.name,
        timezone=policy.timezone,
        currency=policy.currency,
        languages=list(policy.languages),
        payment_methods=list(policy.payment_methods),
        fulfilment_methods=list(policy.fulfilment_methods),
        opening_hours=[
            OpeningHoursResponse(weekday=row.weekday, opens=f"{row.opens:%H:%M}", closes=f"{row.closes:%H:%M}")
            for row in policy.opening_hours
        ],
        holidays=[
            HolidayResponse(date=holiday.day, name=holiday.name) for holiday in policy.holidays if holiday.day >= today
        ],
        cut_offs=CutOffsResponse(
            order_cancel_minutes=policy.cancel_cutoff_minutes,
            pickup_lead_minutes=policy.pickup_lead_minutes,
            pickup_horizon_days=policy.pickup_horizon_days,
            appointment_lead_minutes=policy.lead_time_minutes,
            appointment_horizon_days=policy.booking_horizon_days,
            appointment_cancel_minutes=policy.appointment_cancel_cutoff_minutes,
            appointment_reschedule_minutes=policy.appointment_reschedule_cutoff_minutes,
        ),
        whatsapp=policy.whatsapp or None,
        email=policy.email or None,
        address=policy.address or None,
    )
