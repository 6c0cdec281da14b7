"""Every write to the shop's own page, and the policy that use cases read.

`policy()` is read once per use case and passed down. The settings row may not exist yet; whoever writes
first creates it, with the hours of a new shop.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import available_timezones

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db.models import PositiveIntegerField
from django.utils.translation import gettext as _

from common.actors import Actor
from common.identity import normal_document, normal_email, normal_phone, normal_pix_key
from common.text import is_clean, plain_marks, seen
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case
from shop import selectors
from shop.errors import HoursChanged, HoursClash, PolicyOutOfRange, UnknownPolicy
from shop.models import Holiday, OpeningHours, PolicyChange, ShopSettings
from shop.policy import (
    DEFAULTS,
    FULFILMENT_METHODS,
    KEYS,
    KNOWN_METHODS,
    OpenHours,
    Policy,
    clashes,
    is_scale_layout,
)

NORMAL_FORMS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"whatsapp": normal_phone, "document": normal_document, "email": normal_email, "pix_key": normal_pix_key}
)
PASTED: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"whatsapp": plain_marks, "document": plain_marks, "pix_key": plain_marks, "transfer_instructions": seen}
)
"""What is copied from elsewhere with marks that may not be seen, and what makes them plain."""


@dataclass(frozen=True)
class ShopSheet:
    """What is typed differently on the shop's page: settings by key, and lists as they shall be (None: as they are).

    `hours_seen`: the opening hours that the page showed, where it would not replace others.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    opening_hours: Sequence[OpenHours] | None = None
    hours_seen: Sequence[OpenHours] | None = None
    holidays: Mapping[date, str] | None = None


def policy() -> Policy:
    """Return the shop's profile and rules at this moment, in one statement."""
    return selectors.policy()


def check_policy(*, key: str, value: object) -> object:
    """Return `value` as the setting would store it, and write nothing.

    Numbers may come as text in plain digits, lists as text with commas.

    Raises:
        UnknownPolicy: there is no such setting.
        PolicyOutOfRange: of the wrong kind, or outside the limits.
    """
    if key not in KEYS:
        raise UnknownPolicy(key=key, known=list(KEYS))
    field: Any = ShopSettings._meta.get_field(key)
    try:
        cleaned = field.clean(_normal(key=key, value=_parsed(field=field, value=value)), None)
    except ValidationError as problem:
        raise PolicyOutOfRange(key=key, reasons=list(problem.messages)) from problem
    return list(dict.fromkeys(cleaned)) if isinstance(cleaned, list) else cleaned


def set_policy(*, key: str, value: object, actor: Actor, now: datetime) -> object:
    """Change one setting, write down who did it, and return the value as stored. The same value changes nothing.

    Raises:
        UnknownPolicy: there is no such setting.
        PolicyOutOfRange: of the wrong kind, or outside the limits.
    """
    return set_policies(values={key: value}, actor=actor, now=now)[key]


@use_case()
def set_policies(*, values: Mapping[str, object], actor: Actor, now: datetime) -> dict[str, object]:
    """Change several settings, all or none, as `set_policy` does one."""
    checked = {key: check_policy(key=key, value=value) for key, value in values.items()}
    _write_values(values=checked, actor=actor, now=now)
    return checked


@use_case()
def set_opening_hours(*, hours: Sequence[OpenHours], actor: Actor, now: datetime) -> None:
    """Replace the week's opening hours by these; none at all means a shop that never opens.

    Raises:
        HoursClash: two overlap, or one ends before it begins.
    """
    write(sheet=ShopSheet(opening_hours=hours), actor=actor, now=now)


def check_opening_hours(*, hours: Sequence[OpenHours]) -> None:
    """Judge a week's hours. Raises HoursClash naming what does not fit together."""
    odd = [row for row in hours if (row.closes <= row.opens and row.closes.isoformat() != "00:00:00") or _ragged(row)]
    pairs = clashes(hours=hours)
    if odd or pairs:
        named = [_in_words([row]) for row in odd] + [_in_words(pair) for pair in pairs]
        raise HoursClash(clashes=named)


@within_unit_of_work
def write(*, sheet: ShopSheet, actor: Actor, now: datetime) -> None:
    """Write down all that a sheet changes, and who did it; what stays the same leaves no trace.

    Raises UnknownPolicy, PolicyOutOfRange, HoursClash, HoursChanged.
    """
    checked = {key: check_policy(key=key, value=value) for key, value in sheet.values.items()}
    _write_values(values=checked, actor=actor, now=now)
    if sheet.opening_hours is not None:
        _write_hours(hours=sheet.opening_hours, seen=sheet.hours_seen, actor=actor, now=now)
    if sheet.holidays is not None:
        _write_holidays(holidays=sheet.holidays, actor=actor, now=now)


@use_case()
def open_settings() -> ShopSettings:
    """Return the settings row, created with a new shop's hours where there is none."""
    return _settings_row()


@within_unit_of_work
def _write_values(*, values: Mapping[str, object], actor: Actor, now: datetime) -> None:
    row = _settings_row()
    changed = {key: value for key, value in values.items() if getattr(row, key) != value}
    for key, value in changed.items():
        _write_down(key=key, old=getattr(row, key), new=value, actor=actor, now=now)
        setattr(row, key, value)
    if changed:
        row.save(update_fields=list(changed))


