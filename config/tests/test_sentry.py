"""Accidents told to a Sentry over real HTTP: enough to find them by, and nothing of a person."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from django.db import connection

from common.tests.sentry import StandIn, stand_in
from config.celery import app
from config.tests.test_serve import answers
from config.tests.test_settings import load
from devstack import ports, processes, state
from devstack.servers import ValkeyServer
from operations.scratch import url_of

PERSON = {"name": "Zuleica Quaresma", "email": "zuleica@quaresma.example", "phone": "+5511987650123"}
TOKEN = "canario0123456789canario0123456789canario01"
CPF = "529.982.247-25"
CANARIES = ("zuleica", "quaresma", "987650123", "canario", CPF, "203.0.113.77")
HEADERS = {
    "Authorization": f"Order {TOKEN}",
    "Cookie": f"balcao_refresh={TOKEN}",
    "Referer": f"https://shop.example/pedido/A1?access_token={TOKEN}",
    "X-Forwarded-For": "203.0.113.77",
    "X-Note": f"{PERSON['name']}, {CPF}",
    "User-Agent": "Zuleica's telephone",
}


@pytest.fixture
def sentry() -> Iterator[StandIn]:
    with stand_in() as opened:
        yield opened


@contextmanager
def running(*words: str, told: bool = False, **environment: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of the shop whose views and tasks fail; `told`: read what it logs."""
    named = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.tests.failing_settings", "LOG_LEVEL": "CRITICAL"}
    stderr = subprocess.PIPE if told else None
    process = subprocess.Popen(
        [sys.executable, "-m", *words], cwd=state.ROOT, env={**named, **environment}, stderr=stderr
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def ask(port: int, method: str, path: str, body: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Return the status and the id of the request."""
    client = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=10)
    try:
        sent = {"Host": "localhost", **HEADERS} | ({"Content-Type": "application/json"} if body else {})
        client.request(method, path, body=json.dumps(body) if body else None, headers=sent)
        answer = client.getresponse()
        return answer.status, answer.headers["X-Request-ID"]
    finally:
        client.close()


def tells_nothing_of_a_person(sentry: StandIn) -> bool:
    told = "\n".join(sentry.envelopes).casefold()
    return not [canary for canary in CANARIES if canary in told]


@pytest.mark.django_db(transaction=True)
def test_a_view_that_fails_is_told_with_its_request_and_nothing_of_a_person(sentry: StandIn) -> None:
    port = ports.free_port()
    serve = ("config.serve", "--port", str(port), "--processes", "1", "--threads", "2")
    address = f"?name={quote(PERSON['name'])}&access_token={TOKEN}"
    database = url_of(str(connection.settings_dict["NAME"]))
    with running(*serve, SENTRY_DSN=sentry.dsn, SENTRY_ENVIRONMENT="trying", DATABASE_URL=database):
        assert processes.wait_until(lambda: answers(port), seconds=60)
        status, first = ask(port, "POST", f"/api/v1/failing/{address}", PERSON)
        assert status == 500
        assert len(sentry.events(wanted=1)) == 1
        assert ask(port, "GET", f"/refused/{address}")[0] == 503
        assert ask(port, "GET", "/api/v1/products/nothing-of-that-name/")[0] == 404
        status, second = ask(port, "GET", f"/failing/{TOKEN}/{address}")
        assert status == 500
        called, paged = sentry.events(wanted=2)
    assert len(sentry.envelopes) == 2, "what is no accident was told, or one twice"
    assert tells_nothing_of_a_person(sentry)
    assert called["tags"] == {"request_id": first}
    assert [one["type"] for one in called["exception"]["values"]] == ["KeyError", "ValueError"]
    assert called["transaction"].startswith("config.tests.failing.")
    assert called["request"] == {"method": "POST"}
    assert (called["environment"], called["release"]) == ("trying", "balcao@0.1.0")
    last = called["exception"]["values"][0]["stacktrace"]["frames"][-1]
    assert (last["function"], last["context_line"]) == ("_greeting", "    return told[email]")
    assert not any("vars" in frame for one in called["exception"]["values"] for frame in one["stacktrace"]["frames"])
    assert paged["tags"] == {"request_id": second, "sqlstate": "22P02"}
    assert paged["exception"]["values"][-1]["type"] == "DataError"


def test_a_task_that_fails_is_told_with_the_request_that_woke_it(sentry: StandIn, redis_server: ValkeyServer) -> None:
    worker = ("celery", "--app", "config", "worker", "--pool", "prefork", "--concurrency", "1", "--queues", "failing",
              "--without-gossip", "--without-mingle", "--include", "config.tests.failing", "--loglevel", "CRITICAL")  # fmt: skip
    made = app.__class__("test", set_as_current=False)
    made.conf.update(broker_url=f"{redis_server.url.rsplit('/', 1)[0]}/1", task_ignore_result=True)
    with structlog.contextvars.bound_contextvars(request_id="request-12345"):
        for name, words in (("fails", [PERSON["name"], PERSON["email"]]), ("slips", [PERSON["name"]])):
            made.send_task(f"config.tests.failing.{name}", args=words, queue="failing")
    with running(*worker, SENTRY_DSN=sentry.dsn, REDIS_URL=redis_server.url):
        failed, slipped = sentry.events(wanted=2)
    assert len(sentry.envelopes) == 2
    assert tells_nothing_of_a_person(sentry)
    assert failed["tags"]["request_id"] == slipped["tags"]["request_id"] == "request-12345"
    assert failed["tags"]["task_id"] != slipped["tags"]["task_id"]
    assert failed["transaction"] == "config.tests.failing.fails"
    assert failed["exception"]["values"][-1]["value"] == "(what it says stands in the shop's log)"
    assert slipped["exception"]["values"][-1]["value"] == "'str' object has no attribute 'nothing_of_that_name'"


def test_without_an_address_nothing_of_it_is_loaded() -> None:
    code = "import django, sys; django.setup(); print('sentry_sdk' in sys.modules)"
    assert load(code=code, module="offline").stdout == "False\n"
    dsn = "http://0123456789abcdef0123456789abcdef@127.0.0.1:9/1"
    assert load(code=code, module="offline", SENTRY_DSN=dsn).stdout == "True\n"
