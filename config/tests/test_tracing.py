"""Spans sent to a collector over real OTLP/HTTP: what took how long under which request, and nothing of a person."""

import http.client
import signal
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from common.tests.collector import Collector, Told, collector
from config.tests.test_sentry import CANARIES, PERSON, TOKEN, ask, running
from config.tests.test_serve import answers
from config.tests.test_settings import load
from devstack import ports, processes
from devstack.servers import ValkeyServer
from operations.scratch import url_of

STRANGER = "0af7651916cd43dd8448eb211c80319c"
ADDRESS = f"?name={quote(PERSON['name'])}&access_token={TOKEN}"
WORKER = (
    "celery", "--app", "config", "worker", "--pool", "prefork", "--concurrency", "1", "--queues", "failing,heavy",
    "--without-gossip", "--without-mingle", "--include", "config.tests.failing", "--loglevel", "CRITICAL",
)  # fmt: skip


@pytest.fixture
def opened() -> Iterator[Collector]:
    with collector() as found:
        yield found


def serving(port: int) -> tuple[str, ...]:
    return ("config.serve", "--port", str(port), "--processes", "1", "--threads", "2")


def of(opened: Collector, request_id: str) -> list[Told]:
    return [told for told in opened.all() if told.says.get("balcao.request_id") == request_id]


def tells_nothing_of_a_person(opened: Collector) -> bool:
    told = "\n".join([*opened.heads, *(body.decode("utf-8", "replace") for body in opened.bodies)]).casefold()
    return not [canary for canary in (*CANARIES, STRANGER) if canary in told]


@pytest.mark.django_db(transaction=True)
def test_a_request_and_its_statements_are_told_with_its_id_and_nothing_of_a_person(opened: Collector) -> None:
    port = ports.free_port()
    database = url_of(str(connection.settings_dict["NAME"]))
    named: dict[str, Any] = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": opened.endpoint,
        "OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20key",
    }
    with running(*serving(port), DATABASE_URL=database, SENTRY_ENVIRONMENT="trying", **named) as web:
        assert processes.wait_until(lambda: answers(port), seconds=60)
        status, called = ask(port, "POST", f"/api/v1/failing/{ADDRESS}", PERSON)
        assert status == 500
        status, paged = ask(port, "GET", f"/failing/{TOKEN}/{ADDRESS}")
        assert status == 500
        assert ask(port, "GET", f"/{TOKEN}/{ADDRESS}")[0] == 404
        client = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=10)
        client.request(
            "GET", "/api/v1/shop/", headers={"Host": "localhost", "traceparent": f"00-{STRANGER}-b7ad6b7169203331-01"}
        )
        looked = str(client.getresponse().headers["X-Request-ID"])
        client.close()
        assert ask(port, "GET", "/health/ready/")[0] in (200, 503)
        web.send_signal(signal.SIGTERM)  # what waits is sent before it ends
        web.wait(30)
    assert tells_nothing_of_a_person(opened)
    assert all("x-key: a key" in head for head in opened.heads)
    assert opened.heads[0].startswith("POST /v1/traces ")
    [failed] = of(opened, called)
    assert (failed.name, failed.is_error, failed.parent) == ("POST api/v1/failing/", True, "")
    assert failed.says == {
        "http.request.method": "POST", "http.route": "api/v1/failing/", "http.response.status_code": 500,
        "balcao.request_id": called,
    }  # fmt: skip
    assert failed.whose.pop("service.instance.id")  # of this process, and of nobody
    assert failed.whose == {
        "service.name": "balcao", "service.version": "0.1.0", "deployment.environment.name": "trying",
    }  # fmt: skip
    page, *statements = sorted(of(opened, paged), key=lambda told: told.parent)
    assert page.name == "GET failing/<str:token>/"
    assert {told.parent for told in statements} == {page.id}
    assert {told.trace for told in statements} == {page.trace}
    written, refused = (
        told for text in ("SELECT ?", "SELECT %s::int") for told in statements if told.says["db.query.text"] == text
    )
    assert not written.is_error
    assert (refused.is_error, refused.says["error.type"], refused.says["db.operation.name"]) == (
        True,
        "22P02",
        "SELECT",
    )
    assert [told.says["http.route"] for told in opened.all() if told.name == "GET unknown"] == ["unknown"]
    assert {told.parent for told in of(opened, looked) if "http.route" in told.says} == {""}
    assert not [told for told in opened.all() if "health" in told.name]


