"""What the many orders of `seed_demo --orders` are: drawn by a number, the same ones every time, spread over a year.

Plain values and chance, no database. An order is known by its e-mail address, which names its place and its draw.
"""

import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from cart.errors import MethodNotOffered, PickupUnavailable
from catalog.selectors import Offer
from catalog.units import Unit
from common.actors import Actor
from operations.demo.content import FIRST_NAMES, LAST_NAMES, ORDER_NOTES
from shop.policy import Policy
from shop.windows import Window, pickup_windows

DOMAIN = "clientes.example"
SPREAD = timedelta(days=365)
MOST_LINES = 4
LONGEST_SEARCH = 60

GUEST = Actor(kind="guest", id="", door="command")
SELLER = Actor(kind="system", id="seed_demo", door="command")

QUANTITIES = (1, 1, 1, 2, 2, 3, 6)
GRAMS = 100
"""Of one of them, where something is sold by weight."""
TENDERS = ("cash", "cash", "card", "card", "pix")
PHONED, SOLD_AT_ONCE = 0.1, 0.7
"""How many of the orders were told by telephone; of those paid and collected at the counter, how many at once."""
FATES = ("collected",) * 14 + ("cancelled",) * 2 + ("unpaid",) * 3 + ("refunded",)


@dataclass(frozen=True)
class Buyer:
    """Who orders; phone and CPF as they are stored, or empty."""

    email: str
    name: str
    phone: str
    document: str
    note: str


@dataclass(frozen=True)
class Life:
    """When what happened to an order until now; None: not yet, or never."""

    paid_at: datetime | None = None
    handed_at: datetime | None = None
    cancelled_at: datetime | None = None
    returned_at: datetime | None = None
    expired_at: datetime | None = None


@dataclass(frozen=True)
class Sale:
    """One order to write down: who, what, when, and how it went until now."""

    buyer: Buyer
    units: Sequence[tuple[Offer, int]]
    method: str
    window: Window
    placed_at: datetime
    expires_at: datetime | None
    life: Life
    tender: str = ""
    channel: str = "web"

    @property
    def steps(self) -> list[tuple[str, datetime]]:
        """Every status the order has had, the present one last, and since when."""
        steps = [("pending" if self.expires_at else "confirmed", self.placed_at)]
        if self.expires_at and self.life.paid_at:
            steps.append(("confirmed", self.life.paid_at))
        ends = {
            "completed": self.life.handed_at,
            "cancelled": self.life.cancelled_at,
            "expired": self.life.expired_at,
        }
        return steps + [(status, at) for status, at in ends.items() if at]


class Calendar:
    """The shop's pickup windows, worked out once a day."""

    def __init__(self, *, policy: Policy) -> None:
        self._policy = replace(policy, pickup_horizon_days=max(policy.pickup_horizon_days, 2))
        self._days: dict[date, list[Window]] = {}

    def first_from(self, earliest: datetime) -> Window:
        """Return the first window that starts at `earliest` or later. Raises PickupUnavailable if there is none."""
        for later in range(LONGEST_SEARCH):
            windows = self._from(earliest.date() + timedelta(days=later))
            place = bisect_left(windows, earliest, key=lambda window: window.starts_at)
            if place < len(windows):
                return windows[place]
        raise PickupUnavailable(earliest=None)

    def _from(self, day: date) -> list[Window]:
        if day not in self._days:
            midnight = datetime.combine(day, time(), tzinfo=UTC)
            self._days[day] = pickup_windows(policy=self._policy, now=midnight, lead_minutes=0)
        return self._days[day]


