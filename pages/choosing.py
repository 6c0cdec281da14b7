"""Choosing one of many times on a page: a week of them by day, what was chosen, and which week is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from django import forms

from common.dates import weekday_of

DAYS = 7
AROUND = timedelta(days=3)


class TimeForm(forms.Form):
    """The time a visitor has chosen."""

    starts_at = forms.CharField(max_length=40)

    def clean_starts_at(self) -> datetime:
        """Return the chosen instant. Raises ValidationError for anything but one with its offset."""
        try:
            chosen = datetime.fromisoformat(self.cleaned_data["starts_at"])
        except ValueError as problem:
            raise forms.ValidationError("", code="invalid") from problem
        if chosen.tzinfo is None or chosen.year < 2:
            raise forms.ValidationError("", code="invalid")
        return chosen.astimezone(UTC)


@dataclass(frozen=True)
class Week:
    """The days that are shown, between today and the last one on which anything is offered."""

    first: date
    today: date
    end: date

    @property
    def last(self) -> date:
        """The last day shown."""
        return self.first + timedelta(days=DAYS - 1)

    @property
    def links(self) -> dict[str, str]:
        """The first days of the weeks before and after; empty where there is none."""
        after = self.first + timedelta(days=DAYS)
        return {
            "earlier": max(self.first - timedelta(days=DAYS), self.today).isoformat()
            if self.first > self.today
            else "",
            "later": after.isoformat() if after <= self.end else "",
        }


def week_of(*, text: str, now_at: date, today: date, end: date) -> Week:
    """Return the week from the day a visitor asked for in `text`; without a good one, around `now_at`."""
    try:
        wanted = date.fromisoformat(text)
    except ValueError:
        wanted = now_at - AROUND
    return Week(first=max(today, min(wanted, end)), today=today, end=end)


def by_day(*, starts: Iterable[tuple[datetime, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return times by day, in order: the day as people say it, then each instant with its label."""
    return [
        (weekday_of(day=day), [(start.isoformat(), label) for start, label in times])
        for day, times in groupby(starts, key=lambda one: one[0].date())
    ]


def context(*, week: Week, days: list[Any], impossible: bool) -> dict[str, Any]:
    """Return what `pages/choose.html` shows of the times."""
    return {"days": days, "impossible": impossible, **week.links}
