"""What the shop knows of its copies: when each was made, and whether it was proved that it can be restored.

The copies themselves lie where the shop need not reach; these rows are for the desk, for metrics and for the doctor.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from common import sql
from common.models import BackupCopy

OLD_AFTER = timedelta(hours=26)
UNPROVED_AFTER = timedelta(days=8)
SILENT_AFTER = timedelta(minutes=15)
WAL = "wal"
"""The heartbeat of whoever receives the changes: all that was written before it is safe."""


_STATE = """
SELECT max(made_at), max(proved_at) FILTER (WHERE is_sound), max(proved_at) FILTER (WHERE NOT is_sound),
       (SELECT beat_at FROM common_heartbeat WHERE name = %(wal)s)
FROM common_backupcopy
"""


@dataclass(frozen=True)
class BackupState:
    """The last copy, the last proof, and until when every change is kept; None for what there never was.

    `failed_at`: a proof that failed after the last one that succeeded.
    """

    copied_at: datetime | None
    proved_at: datetime | None
    failed_at: datetime | None
    changes_until: datetime | None

    def is_old(self, *, now: datetime) -> bool:
        """Say whether a night has passed without a copy."""
        return self.copied_at is None or now - self.copied_at > OLD_AFTER

    def is_unproved(self, *, now: datetime) -> bool:
        """Say whether a week has passed without a proof, or the last one failed."""
        return self.failed_at is not None or self.proved_at is None or now - self.proved_at > UNPROVED_AFTER

    def is_silent(self, *, now: datetime) -> bool:
        """Say whether changes were being received and are not any more."""
        return self.changes_until is not None and now - self.changes_until > SILENT_AFTER

    def is_well(self, *, now: datetime) -> bool:
        """Say whether nobody need do anything."""
        return not (self.is_old(now=now) or self.is_unproved(now=now) or self.is_silent(now=now))


def state() -> BackupState:
    """Return how things stand, in one statement."""
    [(copied, sound, failed, received)] = sql.rows(_STATE, {"wal": WAL})
    is_mended = failed and sound and failed <= sound
    return BackupState(
        copied_at=copied, proved_at=sound, failed_at=None if is_mended else failed, changes_until=received
    )


def note_copy(*, kind: str, name: str, made_at: datetime, size: int, is_encrypted: bool) -> None:
    """Write down that a copy was made."""
    BackupCopy.objects.update_or_create(
        kind=kind, name=name, defaults={"made_at": made_at, "bytes": size, "is_encrypted": is_encrypted}
    )


def note_proof(*, kind: str, name: str, made_at: datetime, at: datetime, is_sound: bool, findings: int) -> None:
    """Write down what a proof has shown; a later word about the same copy stands for the earlier one."""
    row, _made = BackupCopy.objects.get_or_create(kind=kind, name=name, defaults={"made_at": made_at})
    if row.proved_at is None or row.proved_at <= at:
        row.proved_at, row.is_sound, row.findings = at, is_sound, findings
        row.save(update_fields=["proved_at", "is_sound", "findings"])


def forget_before(*, moment: datetime) -> int:
    """Delete what is known of copies made before a moment; return how many rows."""
    return BackupCopy.objects.filter(made_at__lt=moment).delete()[0]
