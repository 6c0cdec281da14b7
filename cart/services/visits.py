"""Visits in a cart: somebody's time, held for a while.

The lease comes first, then the transaction, then the cart's lock; so the cart is looked at last,
although it is what the client named.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from cart import selectors
from cart.errors import CartFull
from cart.models import MAX_LINES, Cart, CartLine
from cart.pricing import FilledCart, Line
from cart.services.lines import Units, add_units
from cart.services.locking import locked_open_cart, prolong
from common.actors import Actor
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from scheduling import services as scheduling
from scheduling.models import Appointment, AppointmentService
from scheduling.services import Booker, Candidate, Wish
from shop.policy import Policy


def add_line(
    *,
    cart_id: UUID,
    units: Units | None,
    wish: Wish | None,
    customer_id: int | None,
    actor: Actor,
    now: datetime,
) -> FilledCart:
    """Put units or a visit into the cart, whichever is given, and return the whole cart.

    Raises what `add_units` and `add_visit` raise; RuntimeError when neither is given.
    """
    if units is not None:
        return add_units(cart_id=cart_id, units=units, customer_id=customer_id, now=now)
    if wish is None:
        raise RuntimeError("a line is units or a visit")
    return add_visit(cart_id=cart_id, wish=wish, customer_id=customer_id, actor=actor, now=now)


def add_visit(*, cart_id: UUID, wish: Wish, customer_id: int | None, actor: Actor, now: datetime) -> FilledCart:
    """Hold the time of a visit for the cart and return the whole cart.

    Raises NotFound, CartClosed, CartFull, UnknownSku, NotForSale, SlotTaken, SlotUnavailable, TooManyHolds, Busy.
    """
    selectors.require_open(cart_id=cart_id, customer_id=customer_id, now=now)
    attempt = partial(_hold, cart_id=cart_id, customer_id=customer_id, actor=actor, now=now)
    return scheduling.with_professional(wish=wish, actor=actor, now=now, attempt=attempt)


@use_case(lease=scheduling.lease_of)
def _hold(candidate: Candidate, *, cart_id: UUID, customer_id: int | None, actor: Actor, now: datetime) -> FilledCart:
    """Hold the time with one professional."""
    cart, policy = locked_open_cart(cart_id=cart_id, customer_id=customer_id, now=now)
    if CartLine.objects.filter(cart=cart).count() >= MAX_LINES:
        raise CartFull(max=MAX_LINES)
    claim = uuid4()
    booker = Booker(holder=cart.public_id, customer_id=customer_id, address=cart.address)
    scheduling.hold(candidate=candidate, claim=claim, booker=booker, actor=actor, now=now)
    CartLine.objects.create(
        cart=cart,
        kind=CartLine.Kind.VISIT,
        variant_id=candidate.visit.parts[0].variant_id,
        quantity=1,
        claim=claim,
        unit_price_seen=candidate.performer.price,
    )
    prolong(cart=cart, policy=policy, now=now)
    lines = selectors.lines_of(cart=cart, timezone=policy.timezone, now=now)
    return selectors.filled(cart=cart, lines=lines, currency=policy.currency, now=now)


@within_unit_of_work
def cart_for_visit(*, visit: Appointment, claim: UUID, policy: Policy, now: datetime) -> Cart:
    """Open a cart whose one line is a visit that was booked directly, now under `claim`, to be ordered at once."""
    return cart_at_counter(goods=(), visits=[(visit, claim)], customer_id=visit.customer_id, policy=policy, now=now)


@within_unit_of_work
def cart_at_counter(
    *,
    goods: Sequence[Line],
    visits: Sequence[tuple[Appointment, UUID]],
    customer_id: int | None,
    policy: Policy,
    now: datetime,
) -> Cart:
    """Open a cart with these goods and with these visits under their claims, to be ordered at once.

    It keeps no units: the order takes them. Raises CartFull.
    """
    if len(goods) + len(visits) > MAX_LINES:
        raise CartFull(max=MAX_LINES)
    cart = Cart.objects.create(
        customer_id=customer_id, created_at=now, expires_at=now + timedelta(hours=policy.cart_ttl_hours)
    )
    firsts = AppointmentService.objects.filter(appointment__in=[visit.pk for visit, _claim in visits], position=1)
    variants = dict(firsts.values_list("appointment_id", "service__variant_id")) if visits else {}
    lines = [
        CartLine(
            public_id=line.public_id,
            cart=cart,
            kind=CartLine.Kind.GOODS,
            variant_id=line.variant_id,
            quantity=line.quantity,
            claim=line.claim,
            unit_price_seen=line.unit_price,
        )
        for line in goods
    ]
    lines += [
        CartLine(
            cart=cart,
            kind=CartLine.Kind.VISIT,
            variant_id=variants[visit.pk],
            quantity=1,
            claim=claim,
            unit_price_seen=visit.total,
        )
        for visit, claim in visits
    ]
    CartLine.objects.bulk_create(lines)
    return cart
