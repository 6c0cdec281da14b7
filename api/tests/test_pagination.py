"""Pages: complete, without repetition, and strict about what is asked."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from api.pagination import CursorPages, _sealed, cursor_page_of_rows, page_body, page_of_rows
from common.errors import Malformed, NotFound
from common.models import OutboxMessage
from common.testing import statements

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def request(query: str = "") -> Request:
    """Return a request for a page."""
    return Request(APIRequestFactory().get(f"/api/v1/things/?{query}"))


def query_of(url: str | None) -> dict[str, list[str]]:
    """Return the query of a link."""
    return parse_qs(urlsplit(url or "").query)


@pytest.mark.parametrize(
    "query",
    [
        "page_size=101",
        "page_size=0",
        "page_size=-1",
        "page_size=x",
        "page_size=１",
        "page=x",
        "page=1.5",
        "page=",
        "page=--1",
        "page=1&page=1",
        "page_size=5&page_size=5",
    ],
)
def test_a_page_that_is_none_is_malformed(query: str) -> None:
    with pytest.raises(Malformed):
        page_body(request=request(query), count=1000, results=[])


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=-0", "page=51", "page=999999999", "page=" + "9" * 5000, "page=11&page_size=100"],
)
def test_a_page_before_the_first_or_past_the_last_is_not_found(query: str) -> None:
    with pytest.raises(NotFound):
        page_body(request=request(query), count=1000, results=[])


def test_neighbours_are_linked_and_filters_kept() -> None:
    body = page_body(request=request("page=2&status=open&page_size=10"), count=30, results=[])
    assert query_of(body["next"]) == {"page": ["3"], "status": ["open"], "page_size": ["10"]}
    assert query_of(body["previous"]) == {"status": ["open"], "page_size": ["10"]}
    assert page_body(request=request("page=3&page_size=10"), count=30, results=[])["next"] is None
    empty = page_body(request=request(), count=0, results=[])
    assert (empty["count"], empty["next"], empty["previous"], empty["results"]) == (0, None, None, [])


def messages(instants: list[datetime]) -> None:
    """Write messages down, one a given instant."""
    OutboxMessage.objects.bulk_create(
        OutboxMessage(name=f"m{number}", handler="h", payload={}, occurred_at=at, not_before=at)
        for number, at in enumerate(instants)
    )


def page(url_or_query: str = "") -> dict[str, Any]:
    """Return one page, newest first."""
    query = urlsplit(url_or_query).query if "://" in url_or_query else url_or_query
    found = OutboxMessage.objects.order_by("-occurred_at", "-pk")
    response = CursorPages.respond(
        found, request(query), shown=lambda row: row.name, instant="occurred_at", named="event_id"
    )
    body: dict[str, Any] = json.loads(response.content)
    return body


@pytest.mark.django_db
def test_every_row_is_on_one_page_there_and_back_although_instants_repeat() -> None:
    messages([NOON + timedelta(seconds=number // 5) for number in range(23)])
    pages, body = [], page("page_size=4")
    while True:
        pages.append(body["results"])
        if body["next"] is None:
            break
        body = page(body["next"])
    assert [name for names in pages for name in names] == [f"m{number}" for number in reversed(range(23))]
    back = []
    while body["previous"] is not None:
        body = page(body["previous"])
        back.append(body["results"])
    assert list(reversed(back)) == pages[:-1]


@pytest.mark.django_db
def test_a_row_written_meanwhile_repeats_nothing() -> None:
    messages([NOON + timedelta(seconds=number) for number in range(6)])
    first = page("page_size=3")
    messages([NOON + timedelta(hours=1)])
    second = page(first["next"])
    assert set(first["results"]).isdisjoint(second["results"])
    assert second["results"] == ["m2", "m1", "m0"]


@pytest.mark.django_db
def test_a_page_costs_one_statement() -> None:
    messages([NOON] * 50)
    with statements() as sql:
        page("page_size=20")
    assert len(sql) == 1


@pytest.mark.fault("E12")
@pytest.mark.django_db
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "",
        "Kw",
        "é",
        "LTAwMDEtMDEtMDFUMDA6MDA6MDArMjM6NTl8MQ",
        "QDA",
        "a&cursor=a",
        "%00",
        "LTIwMjYtMDMtMDJUMTI6MDA6MDB8OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
        "LW5vd3wx",
        "a" * 5000,
        urlsafe_b64encode(b"-11111111-1111-1111-1111-111111111111:forged").decode(),
        _sealed("@20"),
    ],
)
def test_a_cursor_that_is_none_is_malformed(cursor: str) -> None:
    with pytest.raises(Malformed) as refused:
        page(f"cursor={cursor}")
    assert refused.value.errors[0].pointer == "/cursor"


@pytest.mark.fault("E12")
@pytest.mark.parametrize("spoiled", ["{}!", "{}\n", "!{}", "{}=", " {}"])
def test_a_cursor_with_letters_besides_is_malformed(spoiled: str) -> None:
    cursor = _sealed("@1")
    assert cursor_page_of_rows(request=request(f"cursor={cursor}"), rows=[1, 2])["results"] == [2]
    with pytest.raises(Malformed):
        cursor_page_of_rows(request=request(urlencode({"cursor": spoiled.format(cursor)})), rows=[1, 2])


@pytest.mark.django_db
def test_a_cursor_tells_neither_instants_nor_row_numbers() -> None:
    messages([NOON + timedelta(seconds=number) for number in range(6)])
    [cursor] = query_of(page("page_size=3")["next"])["cursor"]
    told = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    last = OutboxMessage.objects.order_by("-occurred_at")[2]
    assert told.startswith(f"-{last.event_id}:")
    assert ("2026" in told.partition(":")[0], str(last.pk) == told.partition(":")[0][1:]) == (False, False)


def test_rows_at_hand_are_numbered_too() -> None:
    rows = list(range(23))
    assert page_of_rows(request=request("page=3&page_size=10"), rows=rows)["results"] == [20, 21, 22]
    with pytest.raises(NotFound):
        page_of_rows(request=request("page=4&page_size=10"), rows=rows)


def test_rows_that_only_grow_are_read_by_cursors_there_and_back() -> None:
    rows, query, seen = list(range(5)), "page_size=2", []
    while True:
        body = cursor_page_of_rows(request=request(query), rows=rows)
        seen.append(body["results"])
        if body["next"] is None:
            break
        query = urlsplit(body["next"]).query
        rows.append(len(rows)) if len(rows) < 7 else None
    assert seen == [[0, 1], [2, 3], [4, 5], [6]]
    back = cursor_page_of_rows(request=request(urlsplit(body["previous"]).query), rows=rows)
    assert (back["results"], query_of(back["next"])["page_size"]) == ([4, 5], ["2"])
    whole = cursor_page_of_rows(request=request(), rows=rows)
    assert (whole["next"], whole["previous"], whole["results"]) == (None, None, rows)


@pytest.mark.fault("E12")
@pytest.mark.parametrize("cursor", ["x", "", "é", "QA", "QC0x", "QDFl", "QDk5OTk5OTk5OTk5", "QDA&cursor=QDA"])
def test_a_place_that_is_none_is_malformed(cursor: str) -> None:
    with pytest.raises(Malformed) as refused:
        cursor_page_of_rows(request=request(f"cursor={cursor}"), rows=[1, 2])
    assert refused.value.errors[0].pointer == "/cursor"
