"""Every write to a cart and every rule about it.

`lines` changes the goods in a cart, `visits` the time, `carts` opens, merges, closes and expires carts, `terms` judges
what ordering comes to, and `quotes` says so. Every write locks the cart first, so two requests of one cart follow each
other.
"""

from cart.services.carts import (
    CLOSE,
    erase_addresses,
    expire_carts,
    forget_carts,
    give_up,
    keep_for_counter,
    lock_for_order,
    open_cart,
    take_over,
)
from cart.services.lines import (
    Units,
    add_units,
    clear,
    new_line,
    release_line,
    remove_line,
    set_quantity,
    summed,
)
from cart.services.losses import raise_if_lost
from cart.services.quotes import quote
from cart.services.terms import Delivery, Pickup, Terms, Wanted, judge
from cart.services.visits import add_line, add_visit, cart_at_counter, cart_for_visit

__all__ = [
    "CLOSE",
    "Delivery",
    "Pickup",
    "Terms",
    "Units",
    "Wanted",
    "add_line",
    "add_units",
    "add_visit",
    "cart_at_counter",
    "cart_for_visit",
    "clear",
    "erase_addresses",
    "expire_carts",
    "forget_carts",
    "give_up",
    "judge",
    "keep_for_counter",
    "lock_for_order",
    "new_line",
    "open_cart",
    "quote",
    "raise_if_lost",
    "release_line",
    "remove_line",
    "set_quantity",
    "summed",
    "take_over",
]
