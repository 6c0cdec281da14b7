"""Every write to how the shop window looks. Each change is written down beside those of the settings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import FieldError, Malformed
from common.text import is_clean, one_line
from common.transactions import locked, within_unit_of_work
from shop.colours import DARK, LEAST_CONTRAST, LIGHT, is_readable, least_contrast, nearest_readable, normal_colour
from shop.errors import LookChanged, UnreadableColour
from shop.look import LONGEST, MOST_FEATURED, MOST_SITES, ON_LINES, PICTURES, StoredPicture, site_of
from shop.models import PolicyChange, ShopLook

KEY = "look."
"""Stands before the names of these choices where changes are listed."""
MODES = {"colour": LIGHT, "colour_dark": DARK}
KNOWN = {*MODES, *LONGEST, *PICTURES, "notice_until", "featured", "frame_sites"}


@dataclass(frozen=True)
class LookSheet:
    """What is chosen differently, by key, and the version of the look that was seen by whoever chose.

    `names`: what products are called where changes are listed.
    """

    seen: int
    values: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[UUID, str] = field(default_factory=dict)


def check_colour(*, key: str, text: str) -> str:
    """Return a colour as it is stored; empty for none.

    Raises:
        Malformed: it is no colour.
        UnreadableColour: text in it, or on it, could not be read in its mode.
    """
    if not text.strip():
        return ""
    try:
        colour = normal_colour(text)
    except ValueError as problem:
        raise _wrong(key, _("Write a colour as #14532d.")) from problem
    mode = MODES[key]
    if is_readable(colour=colour, mode=mode):
        return colour
    nearest = nearest_readable(colour=colour, mode=mode)
    found = f"{int(least_contrast(colour=colour, mode=mode) * 10) / 10}"
    surface = _("on the light pages of the shop") if mode == LIGHT else _("on the dark pages of the shop")
    told = _(
        "%(colour)s cannot be read %(surface)s: its contrast is %(found)s to 1, and reading takes %(least)s. The "
        "nearest colour that can be read is %(nearest)s."
    ) % {"colour": colour, "surface": surface, "found": found, "least": LEAST_CONTRAST, "nearest": nearest}
    raise UnreadableColour(told, key=key, contrast=found, least=str(LEAST_CONTRAST), nearest=nearest)


def check_text(*, key: str, text: str) -> str:
    """Return a text as it is stored. Raises Malformed."""
    plain = text.replace("\r\n", "\n").strip()
    told = plain if key in ON_LINES else one_line(plain)
    if not is_clean(told):
        raise _wrong(key, _("This must be text without characters that cannot be seen."))
    if len(told) > LONGEST[key]:
        raise _wrong(key, _("At most %(most)s characters.") % {"most": LONGEST[key]})
    return told


def check_sites(*, lines: Iterable[str]) -> list[str]:
    """Return the sites of an owner's lines as they are stored, once each. Raises Malformed."""
    found: dict[str, None] = {}
    for line in filter(None, map(str.strip, lines)):
        try:
            found[site_of(line)] = None
        except ValueError as problem:
            told = _("%(site)s is no address of a site; write it as https://www.example.com.") % {"site": line[:80]}
            raise _wrong("frame_sites", told) from problem
    if len(found) > MOST_SITES:
        raise _wrong("frame_sites", _("At most %(most)s sites.") % {"most": MOST_SITES})
    return list(found)


@within_unit_of_work
def write_look(*, sheet: LookSheet, actor: Actor, now: datetime) -> list[str]:
    """Write down all that a sheet changes, and who did it; return the files that nothing names any more.

    Raises Malformed, UnreadableColour, LookChanged.
    """
    checked = {key: _checked(key=key, value=value) for key, value in sheet.values.items()}
    row = _row()
    if row.version != sheet.seen:
        raise LookChanged()
    before = {key: _stored(row, key) for key in checked}
    changed = {key: value for key, value in checked.items() if before[key] != value}
    if not changed:
        return []
    for key, value in changed.items():
        old, new = (_as_text(one, names=sheet.names) for one in (before[key], value))
        note(key=key, old=old, new=new, actor=actor, now=now)
        _put(row, key, value)
    if not row.notice:
        row.notice_until = None
    row.version += 1
    row.save()
    return [before[key].file for key in PICTURES if key in changed and before[key] is not None]


@within_unit_of_work
def note(*, key: str, old: str, new: str, actor: Actor, now: datetime) -> None:
    """Write down one change of the window."""
    PolicyChange.objects.create(
        key=f"{KEY}{key}", old=old, new=new, actor_kind=actor.kind, actor_id=actor.id, door=actor.door, at=now
    )


def _checked(*, key: str, value: Any) -> Any:
    if key in MODES:
        return check_colour(key=key, text=value)
    if key in LONGEST:
        return check_text(key=key, text=value)
    if key not in KNOWN:
        raise _wrong(key, _("There is no such setting"))
    if key == "featured":
        return _checked_featured(value)
    if key == "frame_sites":
        return check_sites(lines=value)
    return value


def _checked_featured(chosen: Any) -> list[UUID]:
    """Return products once each, in their order."""
    once = list(dict.fromkeys(chosen))
    if len(once) > MOST_FEATURED:
        raise _wrong("featured", _("At most %(most)s products.") % {"most": MOST_FEATURED})
    return once


@within_unit_of_work
def _row() -> ShopLook:
    """Return the one row, locked; created at need."""
    row = locked(ShopLook.objects.filter(pk=1)).first()
    if row is None:
        ShopLook.objects.get_or_create(pk=1)
        row = locked(ShopLook.objects.filter(pk=1)).get()
    return row


def _stored(row: ShopLook, key: str) -> Any:
    value = getattr(row, key)
    if key not in PICTURES:
        return value
    if not value:
        return None
    return StoredPicture(file=value, width=getattr(row, f"{key}_width"), height=getattr(row, f"{key}_height"))


def _put(row: ShopLook, key: str, value: Any) -> None:
    if key not in PICTURES:
        setattr(row, key, value)
        return
    picture: StoredPicture | None = value
    setattr(row, key, picture.file if picture else "")
    setattr(row, f"{key}_width", picture.width if picture else 0)
    setattr(row, f"{key}_height", picture.height if picture else 0)


def _as_text(value: Any, *, names: Mapping[UUID, str]) -> str:
    if isinstance(value, list):
        return ", ".join(names.get(one, "") if isinstance(one, UUID) else one for one in value)
    if isinstance(value, StoredPicture):
        return value.file.rpartition("/")[2]
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _wrong(key: str, text: str) -> Malformed:
    return Malformed(errors=[FieldError(pointer=f"/{key}", code="invalid", detail=text)])
