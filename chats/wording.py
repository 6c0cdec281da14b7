"""What messages say: our words for each occasion, and what the names in them are filled with."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chats.filling import NAMES, filled
from chats.models import Occasion
from common.access import access_token
from common.dates import when
from common.money import format_amount
from common.text import name_in_letters
from orders.access import token_of
from orders.amounts import amount_due, asked_first, shown_total
from orders.models import Order
from orders.wording import page_path as order_path
from orders.wording import pay_url
from scheduling.models import Appointment
from scheduling.wording import KIND
from scheduling.wording import page_path as visit_path
from shop.policy import Policy

LANGUAGES = ("pt-br", "en")

DEFAULTS: Mapping[str, Promise] = {
    Occasion.ORDER_READY: _(
        "Hello, {name}! {shop} here: your order {order} is ready. Come and collect it! You find it here: {link}"
    ),
    Occasion.ORDER_TO_PAY: _(
        "Hello, {name}! {shop} here: we keep your order {order} for you until {until}. Please pay {due} by then, "
        "here: {link}"
    ),
    Occasion.VISIT_CANCELLED: _(
        "Hello, {name}. {shop} here: we are sorry, your appointment on {when} cannot take place. Answer us here "
        "and we will find another time for you."
    ),
    Occasion.VISIT_MOVED: _(
        "Hello, {name}! {shop} here: your appointment has a new time: {when}, with {professional}. If it does not suit "
        "you, answer us here."
    ),
    Occasion.VISIT_ACCEPTED: _(
        "Hello, {name}! {shop} here: your appointment on {when} with {professional} is confirmed. See you there!"
    ),
    Occasion.VISIT_SOON: _(
        "Hello, {name}! {shop} here, to remind you of your appointment on {when}, with {professional}. See you soon!"
    ),
}
"""Our own words. The names in braces stay as they are in English and are the Portuguese ones in Portuguese."""

_OF_ORDERS = ("name", "shop", "number", "items", "total", "due", "until", "link")
_OF_VISITS = ("name", "shop", "when", "professional", "services", "total", "link")

MEANINGS: Mapping[str, Promise] = {
    "name": _("first name of the customer"),
    "shop": _("name of the shop"),
    "when": _("day and time of the visit"),
    "professional": _("who performs it"),
    "services": _("the services"),
    "number": _("number of the order"),
    "items": _("what was ordered"),
    "total": _("what it costs"),
    "due": _("what is still to be paid; while a deposit is awaited, that alone"),
    "until": _("until when it is kept"),
    "link": _("page of the order or visit; where one pays, if it is to be paid"),
}

_EXAMPLE: Mapping[str, Promise | str] = {
    "name": "Bia",
    "when": _("June 14, 2027 at 10:00"),
    "professional": "João",
    "services": _("Haircut"),
    "number": "K7M2P9QX4",
    "items": _("2 × Bread"),
    "until": _("June 14, 2027 at 18:00"),
}

_AMOUNTS = {"total": Decimal(35), "due": Decimal(20)}


@dataclass(frozen=True)
class Name:
    """A name that may stand in braces: as people write it here, and what it is filled with."""

    braced: str
    meaning: str


def allowed_in(*, occasion: str) -> tuple[str, ...]:
    """Return what the texts of an occasion may name."""
    return _OF_ORDERS if occasion.startswith("order_") else _OF_VISITS


def names_for(*, occasion: str, language: str) -> list[Name]:
    """Return the names that the texts of an occasion may hold, as that language writes them."""
    place = LANGUAGES.index(language)
    return [Name(f"{{{NAMES[field][place]}}}", str(MEANINGS[field])) for field in allowed_in(occasion=occasion)]


def our_words(*, occasion: str, language: str) -> str:
    """Return our own text for an occasion in a language."""
    with translation.override(language):
        return str(DEFAULTS[occasion])


def example(*, text: str, language: str, policy: Policy) -> str:
    """Return a text filled for somebody made up, as its reader would get it."""
    with translation.override(language):
        amounts = {name: format_amount(value, currency=policy.currency) for name, value in _AMOUNTS.items()}
        values = {name: str(value) for name, value in _EXAMPLE.items()}
        link = f"{settings.PUBLIC_URL}/..."
        return filled(text=text, values={**values, **amounts, "shop": policy.name, "link": link})


def of_order(*, order: Order, text: str, policy: Policy) -> str:
    """Return a text filled with an order, read with its contact and lines, in the language in force."""
    zone = ZoneInfo(policy.timezone)
    page = settings.PUBLIC_URL + order_path(number=order.number, token=token_of(order=order))
    values = {
        "name": _first_name(order.contact.name),
        "shop": policy.name,
        "number": order.number,
        "items": ", ".join(line.words for line in order.lines.all() if not line.called_off),
        "total": format_amount(shown_total(order=order), currency=order.currency),
        "due": format_amount(asked_first(order=order) or amount_due(order=order), currency=order.currency),
        "until": when(moment=order.expires_at, zone=zone) if order.expires_at else "",
        "link": pay_url(order=order, status=order.status, offered=policy.payment_methods) or page,
    }
    return filled(text=text, values=values)


def of_visit(*, visit: Appointment, text: str, policy: Policy) -> str:
    """Return a text filled with a visit, read with its professional and services, in the language in force."""
    token = access_token(kind=KIND, public_id=visit.public_id, version=visit.link_version)
    values = {
        "name": _first_name(visit.contact_name),
        "shop": policy.name,
        "when": when(moment=visit.starts_at, zone=ZoneInfo(policy.timezone)),
        "professional": visit.professional.name,
        "services": ", ".join(one.name for one in visit.services.all()),
        "total": format_amount(visit.total, currency=visit.currency),
        "link": settings.PUBLIC_URL + visit_path(public_id=visit.public_id, token=token),
    }
    return filled(text=text, values=values)


def complaint(*, unknown: str, occasion: str, language: str) -> str:
    """Return why a text is refused that names something unknown."""
    if unknown in ("{", "}"):
        return gettext("There is a brace without its other half.")
    known = ", ".join(name.braced for name in names_for(occasion=occasion, language=language))
    return gettext("{%(name)s} means nothing here. You may use: %(known)s.") % {"name": unknown, "known": known}


def _first_name(name: str) -> str:
    return name_in_letters(name).partition(" ")[0]
