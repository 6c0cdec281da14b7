"""Fills a shop with the demonstration, through the services everybody uses.

Each thing is looked for before it is made, so a second run changes nothing and a run that was interrupted is taken up
where it stopped. The sales of the demonstration lie in the past, so they are made with a `now` of
their own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.actors import Actor
from operations.demo import agenda, people, sales, shelves

OPENED = timedelta(days=30)

ACTOR = Actor(kind="system", id="seed_demo", door="command")


@dataclass(frozen=True)
class Step:
    """One part of the demonstration: `missing` counts what is not there yet, `make` makes it."""

    name: str | Promise
    missing: Callable[[], int]
    make: Callable[[], None]


@dataclass(frozen=True)
class Done:
    """What a step did, or would do."""

    name: str | Promise
    count: int


def seed(*, now: datetime, dry_run: bool = False) -> Iterator[Done]:
    """Make what is missing of the demonstration and yield each step as it is done; with `dry_run`, would be done.

    Raises Refusal when the shop does not accept a part of it, for example because a SKU means something else here.
    """
    opened = now - OPENED
    steps = (
        Step(_("settings of the shop"), people.missing_settings, lambda: people.make_settings(actor=ACTOR, now=opened)),
        Step(_("demonstration logins"), people.missing_logins, lambda: people.make_logins(now=opened)),
        Step(_("categories"), shelves.missing_categories, shelves.make_categories),
        Step(_("products"), shelves.missing_products, lambda: shelves.make_products(actor=ACTOR, now=opened)),
        Step(_("pictures"), shelves.missing_pictures, lambda: shelves.make_pictures(actor=ACTOR, now=opened)),
        Step(_("opening stock"), shelves.missing_stock, lambda: shelves.make_stock(actor=ACTOR, now=opened)),
        Step(_("orders"), sales.missing_orders, lambda: sales.make_orders(now=now)),
        Step(_("services and professionals"), agenda.missing_setup, lambda: agenda.make_setup(now=opened)),
        Step(
            _("visits"),
            lambda: agenda.missing_visits(now=now),
            lambda: agenda.make_visits(actor=people.counter(), now=now),
        ),
    )
    for step in steps:
        count = step.missing()
        if count and not dry_run:
            step.make()
        yield Done(name=step.name, count=count)
