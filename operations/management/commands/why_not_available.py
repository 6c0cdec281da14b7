"""`manage.py why_not_available`: why goods or times cannot be sold, by the reasons of the desk's own pages."""

from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.why.goods import MOST, Keeper, standing
from backoffice.why.times import stretches
from catalog.errors import NotForSale
from catalog.units import shown_quantity
from common import clock
from common.dates import weekday_of, when
from common.errors import Refusal
from operations import asked
from scheduling import selectors
from scheduling.models import MAX_SERVICES
from scheduling.selectors import Performer, Visit
from scheduling.slots import moment_of
from shop import services as shop
from shop.policy import Policy

NOT_AVAILABLE = 1


class Command(BaseCommand):
    """Exit code 0: it is available. 1: it is not, for the reasons printed. 2: called wrongly."""

    help = "Say why goods, or the times of services, cannot be sold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --sku for goods, or --service with --day, --professional and --window for times."""
        parser.add_argument("--sku", help="of goods")
        parser.add_argument("--service", action="append", help="SKU of a service; repeat for several in one visit")
        parser.add_argument("--day", help="which day's times, as 2026-12-24; without: today")
        parser.add_argument("--professional", help="name, or public id; without: everybody who performs all of it")
        parser.add_argument("--window", action="store_true", help="judge as the shop window, with notice and horizon")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the reasons."""
        if bool(options["sku"]) == bool(options["service"]):
            raise CommandError(_("Name goods with --sku, or services with --service."), returncode=asked.CALLED_WRONGLY)
        policy, now = shop.policy(), clock.now()
        is_available = self._goods(options["sku"], policy, now) if options["sku"] else self._times(options, policy, now)
        if not is_available:
            raise CommandError(_("Not available."), returncode=NOT_AVAILABLE)

    def _goods(self, sku: str, policy: Policy, now: datetime) -> bool:
        """Print the figures of goods and who keeps units, and say whether one can be sold."""
        found = standing(offer=asked.goods(sku), now=now)
        unit = found.offer.unit
        self.stdout.write(f"{found.offer.name} ({found.offer.sku}): {found.verdict}")
        for what, quantity in (
            (_("In the shop"), found.there),
            (_("Kept for somebody"), found.there - found.free),
            (_("Can be sold now"), found.free),
        ):
            self.stdout.write(f"  {what}: {shown_quantity(quantity=quantity, unit=unit)}")
        zone = ZoneInfo(policy.timezone)
        for keeper in found.keepers:
            self.stdout.write(f"  {shown_quantity(quantity=keeper.quantity, unit=unit)}: {_keeper(keeper, zone=zone)}")
        if len(found.keepers) == MOST:
            self.stdout.write("  ...")
        return found.can_be_sold

    def _times(self, options: dict[str, Any], policy: Policy, now: datetime) -> bool:
        """Print what of a day is not free with whom, and say whether any time is."""
        zone, desk = ZoneInfo(policy.timezone), not options["window"]
        day = asked.day(options["day"]) if options["day"] else now.astimezone(zone).date()
        visit = _visit(options["service"], policy=policy)
        if visit is None:
            self.stdout.write(_("It is not on sale: the product or the variant is switched off in the catalogue."))
            return False
        people = _people(visit, options["professional"])
        if not people:
            self.stdout.write(_("Nobody performs all of it."))
        free = [self._day_of(one, visit=visit, policy=policy, day=day, now=now, desk=desk) for one in people]
        if any(free):
            return True
        chosen = people[0].public_id if options["professional"] and people else None
        after = selectors.next_free_start(
            visit=visit, policy=policy, first=day, now=now, professional=chosen, desk=desk
        ).found
        if after is not None:
            told = {"when": when(moment=moment_of(after.start), zone=zone), "who": after.performers[0].name}
            self.stdout.write(_("The next free time is %(when)s, with %(who)s.") % told)
        return False

    def _day_of(self, person: Performer, *, visit: Visit, policy: Policy, day: date, now: datetime, desk: bool) -> int:
        """Print what of a day is not free with somebody, and return how many starts are."""
        asked_for: dict[str, Any] = {"visit": visit, "policy": policy, "first": day, "last": day, "now": now}
        asked_for |= {"professional": person.public_id, "desk": desk}
        free = len(selectors.free_starts(**asked_for))
        told = ngettext("%(n)d free start", "%(n)d free starts", free) % {"n": free}
        self.stdout.write(f"{person.name}, {weekday_of(day=day)}: {told}")
        refused = selectors.refused_starts(**asked_for)
        for span, why in stretches(refused, minutes=visit.granularity, zone=ZoneInfo(policy.timezone), desk=desk):
            self.stdout.write(f"  {span}  {' '.join(why)}")
        return free


def _keeper(keeper: Keeper, *, zone: ZoneInfo) -> str:
    """Return who keeps units, and until when; no person is named."""
    who = _("Order %(number)s") % {"number": keeper.number} if keeper.order else _("In a cart")
    if keeper.until is None:
        return who
    return _("%(who)s, until %(when)s") % {"who": who, "when": when(moment=keeper.until, zone=zone)}


def _visit(skus: list[str], *, policy: Policy) -> Visit | None:
    """Return the visit of these services; None where one of them is not for sale. Raises CommandError."""
    if len(skus) > MAX_SERVICES:
        told = _("A visit is of %(most)d services at most.") % {"most": MAX_SERVICES}
        raise CommandError(told, returncode=asked.CALLED_WRONGLY)
    try:
        return selectors.visit_of(skus=[asked.word(sku) for sku in skus], policy=policy)
    except NotForSale:
        return None
    except Refusal as refusal:
        told = _("There is no service of the SKU %(sku)s.") % {"sku": refusal.data.get("sku")}
        raise CommandError(told, returncode=asked.CALLED_WRONGLY) from refusal


def _people(visit: Visit, name: str | None) -> list[Performer]:
    """Return who performs all of it, or the one who is named. Raises CommandError."""
    if name is None:
        return list(visit.performers)
    wanted = name.casefold()
    found = [one for one in visit.performers if wanted in (one.name.casefold(), str(one.public_id))]
    if len(found) != 1:
        names = ", ".join(one.name for one in visit.performers)
        told = _("Not one of those who perform it: %(name)s. They are: %(names)s")
        raise CommandError(told % {"name": ascii(name), "names": names}, returncode=asked.CALLED_WRONGLY)
    return found
