"""Orders by telephone as the page takes them: when they can be collected, how they can be paid, what to send."""

from datetime import datetime
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from api.answers import Answer, InstantText, instant
from counter.services import Phoned
from desk.shown import shown_instant
from orders.models import Order
from shop.pickups import free_windows
from shop.policy import Policy

SHOWN = 80


class WindowAnswer(Answer, frozen=True, kw_only=True):
    """A time to collect at: its day and its hours as they are read."""

    starts_at: InstantText
    day: str
    hours: str


class MethodAnswer(Answer, frozen=True, kw_only=True):
    """A way to pay."""

    code: str
    name: str


class PhoneAnswer(Answer, frozen=True, kw_only=True):
    """What an order by telephone is chosen from; `today` is the first day of a visit."""

    today: str
    windows: list[WindowAnswer]
    methods: list[MethodAnswer]


class PhonedAnswer(Answer, frozen=True, kw_only=True):
    """An order by telephone, and the link that tells whoever ordered.

    `pickup`: when its goods are collected, empty without goods; `visits`: each in a line.
    """

    number: str
    total: Decimal
    pickup: str
    visits: list[str]
    whatsapp: str


def phone_answer(*, policy: Policy, now: datetime) -> PhoneAnswer:
    """Say when goods can be collected next, and how they can be paid; at most one statement.

    What needs longer notice than the shop asks for anything is refused with its order, and says from when.
    """
    windows = free_windows(policy=policy, now=now, lead_minutes=policy.pickup_lead_minutes)[:SHOWN]
    spans = [(timezone.localtime(one.starts_at), timezone.localtime(one.ends_at)) for one in windows]
    day = "D d/m" if (get_language() or "").startswith("pt") else "D j M"
    return PhoneAnswer(
        today=timezone.localtime(now).date().isoformat(),
        windows=[
            WindowAnswer(
                starts_at=instant(start), day=formats.date_format(start, day), hours=f"{start:%H:%M}–{end:%H:%M}"
            )
            for start, end in spans
        ],
        methods=[MethodAnswer(code=code, name=str(Order.PaymentMethod(code).label)) for code in policy.payment_methods],
    )


def phoned_answer(phoned: Phoned, *, pickup: datetime | None) -> PhonedAnswer:
    """Say what was ordered."""
    return PhonedAnswer(
        number=phoned.number,
        total=phoned.total,
        pickup=shown_instant(pickup) if pickup else "",
        visits=[
            _("%(services)s with %(who)s, %(when)s")
            % {
                "services": one.services,
                "who": one.professional,
                "when": shown_instant(datetime.fromisoformat(one.starts_at)),
            }
            for one in phoned.visits
        ],
        whatsapp=phoned.chat_url,
    )
