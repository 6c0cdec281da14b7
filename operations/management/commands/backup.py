"""`manage.py backup`: a copy of the whole shop, encrypted, proved if asked to, and the old ones tidied away."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _
from pyrage import x25519

from common import clock
from operations import backups
from operations.backups import physical, retention, sealing, store, taking, verifying


class Command(BaseCommand):
    """Exit code 0: the copy is whole, and proved if asked to. 1: it is not. 2: the database does not answer."""

    help = "Copy the whole shop into BACKUP_DIR, as of one moment. Old copies go as BACKUP_KEEP_... says."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --physical, --verify, --if-older, --plain, --no-media and --dry-run."""
        parser.add_argument("--physical", action="store_true", help="the server's files, for going back to any second")
        parser.add_argument("--verify", action="store_true", help="then prove that it can be restored")
        parser.add_argument(
            "--if-older", type=float, metavar="HOURS", help="do nothing while the last copy is younger than that"
        )
        parser.add_argument("--plain", action="store_true", help="do not encrypt")
        parser.add_argument("--no-media", action="store_true", help="leave the pictures out")
        parser.add_argument("--dry-run", action="store_true", help="count what it would hold and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was copied, and what a proof has shown."""
        now = clock.now()
        try:
            if options["dry_run"]:
                self._plan()
            elif self._is_due(
                now=now, hours=options["if_older"], kind="physical" if options["physical"] else "portable"
            ):
                self._copy(now=now, options=options)
        except backups.BackupRefused as refusal:
            raise CommandError(str(refusal), returncode=1) from refusal
        except DatabaseError as problem:
            raise CommandError(_("The database does not answer: %(why)s") % {"why": problem}, returncode=2) from problem

    def _is_due(self, *, now: datetime, hours: float | None, kind: backups.Kind) -> bool:
        there = store.copies(kind) if hours is not None else []
        if hours is None or not there or now - there[-1].made_at >= timedelta(hours=hours):
            return True
        self.stdout.write(_("The last copy is young enough: %(name)s.") % {"name": there[-1].name})
        return False

    def _copy(self, *, now: datetime, options: dict[str, Any]) -> None:
        # A key that only this process knows proves what was written, byte for byte, and is gone with it.
        passing = sealing.new_identity()
        extra = [passing.to_public()] if options["verify"] else []
        keys = taking.keys_for(plain=options["plain"], extra=extra)
        if options["physical"]:
            copy = physical.take(now=now, keys=keys)
        else:
            copy, _contents = taking.take(now=now, keys=keys, with_media=not options["no_media"])
        told = _("%(path)s: %(kb)d kB, encrypted.") if keys else _("%(path)s: %(kb)d kB, readable by anybody.")
        self.stdout.write(told % {"path": copy.path, "kb": copy.bytes // 1000})
        if options["verify"]:
            self._verify(copy, keys=[passing], now=clock.now())
        for gone in retention.tidy(now=now):
            self.stdout.write(_("Not kept any longer: %(path)s") % {"path": gone.path})

    def _plan(self) -> None:
        plan = taking.plan()
        for table, rows in plan.rows.items():
            if rows:
                self.stdout.write(f"{rows:>9} {table}")
        told = _("%(rows)d rows and %(media)d files would go to %(path)s. Nothing was written.")
        counts = {"rows": sum(plan.rows.values()), "media": plan.media}
        self.stdout.write(told % {**counts, "path": store.directory("portable")})

    def _verify(self, copy: backups.Copy, *, keys: list[x25519.Identity], now: datetime) -> None:
        proof = verifying.verify(copy=copy, keys=keys, now=now, with_changes=False)
        if not proof.is_sound:
            raise CommandError(_("It can be restored, but the restored shop has findings."), returncode=1)
        self.stdout.write(_("It was restored beside the shop, and every promise holds there."))
