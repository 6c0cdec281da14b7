"""`manage.py restore COPY`: a copy back into the shop's database, or a server's files as of one second."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import clock
from common.money import format_brl
from operations import backups
from operations.backups import recovering, returning, sealing, store, taking
from operations.backups.choosing import chosen, moment
from operations.backups.returning import Lost


class Command(BaseCommand):
    """Exit code 0: restored and every promise holds. 1: refused, or restored with findings. 2: no database."""

    help = "Bring a copy back. Stop web, worker and beat first: it refuses under a shop that serves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take COPY, --identity, --force, --plain, --no-media, --no-check, --dry-run, --trust; --to and --into."""
        parser.add_argument("copy", nargs="?", help="a copy's name or directory; without it, the newest")
        parser.add_argument("--identity", metavar="FILE", help="the private key; otherwise BACKUP_IDENTITY_FILE")
        parser.add_argument("--force", action="store_true", help="replace what is there, after copying it")
        parser.add_argument("--plain", action="store_true", help="do not encrypt the copy of what is replaced")
        parser.add_argument("--no-media", action="store_true", help="leave the pictures alone")
        parser.add_argument("--no-check", action="store_true", help="do not examine the restored shop")
        parser.add_argument("--dry-run", action="store_true", help="read the whole copy, judge it, change nothing")
        parser.add_argument("--trust", action="store_true", help="take a copy that this shop has not signed")
        parser.add_argument(
            "--into", metavar="DIRECTORY", help="from a physical copy: where to make the server's files"
        )
        parser.add_argument("--to", type=moment, metavar="INSTANT", help="from a physical copy: the moment to go to")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was brought back."""
        identity = options["identity"] or settings.BACKUP_IDENTITY_FILE
        try:
            options["keys"] = sealing.identities(Path(identity) if identity else None)
            if options["into"] or options["to"]:
                self._recover(options)
            else:
                self._restore(options)
        except backups.BackupRefused as refusal:
            raise CommandError(str(refusal), returncode=1) from refusal
        except DatabaseError as problem:
            raise CommandError(_("The database does not answer: %(why)s") % {"why": problem}, returncode=2) from problem

    def _restore(self, options: dict[str, Any]) -> None:
        now = clock.now()
        copy = chosen(options["copy"], kind="portable", trusting=options["trust"])
        if options["dry_run"]:
            store.check(copy)
            store.load_contents(copy, keys=options["keys"])
            if returning.judge(copy=copy, force=options["force"], now=now):
                self._warn(returning.lost_by(copy=copy))
            self.stdout.write(_("%(name)s fits this database. Nothing was changed.") % {"name": copy.name})
            return
        recipients = taking.keys_for(plain=options["plain"]) if options["force"] else []
        returned = returning.bring_back(
            copy=copy, keys=options["keys"], recipients=recipients, force=options["force"],
            with_media=not options["no_media"], now=now,
        )  # fmt: skip
        if returned.kept:
            self.stdout.write(_("What stood there is kept in %(path)s.") % {"path": returned.kept.path})
        self._warn(returned.lost)
        for what in returned.left_out:
            self.stdout.write(_("Left out: %(what)s.") % {"what": what})
        told = _("Restored: the shop of %(when)s, %(pictures)d pictures.")
        self.stdout.write(told % {"when": copy.made_at.isoformat(timespec="seconds"), "pictures": returned.pictures})
        if returned.lacking:
            self.stdout.write(_("It is of an earlier version: run `manage.py migrate`, then `check_integrity`."))
        elif not options["no_check"]:
            call_command("check_integrity", stdout=self.stdout, stderr=self.stderr)

    def _recover(self, options: dict[str, Any]) -> None:
        until: datetime | None = options["to"]
        if not options["into"]:
            raise CommandError(_("Say with --into where the server's files are to be made."), returncode=1)
        copy = chosen(options["copy"], kind="physical", until=until, trusting=options["trust"])
        store.check(copy)
        into = Path(options["into"]).absolute()
        recovering.prepare(copy, keys=options["keys"], into=into, until=until)
        told = _("%(path)s goes to %(when)s when PostgreSQL %(major)d is started with it; see docs/operations.md.")
        when = until.isoformat() if until else _("the last change that was kept")
        self.stdout.write(told % {"path": into, "when": when, "major": copy.manifest.server})

    def _warn(self, lost: Lost) -> None:
        if lost.count:
            told = ngettext(
                "%(n)d order placed since is not in the copy: %(numbers)s (%(total)s).",
                "%(n)d orders placed since are not in the copy: %(numbers)s (%(total)s).",
                lost.count,
            )
            listed = ", ".join(lost.numbers) + (", ..." if lost.count > len(lost.numbers) else "")
            self.stdout.write(told % {"n": lost.count, "numbers": listed, "total": format_brl(lost.total)})
