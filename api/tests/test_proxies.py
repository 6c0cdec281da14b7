"""A request through more or fewer proxies than configured is noticed, and its header never believed."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from api import proxies
from api.tests.test_health import both_workers_beat
from common.testing import Lines

pytestmark = [pytest.mark.django_db, pytest.mark.fault("F8")]

PAGE = "/api/docs/"


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    proxies.watch.forget()
    yield
    proxies.watch.forget()


def addresses(lines: Lines) -> list[str]:
    return [line["address"] for line in lines.of("requests")]


def told(lines: Lines) -> list[tuple[str, int, int]]:
    return [(line["event"], line["count"], line["expected"]) for line in lines.of("security")]


def ready(client: Client) -> tuple[str, str]:
    body = client.get("/health/ready/").json()
    return body["status"], body["checks"]["proxies"]


@pytest.mark.parametrize(
    ("trusted", "forwarded", "believed"),
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6", "127.0.0.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
    ],
)
def test_another_number_of_proxies_is_told_and_what_a_client_invents_is_not_believed(
    client: Client, log_lines: Lines, settings: Settings, trusted: int, forwarded: str, believed: str
) -> None:
    settings.TRUSTED_PROXIES = trusted
    both_workers_beat()
    given = {"X-Forwarded-For": forwarded} if forwarded else {}
    for _number in range(3):
        client.get(PAGE, headers=given)
    found = len(forwarded.split(",")) if forwarded else 0
    assert told(log_lines) == [("proxies_differ", found, trusted)]
    assert addresses(log_lines) == [believed] * 3
    assert ready(client) == ("degraded", "differ")


def test_as_configured_is_no_news(client: Client, log_lines: Lines, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    both_workers_beat()
    client.get(PAGE, HTTP_X_FORWARDED_FOR="198.51.100.1")
    assert told(log_lines) == []
    assert ready(client) == ("ok", "ok")


def test_a_few_inventors_do_not_degrade_the_shop(client: Client, log_lines: Lines, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    both_workers_beat()
    for forwarded in ("198.51.100.1", "198.51.100.1", "6.6.6.6, 198.51.100.2", "198.51.100.1"):
        client.get(PAGE, HTTP_X_FORWARDED_FOR=forwarded)
    assert told(log_lines) == [("proxies_differ", 2, 1)]
    assert ready(client) == ("ok", "ok")


def test_who_asks_after_the_process_itself_need_not_pass_the_proxy(
    client: Client, log_lines: Lines, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = 1
    client.get("/health/live/")
    client.get("/health/ready/")
    assert told(log_lines) == []
