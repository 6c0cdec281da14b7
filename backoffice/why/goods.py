"""Why units of goods cannot be sold: the figures that sales are judged by, the verdict, and who keeps units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from catalog.selectors import Offer
from common import sql
from inventory.models import StockItem
from inventory.selectors import LIVE, available_expression

MOST = 100

_KEPT = f"""
SELECT kept.quantity, kept.expires_at, sale.id, sale.number, contact.name, cart.id, buyer.name
FROM inventory_stockreservation kept
LEFT JOIN orders_orderline sold ON sold.claim = kept.claim
LEFT JOIN orders_order sale ON sale.id = sold.order_id
LEFT JOIN orders_ordercontact contact ON contact.order_id = sale.id
LEFT JOIN cart_cartline line ON line.claim = kept.claim
LEFT JOIN cart_cart cart ON cart.id = line.cart_id
LEFT JOIN accounts_customer buyer ON buyer.id = cart.customer_id
WHERE kept.stock_item_id = %(item)s AND {LIVE}
ORDER BY kept.expires_at NULLS LAST, kept.id LIMIT %(most)s
"""  # noqa: S608 - made of constants


@dataclass(frozen=True)
class Keeper:
    """Who keeps units: an order or a cart, by key; how many, and until when. A person only where one is known."""

    quantity: int
    until: datetime | None
    order: int | None
    number: str
    cart: int | None
    person: str


@dataclass(frozen=True)
class Standing:
    """Units of goods in the shop and free to be sold, and the first of those who keep some."""

    offer: Offer
    item: int | None
    there: int
    free: int
    keepers: Sequence[Keeper]

    @property
    def can_be_sold(self) -> bool:
        """Whether somebody who wants one gets it."""
        return self.offer.for_sale and self.free > 0

    @property
    def verdict(self) -> str:
        """Which rule refuses a sale, in words."""
        if not self.offer.for_sale:
            return _("It is not on sale: the product or the variant is switched off in the catalogue.")
        if self.there <= 0:
            return _("There is none in the shop.")
        if self.free <= 0:
            return _("All there is is kept for somebody: those below.")
        return _("It is available. Who wants more than can be sold now is refused.")


def standing(*, offer: Offer, now: datetime) -> Standing:
    """Return how goods stand at this moment, in two statements; in one where none was ever received."""
    found = StockItem.objects.filter(variant=offer.variant_id).annotate(free=available_expression(now=now))
    row = found.values_list("pk", "on_hand", "free").first()
    if row is None:
        return Standing(offer=offer, item=None, there=0, free=0, keepers=())
    item, there, free = row
    return Standing(offer=offer, item=item, there=there, free=free, keepers=_keepers(item=item, now=now))


def _keepers(*, item: int, now: datetime) -> list[Keeper]:
    return [
        Keeper(
            quantity=quantity, until=until, order=order, number=number or "", cart=cart, person=buyer or customer or ""
        )
        for quantity, until, order, number, buyer, cart, customer in sql.rows(
            _KEPT, {"item": item, "now": now, "most": MOST}
        )
    ]
