"""Days: which we take, when they begin, and how people say them in the language in force."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

FIRST_YEAR, LAST_YEAR = 2000, 2200
"""Days and instants that people name lie in these years, the last one excluded. A few months more never fall off the
calendar."""


def midnight(day: date, *, zone: ZoneInfo) -> datetime:
    """Return when a day begins in a zone, in UTC; where it has no midnight, when its clocks go on."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def when(*, moment: datetime, zone: ZoneInfo) -> str:
    """Return an instant as a day and a time of that zone, written out."""
    local = moment.astimezone(zone)
    return _("%(day)s at %(time)s") % {"day": written_out(day=local.date()), "time": f"{local:%H:%M}"}


def written_out(*, day: date) -> str:
    """Return a day with its month as a word, and its year."""
    return date_format(day, "DATE_FORMAT")


def weekday_of(*, day: date) -> str:
    """Return a day with its weekday, without the year."""
    return f"{date_format(day, 'l')}, {date_format(day, 'MONTH_DAY_FORMAT')}"