@pytest.mark.django_db(transaction=True)
def test_a_task_stands_in_the_trace_of_the_request_that_asked_for_it(
    opened: Collector, redis_server: ValkeyServer
) -> None:
    port = ports.free_port()
    database = url_of(str(connection.settings_dict["NAME"]))
    named: dict[str, Any] = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": opened.endpoint, "REDIS_URL": redis_server.url, "DATABASE_URL": database,
    }  # fmt: skip
    with running(*serving(port), **named), running(*WORKER, **named):
        assert processes.wait_until(lambda: answers(port), seconds=60)
        status, asked = ask(port, "GET", f"/asking/{ADDRESS}")
        assert status == 200
        [task] = opened.spans(named="config.tests.failing.slips")
        [request] = opened.spans(named="GET asking/")
        statements = [told for told in opened.spans(named="SELECT") if told.parent == task.id]
    assert (task.trace, task.parent) == (request.trace, request.id)
    assert task.is_error
    assert task.says.pop("balcao.task_id")
    assert task.says == {
        "celery.task_name": "config.tests.failing.slips", "balcao.request_id": asked, "error.type": "AttributeError",
    }  # fmt: skip
    assert {(told.trace, told.says["balcao.request_id"]) for told in statements} == {(request.trace, asked)}
    assert "SELECT %s" in [told.says["db.query.text"] for told in statements]
    assert tells_nothing_of_a_person(opened)


def test_a_share_of_nothing_sends_nothing_and_a_collector_that_refuses_costs_two_lines(opened: Collector) -> None:
    port = ports.free_port()
    named: dict[str, Any] = {"OTEL_EXPORTER_OTLP_ENDPOINT": opened.endpoint, "LOG_LEVEL": "INFO"}
    with running(*serving(port), **named, OTEL_TRACES_SAMPLER_ARG="0"):
        assert processes.wait_until(lambda: answers(port), seconds=60)
        assert ask(port, "GET", "/api/v1/nothing/")[0] == 404
    assert opened.heads == []
    opened.is_well = False
    with running(*serving(port), told=True, **named) as web:
        assert processes.wait_until(lambda: answers(port), seconds=60)
        for times in (1, 2):
            assert ask(port, "GET", "/api/v1/nothing/")[0] == 404
            assert opened.asked(times=times) == times
        opened.is_well = True
        assert ask(port, "GET", "/api/v1/nothing/")[0] == 404
        web.send_signal(signal.SIGTERM)
        told = web.communicate(timeout=30)[1].decode()
    assert (told.count("traces_not_taken"), told.count("traces_taken_again")) == (1, 1)
    assert "opentelemetry" not in told


def test_without_a_collector_nothing_of_it_is_loaded() -> None:
    """redis-py looks by itself whether OpenTelemetry is there; what sends, and what writes spans, is loaded by nobody."""
    parts = ("common.telemetry", "opentelemetry.exporter", "opentelemetry.sdk.trace", "google.protobuf")
    loaded = f"[part in sys.modules for part in {parts}]"
    code = f"import django, sys; django.setup(); print(len(settings.MIDDLEWARE), *{loaded})"
    without = load(code=code, module="offline").stdout.split()
    assert without[1:] == ["False"] * len(parts)
    named = load(code=code, module="offline", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9").stdout.split()
    assert named == [str(int(without[0]) + 1), *["True"] * len(parts)]
