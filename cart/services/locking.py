"""The shared ground of cart writes: the lock and the deadline.

Whether a cart is past its deadline is judged under its lock, so a cart cannot run out between the
check and the write.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from cart import selectors
from cart.errors import CartClosed
from cart.models import Cart
from cart.pricing import Line
from common import sql
from common.transactions import within_unit_of_work
from shop.policy import Policy


@within_unit_of_work
def locked_open_cart(*, cart_id: UUID, customer_id: int | None, now: datetime) -> tuple[Cart, Policy]:
    """Lock the caller's cart for writing, and return it with the shop's rules. Raises NotFound, CartClosed."""
    cart, policy = selectors.locked_cart(cart_id=cart_id, customer_id=customer_id)
    if selectors.effective_status(cart=cart, now=now) != Cart.Status.OPEN:
        raise CartClosed()
    return cart, policy


@within_unit_of_work
def opened_lines(*, cart_id: UUID, customer_id: int | None, now: datetime) -> tuple[Cart, list[Line], Policy]:
    """Lock the caller's cart for writing and read its lines, and the shop's rules. Raises NotFound, CartClosed."""
    cart, policy = locked_open_cart(cart_id=cart_id, customer_id=customer_id, now=now)
    return cart, selectors.lines_of(cart=cart, timezone=policy.timezone, now=now), policy


@within_unit_of_work
def prolong(*, cart: Cart, policy: Policy, now: datetime) -> None:
    """Move the cart's deadline; every write does, no read does."""
    cart.expires_at = deadline(policy=policy, now=now)
    sql.execute(
        "UPDATE cart_cart SET expires_at = %(expires_at)s WHERE id = %(id)s",
        {"expires_at": cart.expires_at, "id": cart.pk},
    )


def deadline(*, policy: Policy, now: datetime) -> datetime:
    """Return when a cart written now closes by itself."""
    return now + timedelta(hours=policy.cart_ttl_hours)


def hold_until(*, policy: Policy, since: datetime, now: datetime) -> datetime | None:
    """Return when a line written now stops being held, which it has been since `since`.

    None where the shop holds nothing for carts, or has held this line for as long in all as it holds any.
    """
    until = min(
        now + timedelta(minutes=policy.cart_hold_minutes), since + timedelta(minutes=policy.cart_hold_total_minutes)
    )
    return until if until > now else None


def changed(*, lines: Sequence[Line], line: Line) -> list[Line]:
    """Return the lines with one of them replaced by its new version, or with a new one at the end."""
    if all(other.public_id != line.public_id for other in lines):
        return [*lines, line]
    return [line if other.public_id == line.public_id else other for other in lines]


def at_todays_price(*, line: Line, quantity: int) -> Line:
    """Return the line with a new quantity, its customer having seen today's price."""
    return replace(line, quantity=quantity, price_seen=line.unit_price)
