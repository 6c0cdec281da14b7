"""What a sale comes to before it is made: the lines, the discount, what is paid already and what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from common.actors import Actor
from counter.pricing import NOTHING
from counter.services.baskets import Basket, basket_of
from counter.services.commands import PricedLine, PricedSale, Sale
from counter.services.discounts import discount_on, limit_of
from inventory import selectors as stock
from orders.amounts import amount_due, current_total
from orders.models import Order
from scheduling.models import Appointment
from scheduling.services import Wish


@dataclass(frozen=True)
class _Priced:
    """A line before its discount; `open`: whether anything may be taken off it."""

    line: PricedLine
    open: bool


def price_sale(*, sale: Sale, actor: Actor, now: datetime, bookings: Sequence[Wish] = ()) -> PricedSale:
    """Return what a sale comes to, writing nothing. Raises what `basket_of` and `discount_on` raise.

    `bookings`: visits of another time, to be booked with it; they keep their price.
    """
    basket = basket_of(sale=sale, bookings=bookings, actor=actor, now=now)
    own = [*_goods(basket=basket, now=now), *_direct(basket=basket, now=now), *_begun(basket=basket)]
    open_to_discounts = [one.line.total for one in own if one.open]
    taken = discount_on(discount=sale.discount, totals=open_to_discounts, policy=basket.policy, actor=actor)
    lines = _less(own, shares=taken.shares)
    ordered = list(Order.objects.filter(number__in=basket.ordered))
    lines += [_ordered(order=order, visits=basket.ordered[order.number]) for order in ordered]
    subtotal = sum((line.total + line.discount for line in lines), NOTHING)
    total, paid = (
        subtotal - taken.amount,
        sum((current_total(order=one) - amount_due(order=one) for one in ordered), NOTHING),
    )
    return PricedSale(
        lines=tuple(lines),
        subtotal=subtotal,
        discount=taken.amount,
        total=total,
        already_paid=paid,
        due=total - paid,
        discount_limit=limit_of(subtotal=sum(open_to_discounts, NOTHING), policy=basket.policy, actor=actor),
    )


def _less(priced: Sequence[_Priced], *, shares: Sequence[Decimal]) -> list[PricedLine]:
    """Return the lines with what is taken off those that are open to it."""
    left = list(shares)
    return [_with_discount(one.line, discount=left.pop(0)) if one.open else one.line for one in priced]


def _with_discount(line: PricedLine, *, discount: Decimal) -> PricedLine:
    return PricedLine(**(vars(line) | {"discount": discount, "total": line.total - discount}))


def _goods(*, basket: Basket, now: datetime) -> list[_Priced]:
    if not basket.goods:
        return []
    there = stock.available(skus=[line.sku for line in basket.goods], now=now)
    return [
        _Priced(
            line=PricedLine(
                kind="goods",
                sku=line.sku,
                name=line.name,
                options=line.options,
                quantity=line.quantity,
                unit=line.unit,
                price_per=line.price_per,
                unit_price=line.unit_price,
                discount=NOTHING,
                total=line.line_total,
                available=there.get(line.sku, 0),
            ),
            open=True,
        )
        for line in basket.goods
    ]


def _direct(*, basket: Basket, now: datetime) -> list[_Priced]:
    return [
        _Priced(
            line=_time(
                kind="visit",
                skus=[one.sku for one in visit.services.all()],
                name=_services_of(visit),
                price=visit.total,
                professional=visit.professional.name,
                visit=visit,
            ),
            open=visit.starts_at <= now,
        )
        for visit in basket.direct
    ]


def _begun(*, basket: Basket) -> list[_Priced]:
    """Return the lines of visits that are made with the sale: now, or at their time."""
    now, later = [begun.candidate for begun in basket.walk_ins], basket.bookings
    found = []
    for kind, candidate in [*(("walk_in", one) for one in now), *(("booking", one) for one in later)]:
        parts, performer = candidate.visit.parts, candidate.performer
        line = _time(
            kind=kind,
            skus=[part.sku for part in parts],
            name=" + ".join(part.name for part in parts),
            price=performer.price,
            professional=performer.name,
            prices=performer.prices,
        )
        found.append(_Priced(line=line, open=kind == "walk_in"))
    return found


def _ordered(*, order: Order, visits: Sequence[Appointment]) -> PricedLine:
    """Return the line of an order that is paid whole, since one of its visits is in the sale."""
    first = visits[0]
    names = " + ".join(_services_of(visit) for visit in visits)
    return _time(
        kind="order",
        skus=[one.sku for one in first.services.all()],
        name=names,
        price=current_total(order=order),
        professional=first.professional.name,
        visit=first,
        order=order.number,
    )


def _services_of(visit: Appointment) -> str:
    return " + ".join(one.name for one in visit.services.all())


def _time(
    *,
    kind: str,
    skus: Sequence[str],
    name: str,
    price: Decimal,
    professional: str,
    visit: Appointment | None = None,
    order: str = "",
    prices: tuple[Decimal, ...] = (),
) -> PricedLine:
    return PricedLine(
        kind=kind,
        sku=skus[0],
        name=name,
        options=(),
        quantity=1,
        unit="piece",
        price_per=1,
        unit_price=price,
        discount=NOTHING,
        total=price,
        appointment=visit.public_id if visit else None,
        professional=professional,
        order=order,
        prices=prices,
    )
