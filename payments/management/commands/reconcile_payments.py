"""`manage.py reconcile_payments`: compares what payment gateways know with what the shop knows."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import clock
from payments import services as payments


class Command(BaseCommand):
    """Exit code 0: both sides agree, or do now. 1: something is left that people must look at."""

    help = "Compare gateways and database, repair what is safe, report the rest. Runs every night by itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --dry-run and --days."""
        parser.add_argument("--dry-run", action="store_true", help="look and write nothing")
        parser.add_argument("--days", type=int, metavar="N", help="look N days back instead of to the last time")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what differs, and whether it is right now."""
        now = clock.now()
        if options["days"] is not None and not 1 <= options["days"] <= 90:
            raise CommandError(_("--days is between 1 and 90."), returncode=2)
        since = now - timedelta(days=options["days"]) if options["days"] else None
        found = payments.reconcile_payments(now=now, dry_run=options["dry_run"], since=since)
        for finding in found:
            word = _("repaired") if finding.repaired else _("differs")
            self.stdout.write(f"{word}: {finding.gateway} {finding.what}: {finding.about}")
        left = sum(not finding.repaired for finding in found)
        if left:
            raise CommandError(ngettext("%(n)d difference left.", "%(n)d differences left.", left) % {"n": left})
        self.stdout.write(_("Gateways and shop agree."))
