"""`manage.py seed_demo`: fills the shop with a bakery and barbershop to look at. Safe to repeat."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from common import clock, milestones, outbox
from common.errors import Refusal
from operations.demo import bulk, clearing, seats
from operations.demo.progress import Bar
from operations.demo.seeding import seed, stage
from shop import services as shop


class Command(BaseCommand):
    """Exit code 0: the demonstration is there. 1: refused, or stopped half-way (run it again). 2: called wrongly."""

    help = "Fill the shop with a demonstration: goods, pictures, stock, people and orders."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --dry-run, --orders, --seed, --flush, --no-input and --force."""
        parser.add_argument("--dry-run", action="store_true", help="say what would be made and make nothing")
        parser.add_argument("--orders", type=int, default=0, metavar="N", help="place N orders more, drawn by --seed")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="another number draws other orders")
        parser.add_argument("--flush", action="store_true", help="delete EVERYTHING in the shop first, logins included")
        parser.add_argument("--no-input", action="store_true", help="do not ask before --flush")
        parser.add_argument("--force", action="store_true", help="do it under production settings, too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a step."""
        if os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".production") and not options["force"]:
            raise CommandError(_("These are production settings; --force says that you mean it."), returncode=1)
        if options["orders"] < 0:
            raise CommandError(_("Orders cannot be fewer than none."), returncode=2)
        if options["flush"]:
            self._flush(ask=not options["no_input"], dry_run=options["dry_run"])
        with translation.override(settings.LANGUAGE_CODE), outbox.waking_once():
            try:
                self._seed(dry_run=options["dry_run"])
                if options["orders"] and not options["dry_run"]:
                    self._sell(count=options["orders"], number=options["seed"])
            except milestones.OtherBeginningError as own:
                raise CommandError(
                    _("This shop was opened empty, for its owner; the demonstration never goes into it."), returncode=1
                ) from own
            except Refusal as refusal:
                why = refusal.detail or f"{refusal.title} {refusal.data or ''}".strip()
                raise CommandError(why, returncode=1) from refusal

    def _flush(self, *, ask: bool, dry_run: bool) -> None:
        name = shop.policy().name
        if dry_run:
            self.stdout.write(_("Everything in the shop would be deleted first."))
            return
        if ask and input(_("Everything in this shop will be deleted. Type its name (%s) to go on: ") % name) != name:
            raise CommandError(_("Nothing was deleted."), returncode=1)
        self.stdout.write(_("Emptied %d tables.") % clearing.clear())

    def _seed(self, *, dry_run: bool) -> None:
        reached = stage()
        if reached == "completed":
            self.stdout.write(_("The demonstration is there already; nothing was changed."))
            return
        if reached == "interrupted":
            self.stdout.write(_("The demonstration was interrupted; what is missing is completed."))
        verb = _("would be made") if dry_run else _("made")
        for done in seed(now=clock.now(), dry_run=dry_run):
            if done.count:
                self.stdout.write(f"{done.count:>5} {done.name}: {verb}")
            if done.left_out:
                self.stdout.write(
                    f"{done.left_out:>5} {done.name}: " + _("left out, for this shop has no place for them")
                )
            self.stdout.flush()

    def _sell(self, *, count: int, number: int) -> None:
        bar = Bar(total=count, out=self.stdout)
        for there in bulk.sell(count=count, seed=number, now=clock.now()):
            bar.show(there)
        self.stdout.write(_("%(count)d orders of seed %(seed)d are there.") % {"count": count, "seed": number})
        visits = seats.seat(orders=count, seed=number, now=clock.now())
        if visits:
            self.stdout.write(_("%(count)d visits of the year before are there.") % {"count": visits})
