"""What the shop says of itself."""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from django.core.files.storage import default_storage
from msgspec import Meta

from api.answers import Answer
from shop.look import Look, StoredPicture
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


class LookPictureResponse(Answer, frozen=True, kw_only=True):
    """A picture of the window; sides in pixels."""

    url: str
    alt: str
    width: int
    height: int


class ShopNoticeResponse(Answer, frozen=True, kw_only=True):
    """What customers shall know today, and its last day where it has one."""

    text: str
    until: date | None


class LookResponse(Answer, frozen=True, kw_only=True):
    """How the owner dressed the window: colours for light and dark pages (#rrggbb), pictures and plain texts.

    Null is what was left to the window. Lines of a text are ended by a line feed.
    """

    colour: str | None
    colour_dark: str | None
    logo: LookPictureResponse | None
    cover: LookPictureResponse | None
    welcome: str | None
    about: str | None
    footer: str | None
    notice: ShopNoticeResponse | None
    has_featured: Annotated[bool, Meta(description="Whether products?featured=true has any to show.")]


class ShopResponse(Answer, frozen=True, kw_only=True):
    """What customers may know about the shop."""

    name: str
    timezone: str
    today: date
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
    look: LookResponse


def shop_answer(policy: Policy, look: Look, *, now: datetime) -> ShopResponse:
    """Say what customers may know, past holidays left out."""
    today = now.astimezone(ZoneInfo(policy.timezone)).date()
    return ShopResponse(
        name=policy.name,
        timezone=policy.timezone,
        today=today,
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
        look=look_answer(look, name=policy.name, today=today),
    )


def look_answer(look: Look, *, name: str, today: date) -> LookResponse:
    """Say how the window looks on a day; colours are those of both modes where any was chosen."""
    painted, notice = look.palettes, look.notice_on(today=today)
    return LookResponse(
        colour=painted[0].main if painted else None,
        colour_dark=painted[1].main if painted else None,
        logo=_picture(look.logo, alt=name),
        cover=_picture(look.cover, alt=look.cover_alt),
        welcome=look.welcome or None,
        about=look.about or None,
        footer=look.footer or None,
        notice=ShopNoticeResponse(text=notice, until=look.notice_until) if notice else None,
        has_featured=bool(look.featured),
    )


def _picture(picture: StoredPicture | None, *, alt: str) -> LookPictureResponse | None:
    if picture is None:
        return None
    url = default_storage.url(picture.file)
    return LookPictureResponse(url=url, alt=alt, width=picture.width, height=picture.height)
