"""Fills a shop with the demonstration, through the services everybody uses.

The demonstration begins at one instant, which is written down, and everything in it is dated from there: what has
happened lies before, what is booked lies ahead. So a run that was interrupted is completed as it would have been, on
whatever day; and what was completed once is the owner's and is not touched again, whatever they rename or delete.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from backoffice import roles
from catalog.models import Product
from common import milestones
from common.actors import Actor
from operations.demo import agenda, counter, earnings, people, sales, shelves
from operations.demo.logins import DEMO_LOGINS

OPENED = timedelta(days=30)
BEGUN, COMPLETED = milestones.DEMONSTRATION, "demonstration.completed"

ACTOR = Actor(kind="system", id="seed_demo", door="command")

Stage = Literal["absent", "interrupted", "completed"]


@dataclass(frozen=True)
class Step:
    """One part of the demonstration: `missing` counts what is not there yet, `make` makes it."""

    name: str | Promise
    missing: Callable[[], int]
    make: Callable[[], None]


@dataclass(frozen=True)
class Done:
    """What a step made, or would make, and how much of it this shop has no place for."""

    name: str | Promise
    count: int
    left_out: int = 0


def stage() -> Stage:
    """Return how far the demonstration of this shop is; a shop without a single product has none."""
    marks = milestones.reached()
    if BEGUN not in marks or not Product.objects.exists():
        return "absent"
    return "completed" if COMPLETED in marks else "interrupted"


def seed(*, now: datetime, dry_run: bool = False) -> Iterator[Done]:
    """Make what is missing of the demonstration and yield each step as it is done; with `dry_run`, would be done.

    One that was interrupted is completed as of the instant at which it began; a completed one is left alone.

    Raises Refusal when the shop does not accept a part of it, for example because a SKU means something else here, and
    OtherBeginningError when somebody opened it empty, for themselves.
    """
    if _is_somebodys():
        raise milestones.OtherBeginningError(milestones.OWN)
    reached = stage()
    if reached == "completed":
        return
    began = milestones.reached()[BEGUN] if reached == "interrupted" else now
    if not dry_run:
        milestones.begin(name=BEGUN, now=began)
    for step in _steps(began=began):
        count = step.missing()
        if count and not dry_run:
            step.make()
            left_out = step.missing()
            yield Done(name=step.name, count=count - left_out, left_out=left_out)
        else:
            yield Done(name=step.name, count=count)
    if not dry_run:
        milestones.reach(name=COMPLETED, now=now)


def _is_somebodys() -> bool:
    """Say whether the shop was opened for its owner; one that nobody marked has an owner of its own at the desk."""
    beginning = milestones.beginning()
    if beginning:
        return beginning == milestones.OWN
    owners = User.objects.filter(groups__name=roles.OWNER)
    return owners.exclude(email__in=[login.email for login in DEMO_LOGINS]).exists()


def _steps(*, began: datetime) -> tuple[Step, ...]:
    opened = began - OPENED
    return (
        Step(_("settings of the shop"), people.missing_settings, lambda: people.make_settings(actor=ACTOR, now=opened)),
        Step(_("demonstration logins"), people.missing_logins, lambda: people.make_logins(now=opened)),
        Step(_("categories"), shelves.missing_categories, shelves.make_categories),
        Step(_("products"), shelves.missing_products, lambda: shelves.make_products(actor=ACTOR, now=opened)),
        Step(_("pictures"), shelves.missing_pictures, lambda: shelves.make_pictures(actor=ACTOR, now=opened)),
        Step(_("opening stock"), shelves.missing_stock, lambda: shelves.make_stock(actor=ACTOR, now=opened)),
        Step(_("orders"), lambda: sales.missing_orders(now=began), lambda: sales.make_orders(now=began)),
        Step(_("services and professionals"), agenda.missing_setup, lambda: agenda.make_setup(now=opened)),
        Step(
            _("visits"),
            lambda: agenda.missing_visits(now=began),
            lambda: agenda.make_visits(actor=people.counter(), now=began),
        ),
        Step(_("regular customers"), people.missing_regulars, lambda: people.make_regulars(actor=ACTOR, now=opened)),
        Step(_("commission rules"), earnings.missing_rules, lambda: earnings.make_rules(actor=ACTOR, now=opened)),
        Step(
            _("sales and drawers of the counter"),
            lambda: counter.missing_sales(now=began),
            lambda: counter.make_sales(now=began),
        ),
        Step(
            _("commissions paid out"),
            lambda: earnings.missing_payouts(now=began),
            lambda: earnings.make_payouts(now=began),
        ),
        Step(_("customers"), people.missing_customers, lambda: people.make_customers(now=began)),
    )
