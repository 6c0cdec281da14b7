"""Reading the shop's own page."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from functools import lru_cache
from zoneinfo import available_timezones

import msgspec
from django.conf import settings
from django.db.models import IntegerField, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common import sql
from shop.look import DEFAULTS as UNDRESSED
from shop.look import Look, look_from
from shop.models import ShopSettings
from shop.policy import (
    BY_GATEWAY,
    DEFAULTS,
    KEYS,
    PAYMENT_METHODS,
    STATIC_PIX,
    Policy,
    offered_methods,
    policy_from,
)

POLICY_COLUMNS = """
    (SELECT row_to_json(row)::text FROM shop_shopsettings row WHERE row.id = 1),
    (SELECT json_agg(json_build_object('weekday', weekday, 'opens', opens, 'closes', closes)
                     ORDER BY weekday, opens)::text FROM shop_openinghours),
    (SELECT json_agg(json_build_object('day', date, 'name', name) ORDER BY date)::text FROM shop_holiday)
"""
"""The shop's rules, for statements that read something else with them; `policy_of` reads them."""


def policy() -> Policy:
    """Return the shop's profile and rules, hours and holidays included, in one statement.

    `payment_methods` are those that can be completed, which may be fewer than the owner has chosen.
    A shop without a settings row has the defaults.
    """
    return policy_of(*sql.rows(f"SELECT {POLICY_COLUMNS}", {})[0])


def policy_of(row: str | None, hours: str | None, days: str | None) -> Policy:
    """Return the rules that `POLICY_COLUMNS` read; made anew only when they differ from some of the last."""
    if row is None:
        return DEFAULTS
    return _policy(row, hours or "[]", days or "[]", tuple(settings.PAYMENT_GATEWAYS.items()))


@lru_cache(maxsize=4)
def _policy(row: str, hours: str, days: str, gateways: tuple[tuple[str, str], ...]) -> Policy:
    decode = msgspec.json.decode
    found = policy_from(row={**decode(row), "opening_hours": decode(hours), "holidays": decode(days)})
    offered = offered_methods(
        chosen=found.payment_methods, gateways=dict(gateways), pix_key=found.pix_key, currency=found.currency
    )
    return replace(found, payment_methods=offered)


LOOK_COLUMN = "(SELECT row_to_json(look)::text FROM shop_shoplook look WHERE look.id = 1)"


def policy_and_look() -> tuple[Policy, Look]:
    """Return what the shop is and how its window looks, in one statement."""
    *about, look = sql.rows(f"SELECT {POLICY_COLUMNS}, {LOOK_COLUMN}", {})[0]
    return policy_of(*about), look_of(look)


def look() -> Look:
    """Return how the window looks."""
    return look_of(sql.rows(f"SELECT {LOOK_COLUMN}", {})[0][0])


@lru_cache(maxsize=4)
def look_of(row: str | None) -> Look:
    """Return the look that `LOOK_COLUMN` read."""
    return UNDRESSED if row is None else look_from(row=msgspec.json.decode(row))


def known_to_everybody() -> tuple[str, ...]:
    """Return what everybody knows of the shop, and nobody should have as a password."""
    known = policy()
    return known.name, known.legal_name, "balcao"


ZONES = {
    "America/Sao_Paulo": _("Brasília, São Paulo, South, Southeast"),
    "America/Noronha": _("Fernando de Noronha"),
    "America/Belem": _("Belém, Amapá, east of Pará"),
    "America/Fortaleza": _("Fortaleza, Maranhão, Piauí, Rio Grande do Norte, Paraíba"),
    "America/Recife": _("Recife"),
    "America/Araguaina": _("Tocantins"),
    "America/Maceio": _("Maceió, Sergipe"),
    "America/Bahia": _("Bahia"),
    "America/Campo_Grande": _("Mato Grosso do Sul"),
    "America/Cuiaba": _("Mato Grosso"),
    "America/Santarem": _("Santarém, west of Pará"),
    "America/Porto_Velho": _("Rondônia"),
    "America/Boa_Vista": _("Roraima"),
    "America/Manaus": _("Manaus"),
    "America/Eirunepe": _("West of Amazonas"),
    "America/Rio_Branco": _("Acre"),
}
"""The zones of Brazil as people there call them."""


def link_days() -> Coalesce:
    """Return the expression for how many days links outlive what they open, to be read beside it."""
    kept = Subquery(ShopSettings.objects.values("link_days")[:1])
    return Coalesce(kept, Value(DEFAULTS.link_days), output_field=IntegerField())


def zone_name(zone: str) -> str:
    """Return what people call a time zone; one outside Brazil by its city."""
    known = ZONES.get(zone)
    return str(known) if known else zone.rpartition("/")[2].replace("_", " ")


def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return every zone by name: those of Brazil first, then each part of the world."""
    groups: dict[str, list[tuple[str, str]]] = {str(_("Brazil")): [(zone, zone_name(zone)) for zone in ZONES]}
    for zone in sorted(available_timezones() - ZONES.keys()):
        part, slash, city = zone.partition("/")
        if slash and part in PARTS:
            groups.setdefault(str(PARTS[part]), []).append((zone, city.replace("_", " ").replace("/", ", ")))
    return list(groups.items())


PARTS = {
    "America": _("Americas"),
    "Europe": _("Europe"),
    "Africa": _("Africa"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Pacific": _("Pacific"),
    "Indian": _("Indian Ocean"),
}


def chosen_methods() -> tuple[str, ...]:
    """Return the ways to pay that the owner has chosen, whether or not anything is missing for them."""
    row = ShopSettings.objects.values_list("payment_methods", flat=True).first()
    return DEFAULTS.payment_methods if row is None else tuple(row)


def possible_methods() -> tuple[str, ...]:
    """Return the ways to pay that something is configured for; the shop's own Pix still needs its key."""
    return tuple(one for one in PAYMENT_METHODS if one not in BY_GATEWAY or settings.PAYMENT_GATEWAYS.get(one))


def needs_pix_key(*, methods: Iterable[str]) -> bool:
    """Say whether these ways to pay can only be completed with the shop's own Pix key."""
    return "pix" in methods and settings.PAYMENT_GATEWAYS.get("pix") == STATIC_PIX


def settings_as_text(*, policy: Policy) -> dict[str, str]:
    """Return every setting by its key, as `set_policy` takes it: lists joined by commas."""
    values = asdict(policy)
    return {key: as_text(value=values[key]) for key in KEYS}


def as_text(*, value: object) -> str:
    """Return a setting as text, lists joined by commas."""
    return ",".join(str(entry) for entry in value) if isinstance(value, list | tuple) else str(value)
