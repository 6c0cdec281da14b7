"""One price: found, typed, written, and put back as easily. The same change as of many, with one row."""

from decimal import Decimal
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from backoffice.one.forms import PriceForm, SearchForm
from backoffice.one.pages import FOUND, Row, called, found_and_done, rows_of, shown, thing
from catalog import services as catalog
from catalog.errors import NothingChanges
from catalog.repricing import Repricing
from catalog.selectors import Offer
from catalog.services import Looked
from catalog.units import shown_price
from common import clock
from common.money import format_brl
from common.use_cases import remembered
from desk.admin import desk_actor
from desk.pages import require

MAY = "catalog.change_variant"


def price_page(request: HttpRequest) -> HttpResponse:
    """Find a product or service; sent, give it another price."""
    require(request, MAY)
    return found_and_done(request, form=PriceForm, show=_page, do=_change, page="one:price")


def _change(request: HttpRequest, form: PriceForm) -> None:
    """Change a price by the difference, and say where that is undone. Raises NothingChanges, as the service does."""
    old, new = Decimal(form.cleaned_data["seen_price"]), form.cleaned_data["price"]
    if new == old:
        raise NothingChanges(_("This is its price already."))
    rule = Repricing(way="amount", direction="up" if new > old else "down", value=abs(new - old))
    change = remembered(
        catalog.change_prices,
        lambda run: run.public_id,
        kind=UUID,
        once=form.once(request=request, scope="price"),
    )
    run = change(
        rows=[Looked(variant_id=form.cleaned_data["about"], price=old)],
        rule=rule,
        actor=desk_actor(request),
        now=clock.now(),
    )
    _sku, name = thing(about=form.cleaned_data["about"])
    told = _("%(name)s costs %(price)s now.") % {"name": name, "price": format_brl(new)}
    undo = reverse("prices:run", args=[run])
    messages.success(request, format_html('{} <a href="{}">{}</a>', told, undo, _("Look, or undo")))


def _page(
    request: HttpRequest, search: SearchForm, *, typed: PriceForm | None = None, status: int = 200
) -> HttpResponse:
    offers = called(search.text, services=True)
    context = {
        "title": _("Change a price"),
        "rows": rows_of(offers, row=_row, typed=typed),
        "more": len(offers) > FOUND,
        "found": FOUND,
    }
    return shown(request, template="price", search=search, context=context, typed=typed, status=status)


def _row(offer: Offer, typed: PriceForm | None) -> Row[PriceForm]:
    said = {"about": offer.variant_id, "seen_price": str(offer.price)}
    if typed is not None:
        typed.carry(seen_price=offer.price)
    price = format_brl(offer.price)
    return Row(
        name=offer.name,
        sku=offer.sku,
        now=shown_price(price, unit=offer.unit, price_per=offer.price_per),
        form=typed or PriceForm(initial=said, auto_id=f"id_{offer.variant_id}_%s"),
    )
