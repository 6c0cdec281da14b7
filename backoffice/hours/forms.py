"""A week as it is typed: a row for each day, with a first and a second stretch. Rules stay in the services."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.text import plain_number
from desk.versions import Difference
from scheduling.forms import ENDS_BEFORE, WallClockField, past_midnight
from scheduling.models import AvailabilityRule
from scheduling.models.hours import OPENS_BEFORE
from scheduling.selectors import Week

DAYS = AvailabilityRule.Weekday.choices
FEWEST, MOST = 2, 6
"""Stretches that a day has room for: a morning and an afternoon, and more where there are more."""

BOTH = _("Both hours, or none.")
TWICE = _("The second stretch begins before the first one ends.")


class WeekForm(forms.Form):
    """Seven days. `overnight`: whether a stretch may end on the next day."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=2000)
    stretches = forms.IntegerField(widget=forms.HiddenInput, min_value=FEWEST, max_value=MOST)

    def __init__(
        self, sent: Mapping[str, Any] | None, *, week: Week, seen: Week, overnight: bool, filled: Week | None = None
    ) -> None:
        shown = filled or week
        self.places = _places(sent, shown=shown)
        super().__init__(sent, initial={"seen": written(seen), "stretches": self.places, **_initial(shown)})
        self.overnight = overnight
        for day, name in DAYS:
            self.fields[f"mark_{day}"] = forms.BooleanField(
                required=False, widget=forms.CheckboxInput(attrs={"aria-label": _("Mark %(day)s") % {"day": name}})
            )
            for place in range(self.places):
                for end, label in (("opens", _("from")), ("closes", _("until"))):
                    field = WallClockField(label=label, required=False)
                    field.widget.attrs["placeholder"] = "--:--"
                    field.widget.attrs["aria-label"] = f"{name}, {place + 1}, {label}"
                    self.fields[f"{end}_{day}_{place}"] = field

    def clean(self) -> dict[str, Any]:
        """Put the hours of each day together, and say what does not fit beside its day."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.week: dict[int, list[tuple[int, int]]] = {}
        for day, _name in DAYS:
            self.week[day] = sorted(self._stretches(day, cleaned))
            if any(first[1] > second[0] for first, second in zip(self.week[day], self.week[day][1:], strict=False)):
                self.add_error(f"opens_{day}_1", TWICE)
        return cleaned

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give each day with its fields and what is wrong with it."""
        for day, name in DAYS:
            pairs = [(self[f"opens_{day}_{place}"], self[f"closes_{day}_{place}"]) for place in range(self.places)]
            errors = dict.fromkeys(text for pair in pairs for field in pair for text in field.errors)
            yield {
                "day": day,
                "name": capfirst(str(name)),
                "mark": self[f"mark_{day}"],
                "pairs": pairs,
                "errors": errors,
            }

    def _stretches(self, day: int, cleaned: dict[str, Any]) -> Iterator[tuple[int, int]]:
        for place in range(self.places):
            opens, closes = (cleaned.get(f"{end}_{day}_{place}") for end in ("opens", "closes"))
            if f"opens_{day}_{place}" in self.errors or f"closes_{day}_{place}" in self.errors:
                continue
            if (opens is None) != (closes is None):
                self.add_error(f"closes_{day}_{place}", BOTH)
            elif opens is not None and closes is not None:
                ends = past_midnight(opens=opens, closes=closes) if self.overnight else closes
                if opens >= OPENS_BEFORE or ends <= opens:
                    self.add_error(f"closes_{day}_{place}", ENDS_BEFORE)
                else:
                    yield opens, ends


def copied(sent: QueryDict, *, day: int) -> dict[str, str]:
    """Return what was typed, with the hours of a day copied to the days that are marked; the marks go."""
    typed = {name: str(value) for name, value in sent.items()}
    marked = [other for other, _name in DAYS if f"mark_{other}" in typed]
    for name in list(typed):
        end, _bar, rest = name.partition("_")
        if end in ("opens", "closes") and rest.startswith(f"{day}_"):
            for other in marked:
                typed[f"{end}_{other}_{rest.partition('_')[2]}"] = typed[name]
    return {name: value for name, value in typed.items() if not name.startswith("mark_")}


def brought_up_to_date(form: WeekForm, *, seen: Week, now: Week) -> tuple[dict[str, str], list[Difference]]:
    """Return what was typed, with the days that nobody typed into as they are now, and which days are others by now.

    `seen`: the week as the page showed it.
    """
    data = {name: str(value) for name, value in form.data.items()}
    changed = []
    for day, name in DAYS:
        typed, old, new = ([(opens, closes) for opens, closes in week.get(day, ())] for week in (form.week, seen, now))
        if old == new:
            continue
        is_typed = typed not in (old, new)
        said = _hours_in_words(typed) if is_typed else ""
        changed.append(Difference(capfirst(str(name)), _hours_in_words(old), _hours_in_words(new), said))
        if typed == old:
            of_day = (f"opens_{day}_", f"closes_{day}_")
            data = {key: value for key, value in data.items() if not key.startswith(of_day)}
            data |= {key: WallClockField().prepare_value(at) for key, at in _initial({day: new}).items()}
    longest = max(map(len, now.values()), default=0)
    data |= {"seen": written(now), "stretches": str(max(form.places, longest))}
    return data, changed


def changed_days(before: Week, after: Week) -> list[list[str]]:
    """Return the days whose hours are others, each with how it was and how it became, in words."""
    return [
        [capfirst(str(name)), _hours_in_words(before[day]), _hours_in_words(after[day])]
        for day, name in DAYS
        if list(map(tuple, before[day])) != list(map(tuple, after[day]))
    ]


def _hours_in_words(stretches: Sequence[tuple[int, int]]) -> str:
    return ", ".join(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in stretches) or gettext("off")


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def written(week: Week) -> str:
    """Return a week as a hidden field carries it."""
    return json.dumps([[list(stretch) for stretch in week[day]] for day, _name in DAYS])


def read(text: str) -> Week:
    """Return the week that a hidden field carried; an empty one where it was tampered with."""
    try:
        days = msgspec.json.decode(text, type=list[list[tuple[int, int]]])
        return {day: days[day] for day, _name in DAYS}
    except (msgspec.DecodeError, IndexError):
        return {day: [] for day, _name in DAYS}


def _places(sent: Mapping[str, Any] | None, *, shown: Week) -> int:
    text = str(sent.get("stretches", "")) if sent is not None else ""
    asked = plain_number(text, digits=2) or 0
    longest = max(map(len, shown.values()), default=0) if sent is None else asked
    return min(max(longest, FEWEST), MOST)


def _initial(week: Mapping[int, Sequence[tuple[int, int]]]) -> dict[str, int]:
    return {
        f"{end}_{day}_{place}": minutes
        for day, stretches in week.items()
        for place, stretch in enumerate(stretches[:MOST])
        for end, minutes in zip(("opens", "closes"), stretch, strict=True)
    }
