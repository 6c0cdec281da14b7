"""Every write to a cart and every rule about it.

`lines` changes the goods in a cart, `visits` the time, `carts` opens, merges, closes and expires carts, `quotes` says
what ordering would cost. Every write locks the cart first, so two requests of one cart follow each other.
"""

from cart.services.carts import close, expire_carts, lock_for_order, open_cart, take_over
from cart.services.lines import Units, add_units, clear, remove_line, set_quantity
from cart.services.quotes import lead_minutes, quote
from cart.services.visits import add_line, add_visit, cart_for_visit

__all__ = [
    "Units",
    "add_line",
    "add_units",
    "add_visit",
    "cart_for_visit",
    "clear",
    "close",
    "expire_carts",
    "lead_minutes",
    "lock_for_order",
    "open_cart",
    "quote",
    "remove_line",
    "set_quantity",
    "take_over",
]
