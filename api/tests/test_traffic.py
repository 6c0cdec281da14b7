"""Requests are counted by the template of their route: nobody can make a series by asking for something odd."""

import time
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory

from api import traffic
from common import counters

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_untold() -> None:
    counters.told(counters.untold())


def counted(kind: str) -> dict[tuple[str, ...], int]:
    return {series[1:]: amount for series, amount in counters.untold().items() if series[0] == kind}


def test_a_request_is_counted_by_its_template_and_never_by_what_stands_in_it(client: Client) -> None:
    for number in ("B-1", "B-2", "maria@example.com"):
        assert client.get(f"/api/v1/orders/{number}/").status_code in (401, 404)
    assert client.get("/api/v1/shop/").status_code == 200
    found = counted(traffic.REQUESTS)
    assert {words[:2]: amount for words, amount in found.items()} == {
        ("GET", "api/v1/orders/<str:number>/"): 3,
        ("GET", "api/v1/shop/"): 1,
    }
    assert sum(counted(traffic.SECONDS).values()) == 4
    assert set(counted(traffic.MICROSECONDS)) == {words[:2] for words in found}


def test_strangers_make_no_series(client: Client) -> None:
    for number in range(30):
        client.get(f"/nothing-{number}/")
        client.get(f"/api/v1/none-{number}/")
        client.generic(f"ODD{number}", "/api/v1/shop/")
        client.get("/static/none.css", HTTP_X_REQUEST_ID=f"request-{number}")
    assert set(counted(traffic.REQUESTS)) == {
        ("GET", "unknown", "404"),
        ("GET", "^api/", "404"),
        ("other", "api/v1/shop/", "405"),
        ("GET", "static/", "404"),
    }


def test_what_watches_the_shop_is_not_counted(client: Client) -> None:
    client.get("/health/live/")
    client.get("/metrics")
    assert counted(traffic.REQUESTS) == {}


@pytest.mark.parametrize(
    ("seconds", "number"), [(0.0, 0), (0.005, 0), (0.0051, 1), (0.2, 5), (10.0, 10), (10.01, 11), (500.0, 11)]
)
def test_a_class_ends_with_its_bound(seconds: float, number: int) -> None:
    request: HttpRequest = RequestFactory().get("/")
    request.resolver_match = None
    traffic.observe(request, status=200, seconds=seconds)
    assert counted(traffic.SECONDS) == {("GET", "unknown", str(number)): 1}
    assert counted(traffic.MICROSECONDS).get(("GET", "unknown"), 0) == int(seconds * 1_000_000)


def test_counting_costs_some_microseconds_and_asks_nobody(django_assert_num_queries: Any, client: Client) -> None:
    request: Any = client.get("/api/v1/shop/").wsgi_request
    with django_assert_num_queries(0):
        began = time.perf_counter()
        for _ in range(1000):
            traffic.observe(request, status=200, seconds=0.012)
        each = (time.perf_counter() - began) / 1000
    assert each < 0.0005
    assert counted(traffic.REQUESTS)["GET", "api/v1/shop/", "200"] == 1001


def test_a_refusal_is_counted_by_its_code(client: Client) -> None:
    client.get("/api/v1/products/none/")
    client.post("/api/v1/carts/", data="{", content_type="application/json")
    assert counted("refusal") == {("not_found",): 1, ("invalid_request",): 1}
