"""Every write at the counter and every rule about it.

`commands` are the values a sale is spoken in, `baskets` looks up what it is about, `discounts` judges what is taken
off, `quotes` says what it comes to, `ordering` places the order of it, `paying` takes the money, `selling` makes the
sale, `parking` lets one wait, `phoning` orders for somebody on the telephone, `undoing` takes a sale back, `day` closes
the day.
"""

from counter.services.commands import (
    Discount,
    Goods,
    Parked,
    PricedLine,
    PricedSale,
    Sale,
    SeatedVisit,
    Sold,
    Taking,
    Tendered,
    WalkIn,
)
from counter.services.day import close_day, correct_day
from counter.services.parking import change_parked, drop_parked, park, parked, parked_sale
from counter.services.phoning import Phoned, order_by_phone
from counter.services.quotes import price_sale
from counter.services.selling import sell, take_parked
from counter.services.undoing import Undone, undo_sale

__all__ = [
    "Discount",
    "Goods",
    "Parked",
    "Phoned",
    "PricedLine",
    "PricedSale",
    "Sale",
    "SeatedVisit",
    "Sold",
    "Taking",
    "Tendered",
    "Undone",
    "WalkIn",
    "change_parked",
    "close_day",
    "correct_day",
    "drop_parked",
    "order_by_phone",
    "park",
    "parked",
    "parked_sale",
    "price_sale",
    "sell",
    "take_parked",
    "undo_sale",
]
