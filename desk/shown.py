"""How the desk shows things: instants and windows in the shop's zone, phones, and who acted."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import phonenumbers
from django.contrib.auth import get_user_model
from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from common.dates import midnight

DAY = 24 * 60
MINUTES = {"minutes": 1, "hours": 60, "days": DAY}
DOORS = {
    "admin": _("Desk"),
    "api": _("Shop window or app"),
    "command": _("Command line"),
    "task": _("By itself"),
}

_STORED_ID = re.compile(r"[0-9]{1,10}")

ACTORS = {
    "customer": _("Customer"),
    "guest": _("Customer"),
    "system": _("The shop, by itself"),
    "gateway": _("Payment service"),
    "staff": _("Team"),
}


def name_actors(rows: Iterable[Any]) -> None:
    """Give each row that says who acted an `actor_name`; one statement, none where no row says so."""
    acted = [row for row in rows if hasattr(row, "actor_kind")]
    names = actor_names(row.actor_id for row in acted if row.actor_kind == "staff") if acted else {}
    for row in acted:
        row.actor_name = names.get(row.actor_id) or str(ACTORS.get(row.actor_kind, row.actor_kind))


def actor_names(ids: Iterable[str]) -> dict[str, str]:
    """Return, by the id an actor is stored under, what the members of the team are called."""
    pks = {int(text) for text in ids if _STORED_ID.fullmatch(text)}
    if not pks:
        return {}
    return {str(user.pk): str(user) for user in get_user_model().objects.filter(pk__in=pks)}


def shown_door(door: str) -> str:
    """Return where a change came in, in words."""
    return str(DOORS.get(door, door))


class Colours(dict[str, str]):
    """The colour of a label by its code; a code without one is still shown by its name, not by the code."""

    def __missing__(self, code: str) -> str:
        """Return no colour."""
        return ""


def shown_instant(value: datetime | None) -> str:
    """Return an instant as the desk shows it: day, month and time in the shop's zone."""
    if value is None:
        return "-"
    return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")


def shown_window(starts_at: datetime | None, ends_at: datetime | None) -> str:
    """Return a stretch of a day: weekday, day and both times."""
    if starts_at is None or ends_at is None:
        return "-"
    starts, ends = timezone.localtime(starts_at), timezone.localtime(ends_at)
    day = "D d/m" if (get_language() or "").startswith("pt") else "D j M"
    return f"{formats.date_format(starts, day)} · {starts:%H:%M}–{ends:%H:%M}"


def minutes_of_unit(name: str) -> int | None:
    """Return how many minutes there are in the unit that a column's name ends in; None where it ends in none."""
    return MINUTES.get(name.rpartition("_")[2])


def shown_duration(minutes: int) -> str:
    """Return a length of time as people say it: 2 days, 1 h 30 min."""
    if minutes and minutes % DAY == 0:
        return ngettext("%(count)d day", "%(count)d days", minutes // DAY) % {"count": minutes // DAY}
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h"] if hours else []
    return " ".join([*parts, f"{rest} min"] if rest or not parts else parts)


def shown_phone(phone: str) -> str:
    """Return a phone number with spaces, as people read it out."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return phone


def day_bounds(now: datetime, *, days: int = 0) -> tuple[datetime, datetime]:
    """Return where a day, `days` from today in the current zone, begins and ends, in UTC."""
    zone = timezone.get_current_timezone()
    day = timezone.localtime(now).date() + timedelta(days=days)
    return midnight(day, zone=zone), midnight(day + timedelta(days=1), zone=zone)
