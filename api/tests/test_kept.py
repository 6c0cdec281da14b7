"""Answers that are kept for a moment: given again to whoever asks the same, and to nobody else."""

import time
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from api import traffic
from api.kept import MOST
from common import counters, security
from common.testing import statements
from storefront.tests.shop import on_sale, variant

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"
RATE_EXCEEDED = ("security", security.Event.RATE_EXCEEDED)
ELSEWHERE = "https://loja.example.com"


class Clock:
    """The clock by which answers grow old."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


@pytest.fixture(autouse=True)
def moment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Keep answers for a second, as shipped, of a clock that stands still; let one other site's pages ask."""
    settings.LIST_KEPT_SECONDS = 1
    settings.CORS_ALLOWED_ORIGINS = [ELSEWHERE]
    found = Clock()
    monkeypatch.setattr(time, "monotonic", found)
    return found


@pytest.fixture(autouse=True)
def bolo() -> None:
    """Put something on the shelf."""
    on_sale("Bolo", variant("BOLO", "59.90"), stock=1)


def is_built(client: Client, path: str = PRODUCTS, **meta: Any) -> bool:
    """Ask, and say whether the database was asked for the answer."""
    with statements() as seen:
        assert client.get(path, **meta).status_code in (200, 304)
    return bool(seen)


def test_the_same_question_within_a_second_gets_the_same_answer(client: Client, moment: Clock) -> None:
    first = client.get(PRODUCTS)
    on_sale("Pão", variant("PAO", "2.50"), stock=1)
    with statements() as seen:
        again = client.get(PRODUCTS)
    assert not seen
    assert (again.status_code, again.content) == (200, first.content)
    moment.now += 1
    assert [product["name"] for product in client.get(PRODUCTS).json()["results"]] == ["Bolo", "Pão"]


def test_what_is_given_again_carries_every_header_and_an_id_of_its_own(client: Client) -> None:
    first, again = (client.get(PRODUCTS, HTTP_ORIGIN=ELSEWHERE) for _time in range(2))
    ids = {one.headers.pop("X-Request-ID") for one in (first, again)}
    assert len(ids) == 2
    assert dict(first.headers) == dict(again.headers)
    assert again["Access-Control-Allow-Origin"] == ELSEWHERE
    assert {"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "ETag"} <= set(again.headers)


def test_what_is_known_already_is_answered_so_again(client: Client) -> None:
    tag = client.get(PRODUCTS)["ETag"]
    assert is_built(client, HTTP_IF_NONE_MATCH=tag)
    with statements() as seen:
        again = client.get(PRODUCTS, HTTP_IF_NONE_MATCH=tag)
    assert not seen
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)


@pytest.mark.parametrize(
    ("path", "meta"),
    [
        (f"{PRODUCTS}?page_size=5", {}),
        (PRODUCTS, {"HTTP_HOST": "localhost"}),
        (PRODUCTS, {"HTTP_ACCEPT_LANGUAGE": "en"}),
        (PRODUCTS, {"HTTP_ACCEPT": "application/json"}),
        (PRODUCTS, {"HTTP_ORIGIN": ELSEWHERE}),
        (PRODUCTS, {"HTTP_IF_NONE_MATCH": '"x"'}),
        (PRODUCTS, {"HTTP_X_FORWARDED_PROTO": "https"}),
        (PRODUCTS, {"wsgi.url_scheme": "https"}),
    ],
)
def test_whatever_an_answer_depends_on_makes_another_question(client: Client, path: str, meta: dict[str, Any]) -> None:
    client.get(PRODUCTS)
    assert is_built(client, path, **meta)
    assert not is_built(client, path, **meta)
    assert not is_built(client)


@pytest.mark.parametrize("shown", [{"HTTP_AUTHORIZATION": "Bearer x"}, {"HTTP_COOKIE": "a=b"}])
def test_whoever_shows_anything_of_himself_gets_an_answer_of_his_own(client: Client, shown: dict[str, str]) -> None:
    client.get(PRODUCTS)
    assert is_built(client, **shown)
    assert is_built(client, **shown)


def test_another_method_or_another_door_is_not_answered_from_what_is_kept(client: Client) -> None:
    client.get(PRODUCTS)
    assert client.post(PRODUCTS).status_code == 405
    assert client.head(PRODUCTS).content == b""
    assert all(is_built(client, "/api/v1/categories/") for _time in range(2))


def test_no_more_is_kept_than_there_is_room_for(client: Client) -> None:
    for page in range(MOST + 1):
        client.get(PRODUCTS, HTTP_IF_NONE_MATCH=f'"{page}"')
    assert not is_built(client, HTTP_IF_NONE_MATCH='"1"')
    assert is_built(client, HTTP_IF_NONE_MATCH='"0"')


def test_a_refusal_is_not_kept(client: Client) -> None:
    second = f"{PRODUCTS}?page_size=1&page=2"
    assert client.get(second).status_code == 404
    on_sale("Pão", variant("PAO", "2.50"), stock=1)
    assert client.get(second).status_code == 200


def test_a_shop_may_keep_nothing(client: Client, settings: Settings) -> None:
    settings.LIST_KEPT_SECONDS = 0
    assert [is_built(client) for _time in range(2)] == [True, True]


@pytest.mark.fault("F7")
def test_who_asks_too_often_is_refused_what_is_kept_too(client: Client, settings: Settings) -> None:
    settings.THROTTLES = settings.THROTTLES | {"anon": "3/min"}
    found = [client.get(PRODUCTS) for _time in range(3)]
    refused = counters.total(RATE_EXCEEDED)
    found += [client.get(PRODUCTS)]
    assert [one.status_code for one in found] == [200, 200, 200, 429]
    assert found[-1].json()["code"] == "throttled"
    assert int(found[-1]["Retry-After"]) <= 60
    assert found[-1]["X-Content-Type-Options"] == "nosniff"
    assert counters.total(RATE_EXCEEDED) == refused + 1


def test_what_is_given_again_is_counted_by_its_route(client: Client) -> None:
    series = (traffic.REQUESTS, "GET", "api/v1/products/", "200")
    before = counters.total(series)
    for _time in range(3):
        client.get(PRODUCTS)
    assert counters.total(series) == before + 3
