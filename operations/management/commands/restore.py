"""`manage.py restore FILE`: a backup back into an empty, migrated database, followed by an examination."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from operations import backups


class Command(BaseCommand):
    """Exit code 0: restored and every promise holds. 1: refused, or restored with findings. 2: no database."""

    help = "Bring a backup back. The database must be migrated and empty. Stop web, worker and beat first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take FILE, --force, --no-media, --no-check and --dry-run."""
        parser.add_argument("file", help="the backup")
        parser.add_argument("--force", action="store_true", help="delete EVERYTHING in a database that is in use first")
        parser.add_argument("--no-media", action="store_true", help="leave the pictures alone")
        parser.add_argument("--no-check", action="store_true", help="do not examine the restored shop")
        parser.add_argument("--dry-run", action="store_true", help="read the whole file, judge it, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was brought back."""
        path = Path(options["file"])
        try:
            manifest = backups.read_manifest(path=path)
            told = _("%(path)s of %(when)s: %(rows)d rows, %(media)d pictures; every byte as it was written.")
            counts = {"rows": manifest.rows, "media": len(manifest.media)}
            self.stdout.write(told % {"path": path, "when": manifest.made_at, **counts})
            backups.check_target(manifest=manifest, force=options["force"])
            if options["dry_run"]:
                self.stdout.write(_("It fits this database. Nothing was changed."))
                return
            backups.restore(path=path, manifest=manifest, with_media=not options["no_media"])
        except backups.BackupRefused as refusal:
            raise CommandError(str(refusal), returncode=1) from refusal
        except DatabaseError as problem:
            raise CommandError(_("The database does not answer: %(why)s") % {"why": problem}, returncode=2) from problem
        self.stdout.write(_("Restored."))
        if not options["no_check"]:
            call_command("check_integrity", stdout=self.stdout, stderr=self.stderr)
