"""The pages of the shop window: one frame that the window's program fills, with the catalogue as text until it does.

What is shown without scripts, to search engines and in previews of links is read here; everything people do goes
through the public API.
"""

from typing import Any
from urllib.parse import urlencode

from csp.constants import NONE, SELF
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from api.replica import for_anybody
from common import clock
from common.errors import NotFound
from common.money import format_amount
from scheduling import selectors as scheduling
from scheduling.selectors import Offer
from shop import selectors as shop
from shop.colours import DARK, LIGHT, is_readable, palette
from shop.look import Look
from shop.policy import Policy
from storefront import selectors as storefront
from storefront.answers import CategoryResponse, category_tree
from storefront.selectors import Filters, Row
from window import wording
from window.frames import framed, page

SHOWN = 60
"""Products of a list without scripts, the first of them; the rest are found by category."""


@page
def home(request: HttpRequest) -> HttpResponse:
    """Show the shop: its categories and what there is."""
    policy, look = shop.policy_and_look()
    _count, rows = storefront.products(filters=Filters(), page=1, size=SHOWN, now=clock.now())
    described = wording.of_home(policy=policy, look=look)
    cover = described.picture.path if look.cover and described.picture else ""
    context = {"categories": category_tree(storefront.categories()), "products": _lines(rows), "cover": cover}
    return framed(request, "home", described=described, policy=policy, look=look, context=context)


@page
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a category with what stands in it and below it."""
    policy, look = shop.policy_and_look()
    tree = category_tree(storefront.categories())
    found = _category(tree, slug)
    if found is None:
        return _missing(request, policy=policy, look=look)
    _count, rows = storefront.products(filters=Filters(category=slug), page=1, size=SHOWN, now=clock.now())
    described = wording.of_category(name=found.name, path=f"/categoria/{slug}", policy=policy, rows=rows)
    context = {"category": found, "products": _lines(rows)}
    return framed(request, "category", described=described, policy=policy, look=look, context=context)


@page
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a product with its prices."""
    policy, look = shop.policy_and_look()
    try:
        found = storefront.product(slug=slug, now=clock.now())
    except NotFound:
        return _missing(request, policy=policy, look=look)
    described = wording.of_product(page=found, path=f"/produto/{slug}", policy=policy)
    context = {
        "product": found.row,
        "variants": [
            {"name": one["name"], "price": wording.price_of(one, one["price"], currency=found.row["currency"])}
            for one in found.variants
        ],
    }
    return framed(request, "product", described=described, policy=policy, look=look, context=context)


@page
def booking(request: HttpRequest) -> HttpResponse:
    """Show what can be booked."""
    policy, look = shop.policy_and_look()
    offers = [offer for offer in scheduling.offers_by_name() if offer.for_sale]
    offers, led_to = _led_to(request, offers, policy=policy)
    described = wording.of_booking(policy=policy, offers=offers, **led_to)
    context = {
        "offers": [
            {"name": one.name, "minutes": one.duration, "price": format_amount(one.price, currency=policy.currency)}
            for one in offers
        ]
    }
    return framed(request, "booking", described=described, policy=policy, look=look, context=context)


def _led_to(request: HttpRequest, offers: list[Offer], *, policy: Policy) -> tuple[list[Offer], dict[str, Any]]:
    """Return what a link to a service or to a professional leads to, and how the page is described then.

    One that is not there any more leads to everything that can be booked.
    """
    sku, who = request.GET.get("servico", ""), request.GET.get("profissional", "")
    service = next((one for one in offers if one.sku == sku), None)
    if service is not None:
        shown = storefront.picture_of_sku(sku=sku)
        name = f"{service.name}: {format_amount(service.price, currency=policy.currency)}"
        picture = wording.picture_of(shown, name=service.name) if shown else None
        return [service], {"path": f"/agendar?{urlencode({'servico': sku})}", "name": name, "picture": picture}
    person = next((one for one in scheduling.professional_list() if str(one.public_id) == who), None) if who else None
    if person is None:
        return offers, {"path": "/agendar"}
    performed = {one.sku for one in person.services}
    picture = wording.Picture(path=person.image, alt=person.name, width=0, height=0) if person.image else None
    path = f"/agendar?{urlencode({'profissional': who})}"
    name = _("Book with %(name)s") % {"name": person.name}
    return [one for one in offers if one.sku in performed], {"path": path, "name": name, "picture": picture}


FRAMED = "/incorporar"


