"""What operators name on a command line: SKUs, days and instants, each refused in one line if it means nothing."""

from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from catalog import selectors as catalog
from catalog.selectors import Offer
from common.dates import FIRST_YEAR, LAST_YEAR

CALLED_WRONGLY = 2


def word(text: str) -> str:
    """Return a word that can be looked for: bytes of another encoding cannot. Raises CommandError."""
    if not text.isprintable():
        raise CommandError(_("Not a word: %(text)s") % {"text": ascii(text)}, returncode=CALLED_WRONGLY)
    return text


def goods(sku: str) -> Offer:
    """Return the goods of a SKU, for sale or not. Raises CommandError."""
    found = catalog.offers(skus=[word(sku)]).get(sku)
    if found is None or found.kind != "goods":
        raise CommandError(_("There are no goods of the SKU %(sku)s.") % {"sku": sku}, returncode=CALLED_WRONGLY)
    return found


def day(text: str) -> date:
    """Return a day as one writes it: 2026-12-24. Raises CommandError."""
    found: date | None = None
    with suppress(ValueError):
        found = date.fromisoformat(text)
    if found is None or not FIRST_YEAR <= found.year < LAST_YEAR:
        raise CommandError(
            _("Not a day such as 2026-12-24: %(text)s") % {"text": ascii(text)}, returncode=CALLED_WRONGLY
        )
    return found


def instant(text: str, *, zone: ZoneInfo) -> datetime:
    """Return an instant; without an offset it is a time of that zone. Raises CommandError."""
    found: datetime | None = None
    with suppress(ValueError):
        found = datetime.fromisoformat(text)
    if found is None or not FIRST_YEAR <= found.year < LAST_YEAR:
        told = _("Not an instant such as 2026-12-24T15:00, or with -03:00 after it: %(text)s")
        raise CommandError(told % {"text": ascii(text)}, returncode=CALLED_WRONGLY)
    return found if found.tzinfo else found.replace(tzinfo=zone)
