"""Instants as people say them, in the language in force."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _


def when(*, moment: datetime, zone: ZoneInfo) -> str:
    """Return an instant as a day and a time of that zone, written out."""
    local = moment.astimezone(zone).replace(tzinfo=None)
    return _("%(day)s at %(time)s") % {"day": date_format(local, "DATE_FORMAT"), "time": f"{local:%H:%M}"}
