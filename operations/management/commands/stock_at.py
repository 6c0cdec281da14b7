"""`manage.py stock_at --sku SKU --at INSTANT`: how many units there were then, by what had come and gone."""

from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from catalog.units import shown_quantity
from common.dates import when
from inventory import selectors as inventory
from operations import asked
from shop import services as shop


class Command(BaseCommand):
    """Exit code 0: told. 2: called wrongly."""

    help = "Say how many units of a SKU were in the shop at an instant, by its movements."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --sku and --at."""
        parser.add_argument("--sku", required=True, help="of which goods")
        parser.add_argument("--at", required=True, help="when, as 2026-12-24T15:00 on the shop's clock")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the units, and the movement that led to them."""
        zone = ZoneInfo(shop.policy().timezone)
        offer, at = asked.goods(options["sku"]), asked.instant(options["at"], zone=zone)
        found = inventory.units_at(sku=offer.sku, at=at)
        units = shown_quantity(quantity=found.units, unit=offer.unit)
        told = {"units": units, "name": offer.name, "sku": offer.sku, "when": when(moment=at, zone=zone)}
        self.stdout.write(_("%(when)s: %(units)s of %(name)s (%(sku)s) in the shop.") % told)
        if found.last is None:
            self.stdout.write(_("Nothing of it had moved by then."))
            return
        change = {
            "delta": f"{found.last.delta:+d}",
            "kind": found.last.get_kind_display(),
            "when": when(moment=found.last.at, zone=zone),
            "reason": found.last.reason,
        }
        self.stdout.write(_("Last change: %(delta)s on %(when)s. %(kind)s: %(reason)s") % change)
