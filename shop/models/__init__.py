"""The tables of the shop: its settings, its hours, and what was decided about them."""

from shop.models.changes import PolicyChange
from shop.models.hours import Holiday, OpeningHours
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
    "ShopSettings",
    "default_fulfilment_methods",
    "default_languages",
    "default_payment_methods",
]
