"""Which combinations a visit has, and what its services cost and take in them.

The rule is plain: the combination of most services that the visit contains counts first, then the next in what is
left, and whatever is left over counts for itself. Of combinations of as many services the cheaper one counts first,
then the older one. The order of the services does not matter, and each counts once.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from common.money import shares, split


@dataclass(frozen=True)
class Combined:
    """Services, by key, that have a price and a length (in minutes) of their own together."""

    pk: int
    services: frozenset[int]
    price: Decimal
    minutes: int


@dataclass(frozen=True)
class Found:
    """A combination in a visit, and which places of the visit its services have."""

    combination: Combined
    places: tuple[int, ...]


def found_in(*, services: Sequence[int], combinations: Collection[Combined]) -> list[Found]:
    """Return the combinations in a visit of these services."""
    left: dict[int, list[int]] = {}
    for place, service in enumerate(services):
        left.setdefault(service, []).append(place)
    return [
        Found(combination=one, places=places)
        for one in sorted(set(combinations), key=lambda one: (-len(one.services), one.price, one.pk))
        for places in _taken(one, left)
    ]


def _taken(combination: Combined, left: dict[int, list[int]]) -> Iterator[tuple[int, ...]]:
    """Take the services of a combination out of what is left, as often as they are all there."""
    while all(left.get(service) for service in combination.services):
        yield tuple(sorted(left[service].pop(0) for service in combination.services))


def prices_with(*, prices: Sequence[Decimal], found: Iterable[Found]) -> tuple[Decimal, ...]:
    """Return the price of each service, with those of a combination spread over its services to the cent.

    `prices`: what each costs for itself, which says how much of the whole is for it.
    """
    spread = list(prices)
    for one in found:
        parts = split(amount=one.combination.price, weights=[prices[place] for place in one.places])
        for place, part in zip(one.places, parts, strict=True):
            spread[place] = part
    return tuple(spread)


def lengths_with(*, lengths: Sequence[int], found: Iterable[Found]) -> tuple[int, ...]:
    """Return how many minutes each service takes, with those of a combination spread over its services.

    `lengths`: what each takes for itself. Each takes a minute at least.
    """
    spread = list(lengths)
    for one in found:
        beyond = one.combination.minutes - len(one.places)
        parts = shares(whole=beyond, weights=[lengths[place] for place in one.places])
        for place, part in zip(one.places, parts, strict=True):
            spread[place] = part + 1
    return tuple(spread)
