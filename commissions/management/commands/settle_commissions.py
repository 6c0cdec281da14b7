"""`manage.py settle_commissions`: brings the ledger of commissions in line with what the orders have earned."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from commissions import selectors
from commissions import services as commissions
from common import clock


class Command(BaseCommand):
    """Exit code 0, whether there was something to write or not. Safe to repeat and to run beside the shop."""

    help = "Write the commissions that are missing or too much in the ledger, as entries of their own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --dry-run."""
        parser.add_argument("--dry-run", action="store_true", help="list the differences and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line an order and piece."""
        found = list(selectors.differences())
        for one in found:
            self.stdout.write(f"{one.order} {one.key.line}.{one.key.position}: {one.written.amount} > {one.due.amount}")
        if not found:
            self.stdout.write(_("The ledger says what was earned."))
        elif options["dry_run"]:
            self.stdout.write(_("Nothing was changed."))
        else:
            commissions.settle_differences(now=clock.now())
