"""The tables of the shop: its settings, its hours, how its window looks, and what was decided about them."""

from shop.models.changes import PolicyChange
from shop.models.hours import Holiday, OpeningHours
from shop.models.look import ShopLook
from shop.models.settings import (
    ShopSettings,
    default_fulfilment_methods,
    default_languages,
    default_payment_methods,
)

__all__ = [
    "Holiday",
    "OpeningHours",
    "PolicyChange",
    "ShopLook",
    "ShopSettings",
    "default_fulfilment_methods",
    "default_languages",
    "default_payment_methods",
]
