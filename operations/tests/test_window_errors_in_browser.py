"""Accidents of the window, told to a Sentry from the production build: enough to find them by, and nothing of a person."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pytest_django import Settings

from common.tests.sentry import StandIn, stand_in
from operations.tests.buyer import Buyer, buys_a_cake
from operations.tests.test_window_in_browser import buyer

__all__ = ["buyer"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

TYPED = {
    "Nome completo": "Zuleica Quaresma",
    "E-mail": "zuleica@quaresma.example",
    "Celular": "11 98765-0123",
    "CPF": "529.982.247-25",
}
TOKEN = "canario0123456789canario0123456789canario01"
CANARIES = ("zuleica", "quaresma", "98765", "0123-", "529.982", "52998224725", "canario", "access_token", "a1b2c3")
THROWN = """
(() => {
  const person = %s;
  setTimeout(() => {
    throw new TypeError(`${person.join(", ")}; (11) 98765-0123; 52998224725; Zuleica saw `
      + `${location.origin}/pedido/A1B2C3?access_token=%s#%s and Bearer %s`);
  }, 0);
  setTimeout(() => JSON.parse(person[0] + " Quaresma"), 0);
  Promise.reject({ person });
})()
"""
LOADED = "performance.getEntriesByType('resource').map((one) => one.name).filter((name) => /sentry/.test(name))"
AT_REST = "new Promise((done) => setTimeout(done, 4000))"


@pytest.fixture
def sentry(settings: Settings) -> Iterator[StandIn]:
    with stand_in() as opened:
        yield opened


def types_it_all(buyer: Buyer) -> None:
    buys_a_cake(buyer)
    buyer.taps("a", "Finalizar pedido")
    for label, text in TYPED.items():
        buyer.types(label, text)


def throws(buyer: Buyer) -> None:
    buyer.tab.run(THROWN % (json.dumps(list(TYPED.values())), TOKEN, TOKEN, TOKEN))


def said_of(event: Any) -> str:
    """Return the words of an event's error."""
    return str(event["exception"]["values"][0]["value"])


def test_accidents_of_page_and_shop_are_told_without_what_was_typed(
    buyer: Buyer, sentry: StandIn, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SENTRY_WINDOW_DSN = sentry.dsn
    asked: list[str] = []

    def fails(request: object) -> Any:
        asked.append(structlog.contextvars.get_contextvars()["request_id"])
        raise RuntimeError("the shop has an accident")

    monkeypatch.setattr("orders.views.actor_of", fails)
    types_it_all(buyer)
    buyer.taps(".pick", "Na loja")
    buyer.taps("button", "Confirmar pedido")
    buyer.sees("[role=alert]")
    throws(buyer)
    events = sentry.events(wanted=4)  # which arrive in any order
    [answered] = [event for event in events if said_of(event) == "POST /api/v1/orders/ 500"]
    thrown = [event for event in events if event is not answered]
    told = "\n".join(sentry.envelopes)
    assert [canary for canary in CANARIES if canary in told.casefold()] == [], told
    assert str(buyer.tab.run("localStorage['balcao.cart']")) not in told
    assert [event["tags"] for event in (answered, *thrown)] == [{"request_id": asked[0]}] * 4
    assert {event["exception"]["values"][0]["type"] for event in thrown} == {"TypeError", "SyntaxError", "Error"}
    said = {f"{crumb['message']} {crumb['data']['request_id']}" for crumb in thrown[0]["breadcrumbs"]}
    assert f"POST /api/v1/orders/ 500 {asked[0]}" in said
    assert answered["request"]["url"] == f"{buyer.url}/finalizar"
    assert answered["release"] == settings.RELEASE
    assert all("user" not in event and event["sdk"]["settings"]["infer_ip"] == "never" for event in (answered, *thrown))
    assert len(buyer.tab.run(LOADED)) > 0


def test_a_page_at_rest_tells_nothing(buyer: Buyer, sentry: StandIn, settings: Settings) -> None:
    settings.SENTRY_WINDOW_DSN = sentry.dsn
    buyer.open("/")
    buyer.sees(".card", "Bolo de cenoura")
    buyer.tab.run(AT_REST)
    assert len(buyer.tab.run(LOADED)) > 0
    assert sentry.asked == []


def test_without_an_address_nothing_is_loaded_and_nothing_leaves(buyer: Buyer, sentry: StandIn) -> None:
    types_it_all(buyer)
    throws(buyer)
    buyer.tab.run(AT_REST)
    assert buyer.tab.run(LOADED) == []
    origins = buyer.tab.run(
        "[...new Set(performance.getEntriesByType('resource').map((one) => new URL(one.name).origin))]"
    )
    assert origins == [buyer.url]
    assert sentry.asked == []
