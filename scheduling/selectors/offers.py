"""What can be booked: services as a visit needs them, with whoever performs them.

A visit is one or several services in sequence, by one professional, in one room. Its preparation is
the first service's, its cleaning the last one's, and it tolerates no more overlap than its strictest service.
Services that are a combination of the shop's have its price and its length (`scheduling.combining` says which are).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from catalog.deposits import Deposit
from catalog.errors import NotForSale, UnknownSku
from catalog.models import Variant
from common.money import money
from common.text import search_key
from scheduling.combining import Combined, Found, found_in, lengths_with, prices_with
from scheduling.models import Combination, ProfessionalService, Service
from scheduling.models.services import name_of
from scheduling.slots import Demand
from shop.policy import Policy


@dataclass(frozen=True)
class Performer:
    """A professional who performs a service or a whole visit, and what they ask for each service of it."""

    pk: int
    public_id: UUID
    name: str
    prices: tuple[Decimal, ...]

    @property
    def price(self) -> Decimal:
        """What the visit costs with this professional."""
        return sum(self.prices, Decimal("0.00"))


@dataclass(frozen=True)
class Offer:
    """One service as it is sold now. Times are in minutes."""

    service_id: int
    variant_id: int
    sku: str
    name: str
    product: str
    price: Decimal
    for_sale: bool
    duration: int
    before: int
    after: int
    granularity: int | None
    lead: int | None
    horizon: int | None
    capacity: int
    tolerance: int | None
    fit_gaps: bool
    deposit: Deposit
    requires_confirmation: bool
    rooms: frozenset[int] | None
    performers: tuple[Performer, ...]
    combinations: tuple[Combined, ...]


@dataclass(frozen=True)
class Visit:
    """Services in sequence, and everything the slot engine has to know about them. `lengths`: minutes of each."""

    parts: tuple[Offer, ...]
    lengths: tuple[int, ...]
    demand: Demand
    granularity: int
    lead: int
    horizon: int
    requires_confirmation: bool
    performers: tuple[Performer, ...]

    @property
    def duration(self) -> int:
        """Minutes from the start to the end."""
        return self.demand.duration // 60

    def performer(self, *, public_id: UUID) -> Performer | None:
        """Return the professional of that id if they perform the whole visit."""
        return next((one for one in self.performers if one.public_id == public_id), None)

    def performer_of(self, *, pk: int) -> Performer | None:
        """Return the professional of that key if they perform the whole visit."""
        return next((one for one in self.performers if one.pk == pk), None)


def offers(*, skus: Collection[str] | None = None, services: Collection[int] | None = None) -> dict[str, Offer]:
    """Return services by SKU in one statement: those named, for sale or not, else all that are for sale."""
    rows = _rows()
    if skus is not None:
        rows = rows.filter(variant__sku__in=list(skus))
    elif services is not None:
        rows = rows.filter(pk__in=list(services))
    else:
        rows = rows.filter(variant__is_active=True, variant__product__status="published")
    return {row["variant__sku"]: _offer(row) for row in rows}


def offers_by_name() -> list[Offer]:
    """Return the services that are for sale, by name as people read it; one statement."""
    return sorted(offers().values(), key=lambda offer: (search_key(offer.name), offer.sku))


def visit_of(*, skus: Sequence[str], policy: Policy, offered: Mapping[str, Offer] | None = None) -> Visit:
    """Return the visit made of these services in this order; `offered` saves the statement.

    Raises UnknownSku, NotForSale.
    """
    known = offers(skus=skus) if offered is None else offered
    for sku in skus:
        if sku not in known:
            raise NotForSale(sku=sku) if Variant.objects.filter(sku=sku).exists() else UnknownSku(sku=sku)
        if not known[sku].for_sale:
            raise NotForSale(sku=sku)
    return assemble(parts=[known[sku] for sku in skus], policy=policy)


def assemble(*, parts: Sequence[Offer], policy: Policy, durations: Sequence[int] | None = None) -> Visit:
    """Put services together; `durations` (minutes) stand in for today's where a visit was booked with others."""
    found = _combinations_of(parts)
    today = lengths_with(lengths=[part.duration for part in parts], found=found)
    lengths = today if durations is None else tuple(durations)
    alone = len(parts) == 1
    tolerances = [policy.overlap_tolerance_minutes if part.tolerance is None else part.tolerance for part in parts]
    demand = Demand(
        duration=sum(lengths) * 60,
        before=parts[0].before * 60,
        after=parts[-1].after * 60,
        tolerance=max(min(*tolerances, min(lengths) - 1), 0) * 60,
        capacity=parts[0].capacity if alone else 1,
        group=str(parts[0].service_id) if alone and parts[0].capacity > 1 else "",
        rooms=_rooms_in_common(parts),
        fit_gaps=all(part.fit_gaps for part in parts),
    )
    return Visit(
        parts=tuple(parts),
        lengths=lengths,
        demand=demand,
        granularity=parts[0].granularity or policy.slot_granularity_minutes,
        lead=max(policy.lead_time_minutes if part.lead is None else part.lead for part in parts),
        horizon=min(part.horizon or policy.booking_horizon_days for part in parts),
        requires_confirmation=any(part.requires_confirmation for part in parts),
        performers=_performers_in_common(parts, found=found),
    )


