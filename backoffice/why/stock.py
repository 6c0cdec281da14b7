"""Why units of a product cannot be sold: whether it is on sale, how many there are, and who keeps them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from catalog import selectors as catalog
from catalog.selectors import Offer
from catalog.units import shown_quantity
from common import clock, sql
from desk.pages import require
from desk.shown import shown_instant
from inventory.models import StockItem
from inventory.selectors import LIVE, available_expression

MOST = 100
FOUND = 20
MAY = "inventory.view_stockitem"
TITLE = gettext_lazy("Why is it not available?")

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
    """Who keeps units, how many, and until when."""

    units: str
    who: str
    link: str
    until: str


@require_GET
def look_page(request: HttpRequest) -> HttpResponse:
    """Find goods, for sale or not, and show why they cannot be sold; what only one thing goes by, at once."""
    require(request, MAY)
    sku, text = request.GET.get("sku", ""), request.GET.get("q", "").strip()
    offers = list(catalog.offers(skus=[sku]).values()) if sku else catalog.goods_called(text=text, limit=FOUND + 1)
    if len(offers) == 1:
        item = _items().filter(variant=offers[0].variant_id).first()
        return _explained(request, offer=offers[0], item=item)
    context = {
        **admin.site.each_context(request),
        "title": TITLE,
        "text": text,
        "found": [(one.name, one.sku) for one in offers[:FOUND]],
        "more": len(offers) > FOUND,
    }
    return TemplateResponse(request, "backoffice/why/look.html", context)


@require_GET
def stock_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show why units of a SKU are not available, by the figures that sales are judged by; three statements."""
    require(request, MAY)
    item = _items().filter(pk=pk).first()
    if item is None:
        raise Http404
    return _explained(request, offer=catalog.offers(skus=[item.variant.sku])[item.variant.sku], item=item)


def _items() -> Any:
    """Return the stock, each row with what is free at this moment."""
    return StockItem.objects.annotate(free=available_expression(now=clock.now())).select_related("variant")


def _explained(request: HttpRequest, *, offer: Offer, item: Any) -> HttpResponse:
    """Show the figures of goods and who keeps them. `item`: None where they were never received."""
    keepers = _keepers(request, item=item, now=clock.now()) if item else []
    there, free = (item.on_hand, item.free) if item else (0, 0)
    figures = [
        (_("In the shop"), shown_quantity(quantity=there, unit=offer.unit)),
        (_("Kept for somebody"), shown_quantity(quantity=there - free, unit=offer.unit)),
        (_("Can be sold now"), shown_quantity(quantity=free, unit=offer.unit)),
    ]
    context = {
        **admin.site.each_context(request),
        "title": TITLE,
        "name": offer.name,
        "verdict": _verdict(for_sale=offer.for_sale, on_hand=there, free=free),
        "figures": figures,
        "keepers": keepers,
        "more": len(keepers) == MOST,
        "back": reverse("admin:inventory_stockitem_change", args=[item.pk]) if item else "",
    }
    return TemplateResponse(request, "backoffice/why/stock.html", context)


def _verdict(*, for_sale: bool, on_hand: int, free: int) -> str:
    """Return which rule refuses a sale, in words."""
    if not for_sale:
        return _("It is not on sale: the product or the variant is switched off in the catalogue.")
    if on_hand <= 0:
        return _("There is none in the shop.")
    if free <= 0:
        return _("All there is is kept for somebody: those below.")
    return _("It is available. Who wants more than can be sold now is refused.")


def _keepers(request: HttpRequest, *, item: StockItem, now: datetime) -> list[Keeper]:
    sees_orders, sees_carts = request.user.has_perm("orders.view_order"), request.user.has_perm("cart.view_cart")
    keepers = []
    for quantity, until, order, number, buyer, cart, customer in sql.rows(
        _KEPT, {"item": item.pk, "now": now, "most": MOST}
    ):
        if order is not None:
            who = _("Order %(number)s") % {"number": number}
            whose = buyer if sees_orders else ""
            link = reverse("admin:orders_order_change", args=[order]) if sees_orders else ""
        else:
            who, whose = _("In a cart"), customer if sees_carts else ""
            link = reverse("admin:cart_cart_change", args=[cart]) if sees_carts and cart is not None else ""
        keepers.append(
            Keeper(
                units=shown_quantity(quantity=quantity, unit=item.variant.unit),
                who=" · ".join(filter(None, (who, whose))),
                link=link,
                until=shown_instant(until) if until else "",
            )
        )
    return keepers
