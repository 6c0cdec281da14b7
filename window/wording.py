"""What a page says of itself to whoever does not look at it: search engines, and chats that show a preview of a link.

Names and prices are those of the shop's own pages; structured data follows schema.org.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from catalog.units import shown_price
from common.money import format_amount
from scheduling.selectors import Offer
from shop.look import Look
from shop.policy import OpenHours, Policy
from storefront.selectors import ProductPage, Row

LONGEST = 160
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
IN_STOCK, SOLD_OUT = "https://schema.org/InStock", "https://schema.org/OutOfStock"
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Picture:
    """A picture that is shown; sides in pixels, 0 where nobody measured it."""

    path: str
    alt: str
    width: int
    height: int

    @property
    def url(self) -> str:
        """Its whole address."""
        return address(self.path)


@dataclass(frozen=True)
class Description:
    """What a page says of itself. `path`: its one address; `price`: the least it costs, with its currency."""

    title: str
    text: str
    path: str
    kind: str = "website"
    picture: Picture | None = None
    price: tuple[str, str] | None = None
    data: Sequence[Data] = ()

    @property
    def url(self) -> str:
        """The page's whole address."""
        return address(self.path)

    @property
    def json_ld(self) -> list[SafeString]:
        """Its structured data, each as it stands inside a script element."""
        return [in_a_script(json.dumps(one, ensure_ascii=False)) for one in self.data]


def in_a_script(data: str) -> SafeString:
    """Return JSON as it stands inside a script element; nothing in it ends the element."""
    return mark_safe(data.translate(_ESCAPES))  # noqa: S308


def address(path: str) -> str:
    """Return the whole address of a path of this shop."""
    return path if path.startswith(("http://", "https://")) else settings.PUBLIC_URL + path


def of_home(*, policy: Policy, look: Look) -> Description:
    """Describe the first page: the shop itself, in the owner's words and with their picture where there are any."""
    text = look.welcome or _("%(shop)s: see what there is, order and book online.") % {"shop": policy.name}
    return Description(
        title=policy.name,
        text=f"{text} {policy.address}".strip(),
        path="/",
        picture=_look_picture(policy=policy, look=look),
        data=[_shop(policy=policy)],
    )


def of_category(*, name: str, path: str, policy: Policy, rows: Sequence[Row]) -> Description:
    """Describe a category by what stands in it."""
    names = ", ".join(row["name"] for row in rows[:6])
    items = [
        {"@type": "ListItem", "position": place, "name": row["name"], "url": address(f"/produto/{row['slug']}")}
        for place, row in enumerate(rows, start=1)
    ]
    return Description(
        title=f"{name} · {policy.name}",
        text=_short(names) or policy.name,
        path=path,
        picture=next((picture_of(row, name=row["name"]) for row in rows if row["file"]), None),
        data=[{"@context": "https://schema.org", "@type": "ItemList", "name": name, "itemListElement": items}],
    )


def of_product(*, page: ProductPage, path: str, policy: Policy) -> Description:
    """Describe a product: its picture, its price, and whether it can be had."""
    row = page.row
    pictures = [picture_of(image, name=row["name"]) for image in page.images]
    said = price_said(row)
    text = _short(row["description"].replace("\n", " "))
    is_service = row["kind"] == "service"
    offers = [
        {
            "@type": "Offer",
            "sku": variant["sku"],
            "name": variant["name"] or row["name"],
            "price": variant["price"],
            "priceCurrency": row["currency"],
            "availability": IN_STOCK if is_service or page.units.get(variant["sku"]) else SOLD_OUT,
            "url": address(path),
        }
        for variant in page.variants
    ]
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Service" if is_service else "Product",
        "name": row["name"],
        "description": text,
        "image": [one.url for one in pictures],
        "category": row["category_name"],
        "offers": offers,
    }
    if is_service:
        data["provider"] = {"@type": "LocalBusiness", "name": policy.name, "url": address("/")}
    return Description(
        title=f"{row['name']} · {policy.name}",
        text=f"{said} · {text}" if text else said,
        path=path,
        kind="product",
        picture=pictures[0] if pictures else None,
        price=(row["price_from"], row["currency"]),
        data=[data],
    )


def of_booking(
    *, policy: Policy, offers: Sequence[Offer], path: str, name: str = "", picture: Picture | None = None
) -> Description:
    """Describe the page on which a time is booked; `name`: of the service or the professional a link leads to."""
    catalogue = [
        {
            "@type": "Offer",
            "price": str(offer.price),
            "priceCurrency": policy.currency,
            "itemOffered": {"@type": "Service", "name": offer.name},
        }
        for offer in offers
    ]
    return Description(
        title=f"{name} · {policy.name}" if name else _("Book a time · %(shop)s") % {"shop": policy.name},
        text=_short(", ".join(offer.name for offer in offers)) or policy.name,
        path=path,
        picture=picture,
        data=[{**_shop(policy=policy), "makesOffer": catalogue, "potentialAction": _reserve(path)}],
    )


def of_page(*, name: str, path: str, policy: Policy) -> Description:
    """Describe a page that belongs to one visitor and says nothing to others."""
    return Description(title=f"{name} · {policy.name}", text=policy.name, path=path)


def price_said(row: Row) -> str:
    """Return what a product costs, as people read it: from the least of it on where not everything costs the same."""
    price = price_of(row, row["price_from"], currency=row["currency"])
    return price if row["price_from"] == row["price_to"] else _("From %(price)s") % {"price": price}


def price_of(row: Row, price: str, *, currency: str) -> str:
    """Return a price of a product or of a variant as people read it: of what is weighed with what it is for."""
    written = format_amount(Decimal(price), currency=currency)
    return shown_price(written, unit=row["unit"], price_per=row["price_per"])


def picture_of(row: Row, *, name: str) -> Picture:
    """Return a picture of the catalogue."""
    path = default_storage.url(row["file"])
    return Picture(path=path, alt=row["alt"] or name, width=row["width"], height=row["height"])


def _look_picture(*, policy: Policy, look: Look) -> Picture | None:
    """Return the cover, or the logo where there is none."""
    shown = look.cover or look.logo
    if shown is None:
        return None
    alt = look.cover_alt if shown is look.cover and look.cover_alt else policy.name
    return Picture(path=default_storage.url(shown.file), alt=alt, width=shown.width, height=shown.height)


def _shop(*, policy: Policy) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "name": policy.name,
        "url": address("/"),
        "openingHoursSpecification": [_hours(row) for row in policy.opening_hours],
        "currenciesAccepted": policy.currency,
    }
    told = {"address": policy.address, "telephone": policy.whatsapp, "email": policy.email}
    return found | {name: value for name, value in told.items() if value}


def _hours(row: OpenHours) -> Data:
    closes = f"{row.closes:%H:%M}"
    return {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": WEEKDAYS[row.weekday],
        "opens": f"{row.opens:%H:%M}",
        "closes": "23:59" if closes == "00:00" else closes,
    }


def _reserve(path: str) -> Data:
    return {"@type": "ReserveAction", "target": address(path)}


def _short(text: str) -> str:
    return Truncator(text.strip()).chars(LONGEST)
