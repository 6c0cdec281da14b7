"""Money that came and went back, by day, by the way it went and by who performed what it paid for.

What counts as money, and for which day, is what the day's sheet counts (`counter.daysheet`). An amount is shared among
the lines of its order in proportion to what they cost, goods first, each share rounded where it ends: so that goods and
time, and the shares of the professionals, add up to the cent.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from reports.selectors.sums import DaySum

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Sum:
    """Money of some rows: how often it came and went back, and how much; `goods` of what was kept."""

    payments: int = 0
    received: Decimal = NOTHING
    refunds: int = 0
    given_back: Decimal = NOTHING
    goods: Decimal = NOTHING

    @property
    def kept(self) -> Decimal:
        """What came less what went back."""
        return self.received - self.given_back

    @property
    def time(self) -> Decimal:
        """What of it was for visits."""
        return self.kept - self.goods

    def __add__(self, other: "Sum") -> "Sum":
        """Return both together."""
        return Sum(
            payments=self.payments + other.payments,
            received=self.received + other.received,
            refunds=self.refunds + other.refunds,
            given_back=self.given_back + other.given_back,
            goods=self.goods + other.goods,
        )


@dataclass(frozen=True)
class Money:
    """The money of a span: by day, by way, and what of the time's was whose (None: a visit that is nobody's)."""

    by_day: list[Sum]
    by_way: dict[str, Sum] = field(default_factory=dict)
    by_professional: dict[int | None, Decimal] = field(default_factory=dict)

    @property
    def total(self) -> Sum:
        """All of it."""
        return added(self.by_day)


def added(sums: Iterable[Sum]) -> Sum:
    """Return some sums together."""
    return sum(sums, Sum())


def money(*, sums: Iterable[DaySum], days: int) -> Money:
    """Return the money of so many days."""
    by_day = [Sum() for _day in range(days)]
    by_way: dict[str, Sum] = defaultdict(Sum)
    by_professional: dict[int | None, Decimal] = defaultdict(Decimal)
    for one in sums:
        if one.what == "time":
            by_professional[int(one.key) if one.key else None] += one.amount if one.came else -one.amount
        elif one.what == "money":
            found = (
                Sum(payments=one.count, received=one.amount, goods=one.goods)
                if one.came
                else Sum(refunds=one.count, given_back=one.amount, goods=-one.goods)
            )
            by_day[one.day] += found
            by_way[one.key] += found
    return Money(by_day=by_day, by_way=dict(by_way), by_professional=dict(by_professional))
