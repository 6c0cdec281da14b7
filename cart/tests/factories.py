"""Carts made through the door everybody uses."""

from typing import Any

from accounts.tests.doors import ok, post

__all__ = ["a_cart", "line_of"]


def a_cart(units: dict[str, int] | None = None, **how: Any) -> dict[str, Any]:
    """Return a new cart that claims those units."""
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in (units or {}).items()]
    return ok(post("/carts/", {"lines": lines}, **how), 201)


def line_of(cart: dict[str, Any], sku: str) -> dict[str, Any]:
    """Return the cart's line of a SKU."""
    found: dict[str, Any] = next(line for line in cart["lines"] if line["sku"] == sku)
    return found
