"""Every write at the counter and every rule about it.

`commands` are the values a sale is spoken in, `baskets` looks up what it is about, `discounts` judges what is taken
off, `quotes` says what it comes to, `ordering` places the order of it, `paying` takes the money, `selling` makes the
sale, `charging` lets one wait for a Pix and `awaiting` ends that, `parking` lets one wait under a name, `erasure`
forgets whom it was for, `phoning` orders for somebody on the telephone, `undoing` takes a sale back, `day` closes the
day, `pinning` keeps favourites on top.
"""

from counter.services.awaiting import (
    Awaited,
    cancel_awaited,
    close_drawer,
    end_awaited,
    follow_money,
    look_awaited,
)
from counter.services.charging import await_pix
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
    Tip,
    WalkIn,
)
from counter.services.day import LastDrawer, close_day, correct_day, end_day
from counter.services.erasure import erase_parked
from counter.services.parking import change_parked, drop_parked, park, parked, parked_sale
from counter.services.phoning import Phoned, Promised, order_by_phone
from counter.services.pinning import pin_favourites
from counter.services.quotes import price_sale
from counter.services.selling import sell, take_parked
from counter.services.undoing import Undone, undo_sale

__all__ = [
    "Awaited",
    "Discount",
    "Goods",
    "LastDrawer",
    "Parked",
    "Phoned",
    "PricedLine",
    "PricedSale",
    "Promised",
    "Sale",
    "SeatedVisit",
    "Sold",
    "Taking",
    "Tendered",
    "Tip",
    "Undone",
    "WalkIn",
    "await_pix",
    "cancel_awaited",
    "change_parked",
    "close_day",
    "close_drawer",
    "correct_day",
    "drop_parked",
    "end_awaited",
    "end_day",
    "erase_parked",
    "follow_money",
    "look_awaited",
    "order_by_phone",
    "park",
    "parked",
    "parked_sale",
    "pin_favourites",
    "price_sale",
    "sell",
    "take_parked",
    "undo_sale",
]