@require_safe
def framed_booking(request: HttpRequest) -> HttpResponse:
    """Show the pages on which one books, to be put into the frame of a site that the owner named, and of no other."""
    policy, look = for_anybody(request, shop.policy_and_look)
    name = _("Book a time")
    response = framed(
        request,
        "own",
        described=wording.of_page(name=name, path="/agendar", policy=policy),
        policy=policy,
        look=look,
        context={"name": name, "base": FRAMED, "sites": " ".join(look.frame_sites)},
        is_found=False,
    )
    response.headers["Cache-Control"] = "no-cache"
    response._csp_replace = {"style-src": [SELF], "frame-ancestors": list(look.frame_sites) or [NONE]}  # type: ignore[attr-defined]
    response.xframe_options_exempt = bool(look.frame_sites)
    return response


OWN = {
    "carrinho": gettext_lazy("Cart"),
    "confirmar-email": gettext_lazy("Confirm your e-mail"),
    "entrar": gettext_lazy("Sign in"),
    "esqueci-a-senha": gettext_lazy("Forgot your password?"),
    "finalizar": gettext_lazy("Checkout"),
    "minha-conta": gettext_lazy("My account"),
    "minha-conta/dados": gettext_lazy("My account"),
    "minha-conta/enderecos": gettext_lazy("My account"),
    "minha-conta/seguranca": gettext_lazy("My account"),
    "minha-conta/visitas": gettext_lazy("My account"),
    "nova-senha": gettext_lazy("Choose a new password"),
}
"""Pages that belong to one visitor, by their place; without scripts they say how to order otherwise."""


@page
def own(request: HttpRequest, place: str) -> HttpResponse:
    """Show a page that belongs to one visitor, and that no search engine keeps."""
    policy, look = shop.policy_and_look()
    name = str(OWN[place])
    described = wording.of_page(name=name, path=f"/{place}", policy=policy)
    return framed(request, "own", described=described, policy=policy, look=look, context={"name": name}, is_found=False)


@page
def order(request: HttpRequest, number: str) -> HttpResponse:
    """Show the frame of an order's page. Whether there is such an order only its token or its customer is told."""
    return _unnamed(request, name=_("Your order"))


@page
def visit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the frame of a visit's page, as of an order's."""
    return _unnamed(request, name=_("Your appointment"))


@page
def colours(request: HttpRequest, light: str, dark: str) -> HttpResponse:
    """Paint the pages in these colours; ones that nobody could read are none."""
    chosen = ((LIGHT, f"#{light}"), (DARK, f"#{dark}"))
    if not all(is_readable(colour=colour, mode=mode) for mode, colour in chosen):
        return HttpResponse(status=404)
    painted = {mode: palette(colour=colour, mode=mode) for mode, colour in chosen}
    response = render(request, "window/colours.css", painted, content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@page
def robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines what is not theirs, and where everything else is listed."""
    closed = [
        "/admin/",
        f"{FRAMED}/",
        "/api/",
        "/appointments/",
        "/conta/",
        "/orders/",
        "/pedido/",
        "/visita/",
        *(f"/{place}" for place in OWN),
    ]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {wording.address('/sitemap.xml')}"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@page
def sitemap(request: HttpRequest) -> HttpResponse:
    """List every page that may be found."""
    categories, products = storefront.addresses()
    found = [f"/categoria/{slug}" for slug in categories] + [f"/produto/{slug}" for slug in products]
    context = {"addresses": [wording.address(path) for path in ("/", "/agendar", *found)]}
    return render(request, "window/sitemap.xml", context, content_type="application/xml")


def _unnamed(request: HttpRequest, *, name: str) -> HttpResponse:
    """Show the frame of a page of which nobody without its token is told anything."""
    policy, look = shop.policy_and_look()
    described = wording.of_page(name=name, path="/", policy=policy)
    return framed(request, "own", described=described, policy=policy, look=look, context={"name": name}, is_found=False)


def _missing(request: HttpRequest, *, policy: Policy, look: Look) -> HttpResponse:
    """Answer that there is no such page, for people: with the way back to what there is."""
    described = wording.of_page(name=_("Nothing found"), path="/", policy=policy)
    return framed(
        request, "missing", described=described, policy=policy, look=look, context={}, is_found=False, status=404
    )


def _category(tree: list[CategoryResponse], slug: str) -> CategoryResponse | None:
    for one in tree:
        found = one if one.slug == slug else _category(one.children, slug)
        if found is not None:
            return found
    return None


def _lines(rows: list[Row]) -> list[dict[str, Any]]:
    return [{"slug": row["slug"], "name": row["name"], "price": wording.price_said(row)} for row in rows]
