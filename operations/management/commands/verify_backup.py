"""`manage.py verify_backup [COPY]`: proves that a copy can be restored, without touching the shop."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from common import clock
from operations import backups
from operations.backups import sealing, verifying
from operations.backups.choosing import chosen, moment


class Command(BaseCommand):
    """Exit code 0: restored beside the shop, and every promise holds there. 1: not. 2: the database does not answer."""

    help = "Restore a copy into a server of its own, examine it, throw it away, and sign a report. No right is needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take COPY, --physical, --to, --identity, --trust and --report."""
        parser.add_argument("copy", nargs="?", help="a copy's name or directory; without it, the newest")
        parser.add_argument("--physical", action="store_true", help="a physical copy, with the changes since")
        parser.add_argument("--to", type=moment, metavar="INSTANT", help="of a physical copy: the moment to go to")
        parser.add_argument("--identity", metavar="FILE", help="the private key; otherwise BACKUP_IDENTITY_FILE")
        parser.add_argument("--trust", action="store_true", help="take a copy that this shop has not signed")
        parser.add_argument("--report", metavar="FILE", help="take up the report of a proof made on another machine")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the verdict."""
        try:
            proof = self._taken_up(options["report"]) if options["report"] else self._proved(options)
        except backups.BackupRefused as refusal:
            raise CommandError(str(refusal), returncode=1) from refusal
        except DatabaseError as problem:
            raise CommandError(_("The database does not answer: %(why)s") % {"why": problem}, returncode=2) from problem
        told = _("%(name)s: %(rows)d rows and %(pictures)d pictures restored, %(checks)d checks made in %(seconds)s s.")
        self.stdout.write(told % vars(proof))
        if not proof.is_sound:
            broken = ", ".join([*proof.findings, *proof.differences])
            raise CommandError(_("The restored shop has findings: %(names)s") % {"names": broken}, returncode=1)

    def _taken_up(self, path: str) -> backups.Proof:
        proof = verifying.read_report(Path(path))
        verifying.record(proof)
        return proof

    def _proved(self, options: dict[str, Any]) -> backups.Proof:
        until: datetime | None = options["to"]
        kind: backups.Kind = "physical" if options["physical"] or until else "portable"
        copy = chosen(options["copy"], kind=kind, until=until, trusting=options["trust"])
        identity = options["identity"] or settings.BACKUP_IDENTITY_FILE
        keys = sealing.identities(Path(identity) if identity else None)
        return verifying.verify(copy=copy, keys=keys, now=clock.now(), until=until)
