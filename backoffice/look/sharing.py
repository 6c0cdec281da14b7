"""Links to what can be bought and booked, with the words they are sent with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.text import chat_url, search_key
from scheduling import selectors as scheduling
from shop.policy import Policy
from storefront import selectors as storefront
from storefront.selectors import Filters

A_PAGE = 30


@dataclass(frozen=True)
class Link:
    """One address to be sent; `picture` is that which a chat shows with it, where there is one."""

    name: str
    address: str
    chat: str
    picture: str = ""


@dataclass(frozen=True)
class Shelf:
    """Links of one kind; `more`: whether there are others that the page does not show."""

    title: str | Promise
    links: Sequence[Link]
    more: bool = False


def shelves(*, policy: Policy, wanted: str, now: datetime) -> Iterator[Shelf]:
    """Give the links whose names have the words; those of the shop itself first, where no words are given."""
    if not wanted:
        pages = ((policy.name, "/"), (str(_("Book a time")), "/agendar"))
        yield Shelf(title=_("The shop"), links=[_link(name, path, policy=policy) for name, path in pages])
    count, rows = storefront.products(filters=Filters(search=wanted), page=1, size=A_PAGE, now=now)
    links = [
        _link(
            row["name"],
            f"/produto/{row['slug']}",
            policy=policy,
            picture=default_storage.url(row["file"]) if row["file"] else "",
        )
        for row in rows
    ]
    yield Shelf(title=_("Products and services on the shelf"), links=links, more=count > len(rows))
    yield from _times(policy=policy, words=search_key(wanted).split())


def _times(*, policy: Policy, words: Sequence[str]) -> Iterator[Shelf]:
    """Give the links that lead straight to the calendar of a service or of a professional."""
    offers = [one for one in scheduling.service_list() if one.for_sale and _has(one.name, words)]
    booked = [_link(one.name, "/agendar?" + urlencode({"servico": one.sku}), policy=policy) for one in offers]
    yield Shelf(title=_("Book a service"), links=booked[:A_PAGE], more=len(booked) > A_PAGE)
    people = [one for one in scheduling.professional_list() if one.services and _has(one.name, words)]
    with_whom = [
        _link(one.name, "/agendar?" + urlencode({"profissional": one.public_id}), policy=policy, picture=one.image)
        for one in people
    ]
    yield Shelf(title=_("Book with a professional"), links=with_whom[:A_PAGE], more=len(with_whom) > A_PAGE)


def _has(name: str, words: Sequence[str]) -> bool:
    key = search_key(name)
    return all(word in key for word in words)


def _link(name: str, path: str, *, policy: Policy, picture: str = "") -> Link:
    address = settings.PUBLIC_URL + path
    about = name if name == policy.name else f"{name} · {policy.name}"
    return Link(name=name, address=address, chat=chat_url(phone="", text=f"{about}\n{address}"), picture=picture)
