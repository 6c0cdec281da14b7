"""Every write to the stock and every rule about units.

`stock` changes what lies on the shelf, `receiving` takes a delivery in, `counting` counts a shelf, `claims` what is
spoken for, `sweep` tidies what ran out, `mending` puts right what a hand in the database left. Steps that belong to a
larger use case refuse to run outside its unit of work. Whoever touches a reservation row holds the row lock of its
stock item first; that one rule keeps `reserved` equal to the sum of the reservations.
"""

from inventory.services.claims import Need, Shortage, allocate, hold, hold_anew, release, shortages
from inventory.services.counting import (
    Corrected,
    apply_count,
    compare_count,
    count_line,
    drop_count,
    leave_line,
    open_count,
    resume_count,
)
from inventory.services.levels import warn_at
from inventory.services.mending import mend
from inventory.services.receiving import Arrived, receive_goods
from inventory.services.stock import Leaving, Operation, Returning, adjust_stock, adjust_units, consume, restock
from inventory.services.sweep import release_expired

__all__ = [
    "Arrived",
    "Corrected",
    "Leaving",
    "Need",
    "Operation",
    "Returning",
    "Shortage",
    "adjust_stock",
    "adjust_units",
    "allocate",
    "apply_count",
    "compare_count",
    "consume",
    "count_line",
    "drop_count",
    "hold",
    "hold_anew",
    "leave_line",
    "mend",
    "open_count",
    "receive_goods",
    "release",
    "release_expired",
    "restock",
    "resume_count",
    "shortages",
    "warn_at",
]
