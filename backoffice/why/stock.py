"""The page that says why units of a product cannot be sold."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from backoffice.why.goods import MOST, Keeper, Standing, standing
from catalog import selectors as catalog
from catalog.selectors import Offer
from catalog.units import shown_quantity
from common import clock
from desk.pages import page_response, require
from desk.shown import shown_instant
from inventory.models import StockItem

FOUND = 20
MAY = "inventory.view_stockitem"
TITLE = gettext_lazy("Why is it not available?")


@dataclass(frozen=True)
class ShownKeeper:
    """Who keeps units, as far as whoever looks may know; how many, and until when."""

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
        return _explained(request, offer=offers[0])
    context = {
        "title": TITLE,
        "text": text,
        "found": [(one.name, one.sku) for one in offers[:FOUND]],
        "more": len(offers) > FOUND,
    }
    return page_response(request, "backoffice/why/look.html", context)


@require_GET
def stock_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show why units of a SKU are not available, by the figures that sales are judged by; four statements."""
    require(request, MAY)
    sku = StockItem.objects.filter(pk=pk).values_list("variant__sku", flat=True).first()
    if sku is None:
        raise Http404
    return _explained(request, offer=catalog.offers(skus=[sku])[sku])


def _explained(request: HttpRequest, *, offer: Offer) -> HttpResponse:
    """Show the figures of goods and who keeps them."""
    found = standing(offer=offer, now=clock.now())
    figures = [
        (_("In the shop"), shown_quantity(quantity=found.there, unit=offer.unit)),
        (_("Kept for somebody"), shown_quantity(quantity=found.there - found.free, unit=offer.unit)),
        (_("Can be sold now"), shown_quantity(quantity=found.free, unit=offer.unit)),
    ]
    context = {
        "title": TITLE,
        "name": offer.name,
        "verdict": found.verdict,
        "figures": figures,
        "keepers": [_shown(request, found=found, keeper=one) for one in found.keepers],
        "more": len(found.keepers) == MOST,
        "back": reverse("admin:inventory_stockitem_change", args=[found.item]) if found.item else "",
    }
    return page_response(request, "backoffice/why/stock.html", context)


def _shown(request: HttpRequest, *, found: Standing, keeper: Keeper) -> ShownKeeper:
    """Return a keeper without what whoever looks may not see."""
    may = request.user.has_perm("orders.view_order" if keeper.order else "cart.view_cart")
    key: int | None
    if keeper.order is not None:
        who, page, key = _("Order %(number)s") % {"number": keeper.number}, "orders_order", keeper.order
    else:
        who, page, key = _("In a cart"), "cart_cart", keeper.cart
    return ShownKeeper(
        units=shown_quantity(quantity=keeper.quantity, unit=found.offer.unit),
        who=" · ".join(filter(None, (who, keeper.person if may else ""))),
        link=reverse(f"admin:{page}_change", args=[key]) if may and key is not None else "",
        until=shown_instant(keeper.until) if keeper.until else "",
    )
