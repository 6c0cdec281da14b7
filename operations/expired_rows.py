"""What ran out and still stands in the tables: what the sweeps are for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cart import services as carts
from cart.models import Cart
from inventory import services as inventory
from inventory.models import StockReservation
from orders import services as orders
from orders.models import Order
from scheduling import services as scheduling
from scheduling.lifecycle import EXPIRING
from scheduling.models import Appointment


@dataclass(frozen=True)
class Leftover:
    """So many rows of a kind that ran out."""

    name: str | Promise
    count: int


@dataclass(frozen=True)
class Sweep:
    """One kind: which rows ran out by an instant, and the service that tidies them."""

    name: str | Promise
    ran_out: Callable[
        [datetime], "QuerySet[Order] | QuerySet[Cart] | QuerySet[Appointment] | QuerySet[StockReservation]"
    ]
    tidy: Callable[[datetime], int]


# Orders and carts first: they give back what they keep, which need not be found again as a reservation of nobody.
SWEEPS = (
    Sweep(
        _("orders"),
        lambda now: Order.objects.filter(status=Order.Status.PENDING, expires_at__lte=now),
        lambda now: orders.expire_due_orders(now=now),
    ),
    Sweep(
        _("carts"),
        lambda now: Cart.objects.filter(status=Cart.Status.OPEN, expires_at__lte=now),
        lambda now: carts.expire_carts(now=now),
    ),
    Sweep(
        _("held or requested times"),
        lambda now: Appointment.objects.filter(state__in=EXPIRING, expires_at__lte=now),
        lambda now: scheduling.release_expired(now=now),
    ),
    Sweep(
        _("stock reservations"),
        lambda now: StockReservation.objects.filter(expires_at__lte=now),
        lambda now: inventory.release_expired(now=now),
    ),
)


def expired_rows(*, now: datetime) -> list[Leftover]:
    """Count what ran out by `now` and is still there; kinds of which nothing is left are absent."""
    counted = [Leftover(name=sweep.name, count=sweep.ran_out(now).count()) for sweep in SWEEPS]
    return [leftover for leftover in counted if leftover.count]


def tidy(*, now: datetime) -> list[Leftover]:
    """Do the sweeps' work once; returns how many of each kind were found, none absent.

    What another process has locked at this moment is left to it.
    """
    found = []
    for sweep in SWEEPS:
        count = sweep.ran_out(now).count()
        sweep.tidy(now)
        found.append(Leftover(name=sweep.name, count=count - sweep.ran_out(now).count()))
    return found
