"""What the shop's page changes while visits are booked and pickups are promised.

Days off, opening hours and the time zone close times that people were told. Nothing of it is moved or cancelled by such
a change: it is refused with the names of all whom it would strand, unless whoever makes it has seen them.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from common.actors import Actor
from common.use_cases import use_case
from orders import selectors
from orders.models import Order
from scheduling import selectors as agenda
from scheduling import services as scheduling
from scheduling.errors import WouldStrand
from scheduling.models import Appointment
from shop import services as shop
from shop.policy import Policy
from shop.services import ShopSheet


@dataclass(frozen=True)
class Stranded:
    """Whom a change leaves without the time they were told."""

    visits: list[Appointment]
    pickups: list[Order]

    def __bool__(self) -> bool:
        """Say whether there is anybody."""
        return bool(self.visits or self.pickups)

    def beyond(self, known: "Stranded") -> "Stranded":
        """Return those who are not among the known ones."""
        visits, pickups = ({row.pk for row in rows} for rows in (known.visits, known.pickups))
        return Stranded(
            visits=[visit for visit in self.visits if visit.pk not in visits],
            pickups=[order for order in self.pickups if order.pk not in pickups],
        )


@use_case()
def change_shop(*, sheet: ShopSheet, actor: Actor, now: datetime, anyway: bool = False) -> Stranded:
    """Write down what the shop's page changes, all or none, and return whom it newly leaves without their time.

    Raises WouldStrand when there is anybody, unless `anyway`; UnknownPolicy, PolicyOutOfRange, HoursClash,
    HoursChanged. Then nothing has changed.
    """

    before = _stranded(policy=shop.policy(), now=now)
    shop.write(sheet=sheet, actor=actor, now=now)
    policy = shop.policy()
    left = _stranded(policy=policy, now=now).beyond(before)
    if left and not anyway:
        zone = ZoneInfo(policy.timezone)
        raise WouldStrand(
            appointments=[scheduling.named(visit=visit, zone=zone) for visit in left.visits],
            pickups=[_named(order=order, zone=zone) for order in left.pickups],
        )
    return left


def _stranded(*, policy: Policy, now: datetime) -> Stranded:
    return Stranded(
        visits=agenda.uncovered(policy=policy, now=now), pickups=selectors.stranded_pickups(policy=policy, now=now)
    )


def _named(*, order: Order, zone: ZoneInfo) -> dict[str, str]:
    """Return what a refusal tells of a pickup that stands in the way."""
    starts_at = order.pickup_starts_at.astimezone(zone).isoformat() if order.pickup_starts_at else ""
    return {"number": order.number, "pickup_at": starts_at, "customer": order.contact.shown_name}
