"""Orders made through the API, as a storefront makes them."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from accounts.tests.doors import ok, post
from cart.tests.factories import a_cart
from common import clock
from orders.tests.factories import late_pickup

ANA = {"name": "Ana Lima", "email": "ana@example.com"}
ALL_RIGHTS = (
    "orders.view_order",
    "orders.view_ordercontact",
    "orders.confirm_order",
    "orders.fulfil_order",
    "orders.cancel_order",
    "payments.record_payment",
    "payments.refund_payment",
)


def wish_of(cart: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the body that orders a cart at the total it shows; a change to None leaves the field out."""
    wish = {
        "cart": cart["id"],
        "expected_total": cart["total"],
        "customer": ANA,
        "payment_method": "on_site",
        "fulfilment": {"method": "pickup"},
    } | changes
    return {name: value for name, value in wish.items() if value is not None}


def place(cart: Mapping[str, Any], *, key: str | None = None, user: Any = None, **changes: Any) -> Any:
    """Send the order of a cart and return the answer, whatever it is."""
    return post("/orders/", wish_of(cart, **changes), key=key or str(uuid4()), user=user)


def an_order(units: dict[str, int] | None = None, *, user: Any = None, **changes: Any) -> dict[str, Any]:
    """Return a new order of those units (one BOLO), with its access token."""
    customer = {"customer": ANA | {"email": f"{uuid4().hex[:8]}@example.com"}}
    if changes.get("payment_method") == "transfer":
        pickup_at = late_pickup(now=clock.now()).isoformat()
        changes = {"fulfilment": {"method": "pickup", "pickup_at": pickup_at}} | changes
    return ok(place(a_cart(units or {"BOLO": 1}, user=user), user=user, **(customer | changes)), 201)
