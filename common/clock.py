"""The one clock. Read at the door, passed down as `now`.

`SHOP_NOW` in the settings makes the clock start at that instant when the process starts and run on from
there, for demonstrations; it is refused in production.
"""

import time
from datetime import UTC, datetime, timedelta

from django.conf import settings

_STARTED = time.monotonic()


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    if settings.SHOP_NOW is not None:
        beginning: datetime = settings.SHOP_NOW
        return beginning.astimezone(UTC) + timedelta(seconds=time.monotonic() - _STARTED)
    return datetime.now(tz=UTC)
