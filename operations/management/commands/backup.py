"""`manage.py backup [FILE]`: the whole shop, rows and pictures, in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from common import clock
from operations import backups
from operations.backups.taking import default_path


class Command(BaseCommand):
    """Exit code 0: the file is whole. 1: there is no file. 2: the database does not answer."""

    help = "Write rows and pictures of the whole shop into one file, as of one moment. Holds personal data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take FILE, --no-media, --verify and --dry-run."""
        parser.add_argument("file", nargs="?", help="where to; without it, a dated file in var/backups")
        parser.add_argument("--no-media", action="store_true", help="leave the pictures out")
        parser.add_argument("--verify", action="store_true", help="then prove that it can be restored")
        parser.add_argument("--dry-run", action="store_true", help="count what it would hold and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what the file holds."""
        now = clock.now()
        path = Path(options["file"]) if options["file"] else default_path(now=now)
        try:
            if options["dry_run"]:
                self._plan(path)
                return
            manifest = backups.take(path=path, now=now, with_media=not options["no_media"])
            self.stdout.write(
                _("%(path)s: %(rows)d rows, %(media)d pictures, %(kb)d kB")
                % {
                    "path": path,
                    "rows": manifest.rows,
                    "media": len(manifest.media),
                    "kb": path.stat().st_size // 1000,
                }
            )
            if options["verify"]:
                self._verify(path)
        except backups.BackupRefused as refusal:
            raise CommandError(str(refusal), returncode=1) from refusal
        except DatabaseError as problem:
            raise CommandError(_("The database does not answer: %(why)s") % {"why": problem}, returncode=2) from problem

    def _plan(self, path: Path) -> None:
        plan = backups.plan()
        for table, rows in plan.rows.items():
            if rows:
                self.stdout.write(f"{rows:>9} {table}")
        told = _("%(rows)d rows and %(media)d files would go to %(path)s. Nothing was written.")
        self.stdout.write(told % {"rows": sum(plan.rows.values()), "media": plan.media, "path": path})

    def _verify(self, path: Path) -> None:
        verdict = backups.verify(path=path)
        if not verdict.sound:
            raise CommandError(_("It can be restored, but the restored shop has findings."), returncode=1)
        self.stdout.write(_("It was restored beside the shop, and every promise holds there."))
