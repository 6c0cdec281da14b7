"""The units of one product: found, counted, written down."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.one.forms import CountForm, SearchForm
from backoffice.one.pages import FOUND, Row, called, found_and_done, rows_of, shown, thing
from catalog.selectors import Offer
from catalog.units import shown_quantity
from common import clock
from common.use_cases import only_once
from desk.admin import desk_actor
from desk.pages import require
from inventory import services as inventory
from inventory.models import StockItem

MAY = "inventory.adjust_stock"


def count_page(request: HttpRequest) -> HttpResponse:
    """Find a product; sent, write down how many units there are."""
    require(request, MAY)
    return found_and_done(request, form=CountForm, show=_page, do=_count, page="one:count")


def _count(request: HttpRequest, form: CountForm) -> None:
    """Write a count down and say what there is now. Raises what the service raises."""
    said = form.cleaned_data
    sku, name = thing(about=said["about"])
    only_once(form.once(request=request, scope="count"), inventory.adjust_stock)(
        sku=sku,
        operation="set",
        quantity=said["quantity"],
        reason=_("Stock count"),
        actor=desk_actor(request),
        now=clock.now(),
        seen=said["seen"],
    )
    messages.success(request, _("%(name)s: %(quantity)s counted.") % {"name": name, "quantity": said["quantity"]})


def _page(
    request: HttpRequest, search: SearchForm, *, typed: CountForm | None = None, status: int = 200
) -> HttpResponse:
    offers = called(search.text, services=False)
    units = _units(offers[:FOUND])

    def row(offer: Offer, typed: CountForm | None) -> Row[CountForm]:
        there, pk = units.get(offer.variant_id, (0, None))
        if typed is not None:
            typed.carry(seen=there)
        said = {"about": offer.variant_id, "seen": there}
        return Row(
            name=offer.name,
            sku=offer.sku,
            now=shown_quantity(quantity=there, unit=offer.unit),
            form=typed or CountForm(initial=said, auto_id=f"id_{offer.variant_id}_%s"),
            link=reverse("admin:inventory_stockitem_change", args=[pk]) if pk else "",
        )

    context = {
        "title": _("Count one product"),
        "rows": rows_of(offers, row=row, typed=typed),
        "more": len(offers) > FOUND,
        "found": FOUND,
    }
    return shown(request, template="count", search=search, context=context, typed=typed, status=status)


def _units(offers: Sequence[Offer]) -> dict[int, tuple[int, int]]:
    """Return how many units lie in the shop, and the row of the stock, by variant."""
    found = StockItem.objects.filter(variant__in=[offer.variant_id for offer in offers])
    return {variant: (there, pk) for variant, there, pk in found.values_list("variant_id", "on_hand", "pk")}
