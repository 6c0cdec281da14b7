"""What ordering a cart would cost, and when it could be picked up. Writes nothing."""

from datetime import datetime
from uuid import UUID

from cart import selectors
from cart.models import CartLine
from cart.pricing import Quote, price
from shop import services as shop
from shop.policy import Policy
from shop.windows import pickup_windows


def quote(*, cart_id: UUID, customer_id: int | None, payment_method: str | None, now: datetime) -> Quote:
    """Return the prices that placing the order computes, and the windows in which goods can be picked up.

    Raises NotFound.
    """
    policy = shop.policy()
    cart = selectors.owned(cart=selectors.cart_of(cart_id=cart_id), customer_id=customer_id)
    lines = selectors.with_claims(lines=selectors.lines_of(cart=cart, timezone=policy.timezone, now=now), now=now)
    goods = [line for line in lines if line.kind == CartLine.Kind.GOODS]
    windows = []
    if goods:
        lead = lead_minutes(lines_lead=[line.lead_minutes for line in goods], policy=policy)
        windows = pickup_windows(policy=policy, now=now, lead_minutes=lead)
    return Quote(
        lines=tuple(lines),
        prices=price(lines=lines, payment_method=payment_method),
        currency=policy.currency,
        windows=tuple((window.starts_at, window.ends_at) for window in windows),
    )


def lead_minutes(*, lines_lead: list[int | None], policy: Policy) -> int:
    """Return how long before a pickup the order must be placed: the slowest product's notice, at least the shop's.

    Raises nothing; an empty list means the shop's own notice.
    """
    return max([policy.pickup_lead_minutes, *(minutes for minutes in lines_lead if minutes is not None)])
