"""`manage.py reconcile_stock`: compares the figures of the stock with the rows that they are the sums of."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory import selectors as inventory
from inventory import services as stock
from inventory.selectors import Difference
from operations import asked


class Command(BaseCommand):
    """Exit code 0: all agree, or do now. 1: some do not. 2: called wrongly."""

    help = "Compare the stock with its movements and reservations; changes nothing without --repair."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --sku, --repair and --dry-run."""
        parser.add_argument("--sku", action="append", help="only these goods; repeat for several")
        parser.add_argument("--repair", action="store_true", help="make the figures the sums of their rows again")
        parser.add_argument("--dry-run", action="store_true", help="compare, whatever else is asked; change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each SKU that differs, and what was done about it."""
        skus = [asked.goods(sku).sku for sku in options["sku"]] if options["sku"] else None
        found = inventory.differences(skus=skus)
        repairs = options["repair"] and not options["dry_run"]
        if repairs:
            found = [one for one in (stock.mend(sku=each.sku) for each in found) if one is not None]
        for one in found:
            self.stdout.write(_line(one))
            if not one.can_be_mended:
                self.stdout.write("  " + _("More is promised than has come: count it, or cancel what keeps it."))
            elif repairs:
                self.stdout.write("  " + _("The figures are the sums again. Count it at the shelf."))
        left = [one for one in found if not (repairs and one.can_be_mended)]
        if left:
            told = ngettext(
                "%(n)d SKU does not agree with its rows.", "%(n)d SKUs do not agree with their rows.", len(left)
            )
            raise CommandError(told % {"n": len(left)}, returncode=1)
        self.stdout.write(_("All stock agrees with its movements and reservations."))


def _line(one: Difference) -> str:
    told = {"sku": one.sku, "on_hand": one.on_hand, "moved": one.moved, "reserved": one.reserved, "kept": one.kept}
    return _("%(sku)s: on hand %(on_hand)d, by movements %(moved)d; kept %(reserved)d, by reservations %(kept)d") % told
