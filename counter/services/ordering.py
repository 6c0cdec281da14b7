"""An order as the counter makes it: for whom, of what, less what is taken off; how its money comes is the caller's."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cart import services as carts
from cart.pricing import Line
from catalog.units import shown_quantity
from common.actors import Actor
from common.transactions import within_unit_of_work
from counter.pricing import NOTHING
from counter.services.baskets import Basket
from counter.services.commands import Sale
from counter.services.discounts import discount_on, reason_of
from inventory.errors import OutOfStock
from orders import services as orders
from orders.selectors import WholeOrder
from orders.services import Contact, Pickup, Placement
from scheduling.models import Appointment


@within_unit_of_work
def place(
    *,
    sale: Sale,
    basket: Basket,
    visits: Sequence[tuple[Appointment, UUID]],
    contact: Contact,
    payment_method: str,
    channel: str,
    expected: Decimal | None,
    actor: Actor,
    now: datetime,
    fulfilment: Pickup | None = None,
) -> WholeOrder:
    """Place the order of a sale and return it; the caller holds the lease of its visits, which come with their claims.

    `expected`: the total that whoever orders was shown; None: whatever it comes to. Raises what `place_order` raises
    and DiscountAboveLimit; OutOfStock names what is there.
    """
    cart = carts.cart_at_counter(
        goods=basket.goods, visits=visits, customer_id=basket.account, policy=basket.policy, now=now
    )
    placement = Placement(
        cart=cart.public_id,
        expected_total=NOTHING,
        contact=contact,
        payment_method=payment_method,
        fulfilment=fulfilment,
        note=sale.note,
        language=language_of(basket=basket),
        channel=channel,
        reason=reason_of(discount=sale.discount),
    )
    cart, lines, policy = orders.cart_to_order(placement=placement, customer_id=basket.account, now=now)
    lines = _discounted(lines, sale=sale, basket=basket, actor=actor, now=now)
    total = sum((line.line_total - line.discount for line in lines), NOTHING)
    try:
        return orders.place_within(
            placement=replace(placement, expected_total=total if expected is None else expected),
            cart=cart,
            lines=lines,
            customer_id=basket.account,
            policy=policy,
            actor=actor,
            now=now,
        )
    except OutOfStock as refusal:
        raise _shortage(refusal, lines=lines) from refusal


def contact_of(*, sale: Sale, basket: Basket) -> Contact:
    """Return who buys, as far as anybody said: whom the sale names, a customer who is known, or who came."""
    known, visit = basket.customer, next(iter(basket.direct), None)
    if known is not None:
        there = Contact(name=known.name, email=known.email, phone=known.phone, document=known.document)
    elif visit is not None:
        there = Contact(name=visit.contact_name, email=visit.contact_email, phone=visit.contact_phone)
    else:
        there = Contact(name="", email="")
    return Contact(
        name=sale.name or there.name,
        email=there.email,
        phone=sale.phone or there.phone,
        document=sale.document or there.document,
        record=basket.record,
    )


def language_of(*, basket: Basket) -> str:
    """Return the language the customer is written to in: that of a visit they booked, or whoever sells speaks it."""
    visit = next(iter(basket.direct), None)
    return visit.language if visit is not None else get_language() or settings.LANGUAGE_CODE


def fingerprint(sale: Sale, said: object = None) -> str:
    """Return what tells a repeated request from another one: the sale, and what else was said."""
    return hashlib.sha256(json.dumps([asdict(sale), said], sort_keys=True, default=str).encode()).hexdigest()


def _discounted(lines: Sequence[Line], *, sale: Sale, basket: Basket, actor: Actor, now: datetime) -> list[Line]:
    """Return the lines with what is taken off each; a visit that has not begun keeps its price."""
    is_open = [line.visit is None or line.visit.starts_at <= now for line in lines]
    totals = [line.line_total for line, may_be_less in zip(lines, is_open, strict=True) if may_be_less]
    shares = list(discount_on(discount=sale.discount, totals=totals, policy=basket.policy, actor=actor).shares)
    return [
        replace(line, discount=shares.pop(0)) if may_be_less else line
        for line, may_be_less in zip(lines, is_open, strict=True)
    ]


def _shortage(refusal: OutOfStock, *, lines: Sequence[Line]) -> OutOfStock:
    """Return the refusal with a sentence that names what is there of each thing."""
    known = {line.sku: line for line in lines}
    missing: Any = refusal.data["lines"]
    told = [
        _("%(name)s: %(available)s there, %(requested)s wanted.")
        % {
            "name": known[one["sku"]].name,
            "available": shown_quantity(quantity=one["available"], unit=known[one["sku"]].unit),
            "requested": shown_quantity(quantity=one["requested"], unit=known[one["sku"]].unit),
        }
        for one in missing
    ]
    return OutOfStock(" ".join(told), **refusal.data)
