"""Explains why a time is not offered, from the very computation that offers times."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from common import clock
from common.errors import Refusal
from scheduling import selectors
from scheduling.models import Professional
from scheduling.wording import refused_because
from shop import services as shop


class Command(BaseCommand):
    """Prints one line a reason; says so when the time is free."""

    help = "Explains why a visit cannot start at a time with a professional."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare who, what and when."""
        parser.add_argument("--professional", required=True, help="name, or public id")
        parser.add_argument("--service", required=True, action="append", help="SKU; repeat for several in one visit")
        parser.add_argument("--at", required=True, help='wall-clock time of the shop, as "2026-12-24 15:00"')
        parser.add_argument("--desk", action="store_true", help="judge as the team, without notice and horizon")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the reasons. Raises CommandError for a name, SKU or time that means nothing."""
        policy = shop.policy()
        try:
            starts_at = datetime.fromisoformat(options["at"])
            visit = selectors.visit_of(skus=options["service"], policy=policy)
        except ValueError as problem:
            raise CommandError(f"not a time: {options['at']}") from problem
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {refusal.data.get('sku')}") from refusal
        if starts_at.tzinfo is None:
            starts_at = starts_at.replace(tzinfo=ZoneInfo(policy.timezone))
        reasons = selectors.reasons_at(
            visit=visit,
            policy=policy,
            professional=_professional(options["professional"]).public_id,
            starts_at=starts_at,
            now=clock.now(),
            desk=options["desk"],
        )
        for reason in reasons:
            self.stdout.write(f"{reason}: {refused_because(reason, desk=options['desk'])}")
        if not reasons:
            self.stdout.write("free")


def _professional(text: str) -> Professional:
    found = list(Professional.objects.filter(Q(name__iexact=text))[:2])
    if not found:
        found = [one for one in Professional.objects.all() if str(one.public_id) == text]
    if len(found) != 1:
        names = ", ".join(Professional.objects.values_list("name", flat=True))
        raise CommandError(f"not one professional: {text}; there are: {names}")
    return found[0]
