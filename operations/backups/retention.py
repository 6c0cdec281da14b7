"""Throws away the copies that are not to be kept any more, with what belongs to them."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings

from common.backups import forget_before
from operations.backups import keeping, physical, store
from operations.backups.store import Copy

REGRETTED = timedelta(days=30)
"""For how long what a restore has replaced is kept, whatever else is."""

REMEMBERED = timedelta(days=800)


def tidy(*, now: datetime) -> list[Copy]:
    """Delete what the settings do not keep; return what is gone. The newest copy of each kind always stays."""
    gone = []
    portable = store.copies("portable")
    stay = keeping.kept([copy.made_at for copy in portable], keep=settings.BACKUP_KEEP)
    stay |= {copy.made_at for copy in portable if copy.manifest.is_before_restore and now - copy.made_at < REGRETTED}
    gone += [copy for copy in portable if copy.made_at not in stay]
    of_server = store.copies("physical")
    stay = keeping.kept_for_recovery(
        [copy.made_at for copy in of_server], now=now, days=settings.BACKUP_POINT_IN_TIME_DAYS
    )
    gone += [copy for copy in of_server if copy.made_at not in stay]
    for copy in gone:
        store.delete(copy)
    starts = [copy.manifest.start for copy in of_server if copy.made_at in stay]
    for name in keeping.needless_segments((path.name for path in physical.archive().iterdir()), starts=starts):
        with suppress(FileNotFoundError):
            (physical.archive() / name).unlink()
    forget_before(moment=now - REMEMBERED)
    return gone
