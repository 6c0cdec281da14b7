"""`manage.py release_expired`: does the sweeps' work by hand: orders, carts, times and units that ran out."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from common import clock
from operations.expired_rows import expired_rows, tidy


class Command(BaseCommand):
    """Exit code 0, whether there was something to tidy away or not. Safe to repeat and to run beside the sweeps."""

    help = "Write down what ran out: pending orders, carts, held times and reservations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --dry-run."""
        parser.add_argument("--dry-run", action="store_true", help="count what ran out and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a kind."""
        now = clock.now()
        found = expired_rows(now=now) if options["dry_run"] else [kind for kind in tidy(now=now) if kind.count]
        for kind in found:
            self.stdout.write(f"{kind.count:>6} {kind.name}")
        if not found:
            self.stdout.write(_("Nothing ran out."))
        elif options["dry_run"]:
            self.stdout.write(_("Nothing was changed."))
