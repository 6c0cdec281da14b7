"""`manage.py set_policy KEY VALUE`: changes one of the shop's settings, under the same rules as the desk."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from common import clock
from common.actors import Actor
from common.errors import Refusal
from orders import services as orders
from orders.services import Stranded
from shop import selectors
from shop import services as shop
from shop.policy import LIMITS
from shop.services import ShopSheet


class Command(BaseCommand):
    """Exit code 0: stored, or would be. 1: refused, and nothing changed. 2: called wrongly."""

    help = "Change one of the shop's settings, or list them all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take KEY VALUE, or --list."""
        parser.add_argument("key", nargs="?", help="the setting, such as transfer_hold_minutes")
        parser.add_argument("value", nargs="?", help="the new value; lists are joined by commas")
        parser.add_argument("--list", action="store_true", help="show every setting, its value and its limits")
        parser.add_argument("--dry-run", action="store_true", help="judge the value and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print `key: before -> after`."""
        if options["list"]:
            self._list()
            return
        key, value = options["key"], options["value"]
        if key is None or value is None:
            raise CommandError(_("Give a setting and its value, or --list."), returncode=2)
        before = selectors.settings_as_text(policy=shop.policy()).get(key, "")
        try:
            after = shop.check_policy(key=key, value=value)
            if not options["dry_run"]:
                actor = Actor(kind="system", id="set_policy", door="command")
                self._tell(orders.change_shop(sheet=ShopSheet({key: value}), actor=actor, now=clock.now(), anyway=True))
        except Refusal as refusal:
            raise CommandError(_why(refusal)) from refusal
        self.stdout.write(f"{key}: {before} -> {selectors.as_text(value=after)}")
        if options["dry_run"]:
            self.stdout.write(_("Nothing was changed."))

    def _tell(self, stranded: Stranded) -> None:
        """Name the visits and pickups that the change left without their time or place."""
        for visit in stranded.visits:
            self.stderr.write(_("Now without working time or a place: the visit %(id)s.") % {"id": visit.public_id})
        for order in stranded.pickups:
            self.stderr.write(_("Now without hours or a place: the pickup of %(number)s.") % {"number": order.number})

    def _list(self) -> None:
        for key, value in selectors.settings_as_text(policy=shop.policy()).items():
            limits = f"  ({LIMITS[key][0]}..{LIMITS[key][1]})" if key in LIMITS else ""
            self.stdout.write(f"{key} = {value}{limits}")


def _why(refusal: Refusal) -> str:
    data: dict[str, Any] = refusal.data
    reasons = data.get("reasons") or [_("Known settings: %(keys)s") % {"keys": ", ".join(data.get("known", []))}]
    return f"{refusal.title} ({data.get('key')}): {' '.join(reasons)}"
