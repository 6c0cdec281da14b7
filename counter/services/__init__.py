"""Every write at the counter and every rule about it.

`commands` are the values a sale is spoken in, `baskets` looks up what it is about, `discounts` judges what is taken
off, `quotes` says what it comes to, `paying` takes the money, `selling` makes the sale.
"""

from counter.services.commands import (
    Discount,
    Goods,
    PricedLine,
    PricedSale,
    Sale,
    SeatedVisit,
    Sold,
    Tendered,
    WalkIn,
)
from counter.services.quotes import price_sale
from counter.services.selling import sell

__all__ = [
    "Discount",
    "Goods",
    "PricedLine",
    "PricedSale",
    "Sale",
    "SeatedVisit",
    "Sold",
    "Tendered",
    "WalkIn",
    "price_sale",
    "sell",
]
