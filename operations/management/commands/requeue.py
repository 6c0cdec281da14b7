"""`manage.py requeue`: lets messages that were given up, such as letters, be tried again."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Count, Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import clock, outbox


class Command(BaseCommand):
    """Exit code 0, whether there was something or not. Safe to repeat: what was delivered is not delivered again."""

    help = "Let messages of the outbox that were given up be tried again. Look first, with --dry-run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take names, --days and --dry-run."""
        parser.add_argument("names", nargs="*", help="of events or handlers, such as order.placed; without: all")
        parser.add_argument("--days", type=int, help="only what was given up in the last so many days")
        parser.add_argument("--dry-run", action="store_true", help="show what was given up and why; change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line for each event, handler and cause, then how many there are."""
        now = clock.now()
        since = now - timedelta(days=options["days"]) if options["days"] is not None else None
        messages = outbox.given_up(names=options["names"], since=since)
        kinds = messages.values("name", "handler", "last_error").annotate(count=Count("pk"), last=Max("dead_at"))
        for kind in kinds.order_by("name", "handler", "last_error"):
            why = kind["last_error"].partition("\n")[0][:100]
            self.stdout.write(
                f"{kind['count']:>6} {kind['name']} > {kind['handler']}: {why} ({kind['last']:%Y-%m-%d %H:%M} UTC)"
            )
        if options["dry_run"]:
            count = messages.count()
            self.stdout.write(
                ngettext("%(n)d message was given up.", "%(n)d messages were given up.", count) % {"n": count}
            )
            self.stdout.write(_("Nothing was changed."))
            return
        count = outbox.requeue(messages=messages, now=now)
        self.stdout.write(
            ngettext("%(n)d message is tried again.", "%(n)d messages are tried again.", count) % {"n": count}
        )
