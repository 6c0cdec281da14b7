"""What ordering a cart would cost, and when it could be picked up. Writes nothing; refuses what ordering refuses."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cart import selectors
from cart.errors import CartClosed
from cart.models import Cart, CartLine
from cart.pricing import NOTHING, Line, Quote
from cart.services.losses import raise_if_lost
from cart.services.terms import Wanted, judge
from common.actors import Actor
from inventory import services as inventory
from inventory.services import Need
from scheduling import services as scheduling
from shop import services as shop
from shop.fees import late_terms, terms_shown
from shop.policy import Policy


def quote(*, cart_id: UUID, customer_id: int | None, wanted: Wanted, actor: Actor, now: datetime) -> Quote:
    """Return the prices that placing the order computes, and the windows in which goods can be picked up.

    Raises NotFound, CartClosed, what `terms.judge` raises, and OutOfStock or SlotTaken for what could not be had.
    """
    policy = shop.policy()
    cart = selectors.owned(cart=selectors.cart_of(cart_id=cart_id), customer_id=customer_id)
    if selectors.effective_status(cart=cart, now=now) != Cart.Status.OPEN:
        raise CartClosed()
    lines = selectors.lines_of(cart=cart, timezone=policy.timezone, now=now)
    terms = judge(lines=lines, wanted=wanted, policy=policy, now=now)
    _refuse_lost(lines=[line for line in lines if line.held_until is None], policy=policy, actor=actor, now=now)
    return Quote(
        lines=tuple(lines),
        prices=terms.prices,
        currency=policy.currency,
        windows=tuple((window.starts_at, window.ends_at) for window in terms.windows),
        late=late_terms(
            terms=terms_shown(policy=policy), lines=[(line.line_total, line.deposit or NOTHING) for line in lines]
        ),
    )


def _refuse_lost(*, lines: Sequence[Line], policy: Policy, actor: Actor, now: datetime) -> None:
    """Look whether what these lines no longer keep could be had again."""
    goods = [line for line in lines if line.kind == CartLine.Kind.GOODS]
    visits = [line.claim for line in lines if line.kind == CartLine.Kind.VISIT]
    needs = [Need(claim=one.claim, variant_id=one.variant_id, sku=one.sku, quantity=one.quantity) for one in goods]
    short = inventory.shortages(needs=needs, now=now) if needs else []
    lost = scheduling.unavailable(claims=visits, actor=actor, now=now) if visits else []
    raise_if_lost(lines=lines, short=short, lost=lost, policy=policy, now=now)
