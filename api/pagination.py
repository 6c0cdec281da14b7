"""Pages: numbered ones with a count, and cursors without one where counting would be the expensive part.

A cursor is signed, and names a row by what its reader knows it by. So it tells neither how many rows there are nor
where somebody else's stand, and nobody makes one up.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.utils.urls import remove_query_param, replace_query_param

from api.answers import respond
from common.errors import FieldError, Malformed, NotFound
from common.text import plain_number

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
MAX_PAGE_DIGITS = 9
CURSOR = "api.cursor"
CURSOR_PATTERN = "^[A-Za-z0-9_-]{60,200}$"
"""A name and its signature in base64 without padding; the description says the same."""

Row = TypeVar("Row", bound=Model)


def page_size_of(request: Request) -> int:
    """Return `?page_size=`, 20 without one. Raises Malformed outside 1..100."""
    text = _once(request, "page_size", default=str(PAGE_SIZE))
    size = plain_number(text, digits=4)
    if size is None or not 1 <= size <= MAX_PAGE_SIZE:
        detail = _("A page has 1 to %(most)s entries.") % {"most": MAX_PAGE_SIZE}
        raise Malformed(errors=[FieldError(pointer="/page_size", code="invalid", detail=detail)])
    return size


def page_of(request: Request) -> int:
    """Return `?page=`, 1 without one. Raises Malformed (no number), NotFound (below 1, or past any end)."""
    text = _once(request, "page", default="1")
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise Malformed(errors=[FieldError(pointer="/page", code="invalid", detail=_("A page is a number."))])
    if len(digits) > MAX_PAGE_DIGITS or int(text) < 1:
        raise NotFound()
    return int(text)


def _once(request: Request, name: str, *, default: str) -> str:
    given = request.query_params.getlist(name) or [default]
    if len(given) > 1:
        errors = [FieldError(pointer=f"/{name}", code="repeated", detail=_("Given more than once."))]
        raise Malformed(errors=errors)
    return str(given[0])


def page_body(*, request: Request, count: int, results: list[Any]) -> dict[str, Any]:
    """Return a numbered page with its neighbours. Raises NotFound past the end."""
    page, size = page_of(request), page_size_of(request)
    if page > 1 and (page - 1) * size >= count:
        raise NotFound()
    url = request.build_absolute_uri()
    following = replace_query_param(url, "page", page + 1) if page * size < count else None
    previous = None
    if page > 1:
        previous = remove_query_param(url, "page") if page == 2 else replace_query_param(url, "page", page - 1)
    return {"count": count, "next": following, "previous": previous, "results": results}


def page_of_rows(*, request: Request, rows: Sequence[Any]) -> dict[str, Any]:
    """Return a numbered page of rows that are all at hand. Raises Malformed, NotFound past the end."""
    page, size = page_of(request), page_size_of(request)
    return page_body(request=request, count=len(rows), results=list(rows[(page - 1) * size : page * size]))


def page_of_queryset(*, request: Request, found: QuerySet[Row], shown: Callable[[Row], Any]) -> dict[str, Any]:
    """Return a numbered page of what is found, each row as `shown` says it. Raises Malformed, NotFound past the end."""
    page, size = page_of(request), page_size_of(request)
    rows = found[(page - 1) * size : page * size]
    return page_body(request=request, count=found.count(), results=[shown(row) for row in rows])


def cursor_page_of_rows(*, request: Request, rows: Sequence[Any]) -> dict[str, Any]:
    """Return a page of rows that are all at hand and only ever grow at their end; its cursor is a place.

    Raises Malformed (a cursor that is none).
    """
    size = page_size_of(request)
    place = _place_of(_once(request, "cursor", default="")) if "cursor" in request.query_params else 0
    url = request.build_absolute_uri()
    following = replace_query_param(url, "cursor", _cursor_to(place + size)) if place + size < len(rows) else None
    previous = replace_query_param(url, "cursor", _cursor_to(max(0, place - size))) if place > 0 else None
    return {"next": following, "previous": previous, "results": list(rows[place : place + size])}


def _cursor_to(place: int) -> str:
    return _sealed(f"@{place}")


def _place_of(cursor: str) -> int:
    for_place = re.fullmatch(r"@([0-9]{1,9})", _opened(cursor))
    if for_place is None:
        raise _no_cursor()
    return int(for_place[1])


def _sealed(text: str) -> str:
    return urlsafe_b64encode(signing.Signer(salt=CURSOR).sign(text).encode()).decode().rstrip("=")


def _opened(cursor: str) -> str:
    if not re.fullmatch(CURSOR_PATTERN, cursor):
        raise _no_cursor()
    try:
        signed = urlsafe_b64decode((cursor + "=" * (-len(cursor) % 4)).encode("ascii")).decode("ascii")
        return signing.Signer(salt=CURSOR).unsign(signed)
    except (ValueError, signing.BadSignature) as problem:
        raise _no_cursor() from problem


def _no_cursor() -> Malformed:
    return Malformed(errors=[FieldError(pointer="/cursor", code="invalid", detail=_("Follow the links of the pages."))])


class CursorPages:
    """Pages of a queryset in descending (instant, pk) order, each beginning where the last one ended.

    A cursor names the row where it ended by `named`, a column that readers see and that no two rows share.

    Rows written meanwhile appear on no later page, and none is shown twice.
    """

    parameters = ("cursor", "page_size")

    @classmethod
    def respond(
        cls,
        found: QuerySet[Any],
        request: Request,
        *,
        shown: Callable[[Any], Any],
        instant: str = "placed_at",
        named: str = "number",
    ) -> HttpResponse:
        """Return a page of `found`. Raises Malformed (a cursor that is none)."""
        size = page_size_of(request)
        cursor = _once(request, "cursor", default="") if "cursor" in request.query_params else None
        backwards, rows = False, found
        if cursor is not None:
            sign, name = cls._decode(cursor)
            backwards = sign == "+"
            rows = found.filter(cls._beyond(found, sign=sign, name=name, instant=instant, named=named))
            if backwards:
                rows = rows.order_by(instant, "pk")
        page = list(rows[: size + 1])
        more, page = len(page) > size, page[:size]
        if backwards:
            page.reverse()
        following = page[-1] if page and (more or backwards) else None
        previous = page[0] if page and (more if backwards else cursor is not None) else None
        url = request.build_absolute_uri()

        def link(row: Any, sign: str) -> str | None:
            return None if row is None else replace_query_param(url, "cursor", _sealed(f"{sign}{getattr(row, named)}"))

        return respond(
            {"next": link(following, "-"), "previous": link(previous, "+"), "results": [shown(row) for row in page]}
        )

    @staticmethod
    def _beyond(found: QuerySet[Any], *, sign: str, name: str, instant: str, named: str) -> Q:
        """Return the condition that a row stands beyond the one that is named, as it is found in the same statement."""
        there = found.model._default_manager.filter(**{named: name})
        at, pk, way = (
            Subquery(there.values(instant)[:1]),
            Subquery(there.values("pk")[:1]),
            "gt" if sign == "+" else "lt",
        )
        return Q(**{f"{instant}__{way}e": at}) & (Q(**{f"{instant}__{way}": at}) | Q(**{f"pk__{way}": pk}))

    @staticmethod
    def _decode(cursor: str) -> tuple[str, str]:
        text = _opened(cursor)
        if text[:1] not in ("+", "-"):
            raise _no_cursor()
        return text[0], text[1:]
