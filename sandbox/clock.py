"""What time it is: a demonstration may turn its clock by `SHOP_NOW`, and play money goes by the same one."""

import os
import time
from datetime import UTC, datetime, timedelta

_BEGINS = datetime.fromisoformat(os.environ["SHOP_NOW"]).astimezone(UTC) if os.environ.get("SHOP_NOW") else None
_STARTED = time.monotonic()


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    if _BEGINS is not None:
        return _BEGINS + timedelta(seconds=time.monotonic() - _STARTED)
    return datetime.now(tz=UTC)
