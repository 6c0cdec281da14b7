"""`manage.py verify_backup [FILE]`: proves that a backup can be restored, without touching the shop."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from operations import backups


class Command(BaseCommand):
    """Exit code 0: restored beside the shop, and every promise holds there. 1: not."""

    help = "Restore a backup into a database of its own, examine it, drop it. Worth doing every week."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take FILE."""
        parser.add_argument("file", nargs="?", help="the backup; without it, the newest in var/backups")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the verdict."""
        path = Path(options["file"]) if options["file"] else backups.newest()
        if path is None:
            raise CommandError(_("There is no backup yet; `manage.py backup` makes one."), returncode=1)
        try:
            manifest = backups.read_manifest(path=path)
            verdict = backups.verify(path=path)
        except backups.BackupRefused as refusal:
            raise CommandError(str(refusal), returncode=1) from refusal
        counts = {"path": path, "rows": manifest.rows, "checks": len(verdict.report["checks"])}
        self.stdout.write(_("%(path)s: %(rows)d rows restored, %(checks)d checks made.") % counts)
        if not verdict.sound:
            broken = ", ".join(check["name"] for check in verdict.report["checks"] if not check["ok"])
            raise CommandError(_("The restored shop has findings: %(names)s") % {"names": broken}, returncode=1)