@within_unit_of_work
def _write_hours(*, hours: Sequence[OpenHours], seen: Sequence[OpenHours] | None, actor: Actor, now: datetime) -> None:
    check_opening_hours(hours=hours)
    ordered = sorted(hours, key=lambda row: (row.weekday, row.opens))
    row = _settings_row()
    kept = OpeningHours.objects.filter(shop=row)
    before = [OpenHours(weekday=old.weekday, opens=old.opens, closes=old.closes) for old in kept]
    if seen is not None and list(seen) != before:
        raise HoursChanged()
    if before == ordered:
        return
    gone = [old for old in kept if OpenHours(weekday=old.weekday, opens=old.opens, closes=old.closes) not in ordered]
    numbers: dict[int, list[int]] = defaultdict(list)
    for old in gone:
        numbers[old.weekday].append(old.pk)
        old.delete()
    OpeningHours.objects.bulk_create(
        # Changed hours keep the number of those they replace, so that a page open elsewhere still knows them.
        OpeningHours(
            pk=numbers[new.weekday].pop(0) if numbers[new.weekday] else None,
            shop=row,
            weekday=new.weekday,
            opens=new.opens,
            closes=new.closes,
        )
        for new in ordered
        if new not in before
    )
    _write_down(key="opening_hours", old=_hours(before), new=_hours(ordered), actor=actor, now=now)


@within_unit_of_work
def _write_holidays(*, holidays: Mapping[date, str], actor: Actor, now: datetime) -> None:
    row = _settings_row()
    before = {holiday.date: holiday.name for holiday in Holiday.objects.filter(shop=row)}
    if before == dict(holidays):
        return
    Holiday.objects.filter(shop=row).exclude(date__in=holidays).delete()
    Holiday.objects.bulk_create(
        [Holiday(shop=row, date=day, name=name.strip()) for day, name in sorted(holidays.items())],
        update_conflicts=True,
        unique_fields=["date"],
        update_fields=["name"],
    )
    _write_down(key="holidays", old=_days(before), new=_days(holidays), actor=actor, now=now)


@within_unit_of_work
def _settings_row() -> ShopSettings:
    """Return the one row, locked; created at need."""
    row = locked(ShopSettings.objects.filter(pk=1)).first()
    if row is not None:
        return row
    _row, created = ShopSettings.objects.get_or_create(pk=1)
    if created:
        OpeningHours.objects.bulk_create(
            OpeningHours(shop_id=1, weekday=hours.weekday, opens=hours.opens, closes=hours.closes)
            for hours in DEFAULTS.opening_hours
        )
    return locked(ShopSettings.objects.filter(pk=1)).get()


@within_unit_of_work
def _write_down(*, key: str, old: object, new: object, actor: Actor, now: datetime) -> None:
    PolicyChange.objects.create(
        key=key,
        old=selectors.as_text(value=old),
        new=selectors.as_text(value=new),
        actor_kind=actor.kind,
        actor_id=actor.id,
        door=actor.door,
        at=now,
    )


def _parsed(*, field: Any, value: object) -> object:
    """Text becomes what the field stores; digits must be plain, since int() also takes other alphabets and "1_000"."""
    if isinstance(field, PositiveIntegerField):
        digits = str(value).strip()
        if isinstance(value, bool) or not (digits.isascii() and digits.isdigit()):
            raise ValidationError(_("This must be a whole number."))
        return int(digits[:10])
    if isinstance(field, ArrayField):
        if not isinstance(value, str | list | tuple):
            raise ValidationError(_("This must be a list."))
        entries = value.split(",") if isinstance(value, str) else [str(entry) for entry in value]
        return [entry.strip() for entry in entries if entry.strip()]
    if isinstance(value, str) and field.name in PASTED:
        value = PASTED[field.name](value)
    if not isinstance(value, str) or not is_clean(value):
        raise ValidationError(_("This must be text without characters that cannot be seen."))
    return value.replace("\r\n", "\n").strip()  # as a browser sends lines


def _normal(*, key: str, value: Any) -> Any:
    """Return the stored form of what a field alone can not judge."""
    if key == "timezone" and value not in available_timezones():
        raise ValidationError(_("There is no such time zone."))
    if key == "currency" and not (len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()):
        raise ValidationError(_("A currency is three capital letters, such as BRL."))
    if key == "scale_layout" and value and not is_scale_layout(value):
        raise ValidationError(_("Spell the 13 digits of a label, as in 2CCCCC0VVVVVD."))
    if key in KNOWN_METHODS:
        _refuse_empty_promises(key=key, methods=value)
    normalise = NORMAL_FORMS.get(key)
    if normalise is None or not value:
        return value
    try:
        return normalise(value)
    except ValueError as problem:
        raise ValidationError(_("There is no such number or address.")) from problem


def _refuse_empty_promises(*, key: str, methods: Any) -> None:
    """Refuse a method that the API knows and nothing in the shop can complete."""
    possible: Mapping[str, Sequence[str]] = {
        "payment_methods": selectors.possible_methods(),
        "fulfilment_methods": FULFILMENT_METHODS,
    }
    empty = [one for one in methods if one in KNOWN_METHODS[key] and one not in possible[key]]
    if empty:
        text = _("Nothing in this shop can complete %(methods)s yet, so it cannot be offered.")
        raise ValidationError(text % {"methods": ", ".join(empty)})


def _ragged(row: OpenHours) -> bool:
    return any(at.second or at.microsecond for at in (row.opens, row.closes))


def _in_words(rows: Sequence[OpenHours]) -> str:
    names = dict(OpeningHours.Weekday.choices)
    return ", ".join(f"{names[row.weekday]} {row.opens:%H:%M}–{row.closes:%H:%M}" for row in rows)


def _hours(rows: Sequence[OpenHours]) -> str:
    return ", ".join(f"{row.weekday} {row.opens:%H:%M}-{row.closes:%H:%M}" for row in rows)


def _days(days: Mapping[date, str]) -> str:
    return ", ".join(f"{day.isoformat()} {name}" for day, name in sorted(days.items()))
