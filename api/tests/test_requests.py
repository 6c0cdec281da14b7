"""What a door reads off a request."""

from datetime import date
from typing import Annotated, Any

import msgspec
import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import translation
from msgspec import UNSET, UnsetType
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from api.answers import respond_kept
from api.bodies import Body, Nothing
from api.kinds import Day, Many, TextLine
from api.parsers import StrictJSONParser
from api.requests import actor_of, once_from, once_if_given, read, read_query, scheme_token
from common.actors import Actor
from common.errors import IdempotencyKeyInvalid, IdempotencyKeyRequired, Malformed
from common.idempotency import StoredResponse
from common.keys import IdempotencyKey


class Person:
    """Somebody who signed in."""

    is_authenticated = True

    def __init__(self, pk: int, *, staff: bool = False) -> None:
        self.pk = pk
        self.is_staff = staff


def request(
    path: str = "/api/v1/orders/", *, method: str = "post", body: bytes = b"{}", user: Any = None, **meta: str
) -> Request:
    """Return a request as a view sees it."""
    options: dict[str, Any] = {"data": body, "content_type": "application/json"} if method == "post" else {}
    made = Request(getattr(APIRequestFactory(), method)(path, **options, **meta), parsers=[StrictJSONParser()])
    made.user = user or AnonymousUser()
    return made


def once(
    body: bytes = b"{}", *, key: str = "k1", scope: str = "orders:1", user: Any = None, path: str = "/x/"
) -> IdempotencyKey:
    """Return the key of a request."""
    return once_from(request(path, body=body, user=user, HTTP_IDEMPOTENCY_KEY=key), scope=scope)


@pytest.mark.parametrize(
    ("user", "actor"),
    [
        (None, Actor(kind="guest", id="", door="api", address="127.0.0.1")),
        (Person(7), Actor(kind="customer", id="7", door="api", address="127.0.0.1")),
        (Person(8, staff=True), Actor(kind="staff", id="8", door="api", address="127.0.0.1")),
    ],
)
def test_who_acts_is_read_off_the_login(user: Any, actor: Actor) -> None:
    assert actor_of(request(user=user)) == actor
    assert actor.role == ("customer" if actor.kind == "guest" else actor.kind)


@pytest.mark.fault("A15")
def test_a_key_is_required() -> None:
    with pytest.raises(IdempotencyKeyRequired):
        once_from(request(), scope="orders")
    assert once_if_given(request(), scope="orders") is None


@pytest.mark.fault("A15")
@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "chave-é", "a\x00", "a\n", "a\t", " "])
def test_a_key_is_visible_ascii(key: str) -> None:
    with pytest.raises(IdempotencyKeyInvalid):
        once(key=key)


@pytest.mark.parametrize("key", ["x", "x" * 255, "!~", "550e8400-e29b-41d4-a716-446655440000"])
def test_a_good_key_is_taken(key: str) -> None:
    assert once(key=key).key == key


@pytest.mark.fault("A12")
def test_bodies_are_compared_by_what_they_say() -> None:
    first = once(b'{"a": 1, "b": ["\\u00e9", null]}').fingerprint
    assert once('{ "b":["é",null],\n "a":1 }'.encode()).fingerprint == first
    assert once(b'{"a": 2, "b": ["\\u00e9", null]}').fingerprint != first
    assert once(b'{"a": "1", "b": ["\\u00e9", null]}').fingerprint != first
    assert once(b'{"a": 1, "b": ["\\u00e9", null]}', path="/y/").fingerprint != first


@pytest.mark.fault("A13")
def test_keys_belong_to_the_caller_and_a_guests_to_one_object() -> None:
    guest, other, mine = once(scope="orders"), once(scope="refunds"), once(scope="orders", user=Person(7))
    theirs = once(scope="orders", user=Person(8))
    assert (
        len({guest.scope, other.scope, mine.scope, theirs.scope, guest.within("A").scope, guest.within("B").scope}) == 6
    )
    assert mine.within("A") == mine


@pytest.mark.parametrize(
    ("path", "header", "token"),
    [
        ("/x/", "", None),
        ("/x/", "Order abc", "abc"),
        ("/x/", "order   abc ", "abc"),
        ("/x/", "Bearer abc", None),
        ("/x/", "Order", None),
        ("/x/?access_token=abc", "", "abc"),
        ("/x/?access_token=abc", "Bearer x", "abc"),
        ("/x/?access_token=abc", "Order header", "header"),
    ],
)
def test_a_guests_proof_stands_in_the_header_or_the_link(path: str, header: str, token: str | None) -> None:
    meta: dict[str, Any] = {"HTTP_AUTHORIZATION": header} if header else {}
    assert scheme_token(request(path, method="get", **meta), "Order") == token


class Query(Body, frozen=True, kw_only=True):
    """Filters."""

    status: Annotated[str, TextLine()] | UnsetType = UNSET
    service: Annotated[list[Annotated[str, TextLine()]], Many(5)] | UnsetType = UNSET
    wanted: Annotated[date, Day()] | UnsetType = msgspec.field(name="day", default=UNSET)


def asked(query: str) -> dict[str, Any]:
    """Return the filters of a query string."""
    return read_query(Query, request(f"/x/?{query}", method="get"), allow=("page",)).given()


def test_query_parameters_are_checked_like_a_body() -> None:
    assert asked("") == {}
    assert asked("status=open&page=7") == {"status": "open"}
    assert asked("service=A&service=B") == {"service": ["A", "B"]}
    assert asked("service=A") == {"service": ["A"]}
    with pytest.raises(Malformed) as refused:
        asked("status=a&status=b")
    assert [(error.pointer, error.code) for error in refused.value.errors] == [("/status", "repeated")]
    assert asked("day=2026-03-02") == {"wanted": date(2026, 3, 2)}
    with pytest.raises(Malformed) as unknown:
        asked("state=open")
    assert [(error.pointer, error.code) for error in unknown.value.errors] == [("/state", "unknown_field")]


def test_a_replayed_answer_says_so() -> None:
    fresh = respond_kept(StoredResponse(status=201, body=b'{"a":1}'))
    assert (fresh.status_code, fresh.content, "Idempotent-Replayed" in fresh) == (201, b'{"a":1}', False)
    assert respond_kept(StoredResponse(status=201, body=b"{}", replayed=True))["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(("language", "detail"), [("pt-br", "Este campo não pode ser nulo."), ("en", None)])
def test_null_is_no_body_in_any_language(language: str, detail: str | None) -> None:
    with translation.override(language), pytest.raises(Malformed) as refused:
        read(Nothing, None)
    [error] = refused.value.errors
    assert (error.pointer, error.code, error.detail) == ("", "null", detail or "This field may not be null.")