def prices_today(*, parts: Sequence[Offer], professional: int) -> tuple[Decimal, ...] | None:
    """Return what each service of a visit costs today with a professional; nothing if they do not perform them all."""
    performers = _performers_in_common(parts, found=_combinations_of(parts))
    return next((one.prices for one in performers if one.pk == professional), None)


def deposit_of(*, services: Iterable[tuple[Decimal, Deposit]]) -> Decimal:
    """Return what is asked before a visit is promised, from the price and the deposit of each service."""
    return sum((deposit.of(price=price) for price, deposit in services), Decimal("0.00"))


def _rows() -> "QuerySet[Service, Any]":
    """Return the services with their rooms and performers gathered in arrays, one row each."""
    rooms = Service.rooms.through.objects.filter(service=OuterRef("pk")).values(
        row=JSONObject(id="room_id", active="room__is_active")
    )
    performers = (
        ProfessionalService.objects.filter(service=OuterRef("pk"), professional__is_active=True)
        .order_by("professional__position", "professional__sort_key", "professional_id")
        .values(
            row=JSONObject(pk="professional_id", id="professional__public_id", name="professional__name", price="price")
        )
    )
    combinations = Combination.objects.filter(services=OuterRef("pk"), is_active=True).values(
        row=JSONObject(pk="pk", services="service_set", price="price", minutes="duration_minutes")
    )
    return Service.objects.annotate(
        room_rows=ArraySubquery(rooms),
        performer_rows=ArraySubquery(performers),
        combination_rows=ArraySubquery(combinations),
    ).values(
        "pk",
        "variant_id",
        "variant__sku",
        "variant__name",
        "variant__price",
        "variant__is_active",
        "variant__product__name",
        "variant__product__slug",
        "variant__product__status",
        "duration_minutes",
        "buffer_before_minutes",
        "buffer_after_minutes",
        "granularity_minutes",
        "lead_time_minutes",
        "horizon_days",
        "capacity",
        "overlap_tolerance_minutes",
        "fit_gaps",
        "deposit_percent",
        "deposit_amount",
        "requires_confirmation",
        "room_rows",
        "performer_rows",
        "combination_rows",
    )


def _offer(row: dict[str, Any]) -> Offer:
    rooms = row["room_rows"]
    price: Decimal = row["variant__price"]
    return Offer(
        service_id=row["pk"],
        variant_id=row["variant_id"],
        sku=row["variant__sku"],
        name=name_of(product=row["variant__product__name"], variant=row["variant__name"]),
        product=row["variant__product__slug"],
        price=price,
        for_sale=row["variant__is_active"] and row["variant__product__status"] == "published",
        duration=row["duration_minutes"],
        before=row["buffer_before_minutes"],
        after=row["buffer_after_minutes"],
        granularity=row["granularity_minutes"],
        lead=row["lead_time_minutes"],
        horizon=row["horizon_days"],
        capacity=row["capacity"],
        tolerance=row["overlap_tolerance_minutes"],
        fit_gaps=row["fit_gaps"],
        deposit=Deposit(percent=row["deposit_percent"], amount=row["deposit_amount"]),
        requires_confirmation=row["requires_confirmation"],
        rooms=frozenset(room["id"] for room in rooms if room["active"]) if rooms else None,
        performers=tuple(_performer(one, price) for one in row["performer_rows"]),
        combinations=tuple(_combined(one) for one in row["combination_rows"]),
    )


def _performer(row: dict[str, Any], price: Decimal) -> Performer:
    own = price if row["price"] is None else money(str(row["price"]))
    return Performer(pk=row["pk"], public_id=UUID(row["id"]), name=row["name"], prices=(own,))


def _combined(row: dict[str, Any]) -> Combined:
    return Combined(
        pk=row["pk"],
        services=frozenset(row["services"]),
        price=money(str(row["price"])),
        minutes=row["minutes"],
    )


def _combinations_of(parts: Sequence[Offer]) -> list[Found]:
    offered = {one for part in parts for one in part.combinations}
    return found_in(services=[part.service_id for part in parts], combinations=offered)


def _rooms_in_common(parts: Sequence[Offer]) -> frozenset[int] | None:
    """One visit takes place in one room: any of those that all its services may use."""
    needed = [part.rooms for part in parts if part.rooms is not None]
    return frozenset.intersection(*needed) if needed else None


def _performers_in_common(parts: Sequence[Offer], *, found: Sequence[Found]) -> tuple[Performer, ...]:
    by_part = [{one.pk: one for one in part.performers} for part in parts]
    return tuple(
        Performer(
            pk=one.pk,
            public_id=one.public_id,
            name=one.name,
            prices=prices_with(prices=[performers[one.pk].prices[0] for performers in by_part], found=found),
        )
        for one in parts[0].performers
        if all(one.pk in performers for performers in by_part)
    )
