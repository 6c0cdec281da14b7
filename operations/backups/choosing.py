"""Which copy somebody means who names one at a command."""

from argparse import ArgumentTypeError
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from operations.backups import recovering, store
from operations.backups.refusal import BackupRefused
from operations.backups.store import Copy, Kind


def chosen(name: str | None, *, kind: Kind, until: datetime | None = None, trusting: bool = False) -> Copy:
    """Return the copy of a name or directory; the newest of its kind, or the last before a moment, without one.

    Raises BackupRefused.
    """
    if name:
        path = Path(name) if "/" in name else store.directory(kind) / name
        copy = store.read(path, trusting=trusting)
        if copy.manifest.kind != kind:
            raise BackupRefused(_("%(name)s is a %(kind)s copy.") % {"name": copy.name, "kind": copy.manifest.kind})
        return copy
    if kind == "physical":
        return recovering.last_before(moment=until)
    there = store.copies(kind)
    if not there:
        raise BackupRefused(_("There is no copy yet; `manage.py backup` makes one."))
    return there[-1]


def moment(text: str) -> datetime:
    """Return an instant with its offset from UTC. Raises ArgumentTypeError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as problem:
        raise ArgumentTypeError(_("an instant is written like 2026-11-29T14:03:20-03:00")) from problem
    if found.tzinfo is None:
        raise ArgumentTypeError(_("an instant is written like 2026-11-29T14:03:20-03:00"))
    return found