class Drawing:
    """The orders of one number: `sale(place)` is the same buyer, goods and fate whenever it is asked."""

    def __init__(self, *, seed: int, count: int, offers: Sequence[Offer], policy: Policy, now: datetime) -> None:
        """`offers`: what can be bought. `now`: where the year of orders ends."""
        self._seed, self._count, self._offers, self._policy, self._now = seed, count, offers, policy, now
        self._calendar = Calendar(policy=policy)

    def email(self, place: int) -> str:
        """Return how the order at a place is known."""
        return f"c{place}.{self._seed}@{DOMAIN}"

    def sale(self, place: int) -> Sale:
        """Return the order at a place, 0 being the oldest."""
        chance = random.Random(f"{self._seed}:{place}")  # noqa: S311 - the same orders every time are the point
        buyer = self._buyer(place=place, chance=chance)
        picked = chance.sample(self._offers, min(len(self._offers), chance.randint(1, MOST_LINES)))
        units = [(offer, chance.choice(QUANTITIES) * (1 if offer.unit == Unit.PIECE else GRAMS)) for offer in picked]
        fate = chance.choice(FATES)
        method = self._method(fate=fate, chance=chance)
        placed_at = self._now - SPREAD * (1 - place / self._count) - timedelta(minutes=1)
        hold = timedelta(minutes=self._policy.transfer_hold_minutes)
        expires_at = placed_at + hold if method == "transfer" else None
        lead = max((offer.lead_minutes or 0 for offer, _quantity in units), default=0)
        earliest = (expires_at or placed_at) + timedelta(minutes=max(lead, self._policy.pickup_lead_minutes))
        window = self._calendar.first_from(earliest)
        life = self._life(fate=fate, placed_at=placed_at, expires_at=expires_at, window=window, chance=chance)
        how = random.Random(f"{self._seed}:{place}:how")  # noqa: S311 - apart, so that all else stays as it was drawn
        tender = how.choice(TENDERS) if method == "on_site" else ""
        channel = "phone" if how.random() < PHONED else "web"
        if method == "on_site" and fate == "collected" and how.random() < SOLD_AT_ONCE:
            at_once = self._past(placed_at + timedelta(minutes=1))
            life, channel = Life(paid_at=at_once, handed_at=at_once), "counter"
            window = Window(starts_at=placed_at, ends_at=placed_at + timedelta(minutes=2))
        return Sale(buyer, units, method, window, placed_at, expires_at, life, tender, channel)

    def _buyer(self, *, place: int, chance: random.Random) -> Buyer:
        name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)} {chance.choice(LAST_NAMES)}"
        phone = f"+55119{chance.randrange(10**8):08d}" if chance.random() < 0.8 else ""
        document = _cpf(chance.randrange(10**9)) if chance.random() < 0.4 else ""
        return Buyer(self.email(place), name, phone, document, chance.choice(ORDER_NOTES))

    def _method(self, *, fate: str, chance: random.Random) -> str:
        wish = "on_site" if fate == "cancelled" or (fate == "collected" and chance.random() < 0.6) else "transfer"
        offered = [method for method in ("on_site", "transfer") if method in self._policy.payment_methods]
        if not offered:
            raise MethodNotOffered(offered=list(self._policy.payment_methods))
        return wish if wish in offered else offered[0]

    def _life(
        self, *, fate: str, placed_at: datetime, expires_at: datetime | None, window: Window, chance: random.Random
    ) -> Life:
        paid_at = placed_at + (expires_at - placed_at) * chance.uniform(0.01, 0.5) if expires_at else None
        soon = (paid_at or placed_at) + timedelta(minutes=chance.randint(5, 40))
        if fate == "unpaid" and expires_at:
            return Life(expired_at=self._past(expires_at))
        if fate != "collected":
            cancelled_at = self._past(soon)
            back = self._past(soon + timedelta(days=1)) if paid_at else None
            return Life(paid_at=self._past(paid_at), cancelled_at=cancelled_at, returned_at=back)
        handed_at = self._past(window.starts_at + timedelta(minutes=chance.randint(0, 50)))
        return Life(paid_at=self._past(paid_at) or handed_at, handed_at=handed_at)

    def _past(self, at: datetime | None) -> datetime | None:
        return at if at is not None and at <= self._now else None


def _cpf(stem: int) -> str:
    """Return the CPF of nine digits with its two check digits (Receita Federal, modulo 11)."""
    digits = [int(digit) for digit in f"{stem:09d}"]
    for _check in range(2):
        rest = sum(digit * weight for digit, weight in zip(reversed(digits), range(2, 12), strict=False)) * 10 % 11
        digits.append(rest % 10)
    return "".join(map(str, digits))
