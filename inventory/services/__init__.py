"""Every write to the stock and every rule about units.

`stock` changes what lies on the shelf, `claims` what is spoken for, `sweep` tidies what ran out. Steps that belong to
a larger use case refuse to run outside its unit of work. Whoever touches a reservation row holds the row lock of its
stock item first; that one rule keeps `reserved` equal to the sum of the reservations.
"""

from inventory.services.claims import Need, Shortage, allocate, hold, hold_anew, release, shortages
from inventory.services.levels import warn_at
from inventory.services.stock import Leaving, Operation, Returning, adjust_stock, consume, restock
from inventory.services.sweep import release_expired

__all__ = [
    "Leaving",
    "Need",
    "Operation",
    "Returning",
    "Shortage",
    "adjust_stock",
    "allocate",
    "consume",
    "hold",
    "hold_anew",
    "release",
    "release_expired",
    "restock",
    "shortages",
    "warn_at",
]
