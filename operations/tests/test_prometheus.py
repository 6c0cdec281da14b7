"""A real Prometheus, with the files of deploy/prometheus, over a shop that runs: no panel is empty, no alert unheard."""

import copy
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from email import message_from_string, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml

from common.tests.mail_server import MailServer, mail_server
from devstack import ports, processes, shop, standby, state, throwaway
from operations.tests.test_watching import ALERTMANAGER, ALERTS, DASHBOARD, DEPLOY, PROMETHEUS, RECORDED, RULES

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

TOKEN = "a-token-that-is-long-enough-for-a-test"
RATE = "60s"
ROUNDS = 20


@pytest.fixture(scope="module")
def a_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[shop.Place]:
    """The demonstration, with web, worker and beat, and a replica that is read."""
    var = tmp_path_factory.mktemp("shop")
    place = shop.Place(ports.LOOPBACK, ports.free_port())
    with ExitStack() as stack:
        servers, memory = stack.enter_context(standby.pair(synchronous=False)), throwaway.valkey()
        stack.callback(memory.destroy)
        memory.start()
        made = shop.environment(
            shop.bare_environment(), database_url=servers.url, redis_url=memory.url, place=place, var=var
        )
        made |= {"DATABASE_REPLICA_URL": servers.url, "METRICS_TOKEN": TOKEN, "LOG_LEVEL": "ERROR"}
        for words in (["migrate", "--verbosity", "0"], ["seed_demo"]):
            subprocess.run([sys.executable, "manage.py", *words], cwd=state.ROOT, env=made, check=True, timeout=400)
        for service in shop.services(environment=made, place=place, var=var):
            stack.enter_context(_running(service.command, environment=made))
        assert processes.wait_until(lambda: shop.is_ready(place), seconds=90)
        yield place


@pytest.fixture(scope="module")
def prometheus(a_shop: shop.Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Prometheus over the shop, after a visit; the port it answers at."""
    rules = DEPLOY / "prometheus" / "rules" / "balcao.yml"
    with _watching(a_shop, home=tmp_path_factory.mktemp("prometheus"), rules=rules, told=ports.free_port()) as port:
        assert processes.wait_until(lambda: _scraped(port), seconds=60)
        _visit(a_shop)
        assert processes.wait_until(lambda: len(_recorded(port)) == len(RECORDED), seconds=60), _recorded(port)
        yield port


@contextmanager
def _watching(place: shop.Place, *, home: Path, rules: Path, told: int) -> Iterator[int]:
    """Run Prometheus as deploy/prometheus configures it, but for its places and its haste; give the port it answers at.

    Alerts go to the port `told`.
    """
    port, options = ports.free_port(), copy.deepcopy(PROMETHEUS)
    (home / "token").write_text(TOKEN)
    options["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    options["rule_files"] = [str(rules)]
    [job], [manager] = options["scrape_configs"], options["alerting"]["alertmanagers"]
    job["scheme"], job["authorization"]["credentials_file"] = "http", str(home / "token")
    job["static_configs"] = [{"targets": [f"{place.host}:{place.port}"]}]
    manager["static_configs"] = [{"targets": [f"{ports.LOOPBACK}:{told}"]}]
    (home / "prometheus.yml").write_text(yaml.safe_dump(options))
    words = [
        _program("prometheus"), f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/data",
        f"--web.listen-address={ports.LOOPBACK}:{port}", "--log.level=error",
    ]  # fmt: skip
    with _running(words, environment=dict(os.environ)):
        yield port


@contextmanager
def _alertmanager(*, home: Path, port: int, letters: MailServer) -> Iterator[None]:
    """Run Alertmanager as deploy/prometheus configures it, but for its mail server, which has no TLS, and its haste."""
    options = copy.deepcopy(ALERTMANAGER)
    options["global"] |= {"smtp_smarthost": f"{ports.LOOPBACK}:{letters.port}", "smtp_require_tls": False}
    options["route"] |= {"group_wait": "1s", "group_interval": "1s"}
    (home / "alertmanager.yml").write_text(yaml.safe_dump(options))
    words = [
        _program("prometheus-alertmanager"), f"--config.file={home}/alertmanager.yml", f"--storage.path={home}/alerts",
        f"--web.listen-address={ports.LOOPBACK}:{port}", "--cluster.listen-address=", "--log.level=warn",
    ]  # fmt: skip
    with _running(words, environment=dict(os.environ)):
        yield


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} missing: apt-get install prometheus prometheus-alertmanager"
    return found


@contextmanager
def _running(command: Sequence[str | Path], *, environment: dict[str, str]) -> Iterator[None]:
    process = processes.spawn([str(word) for word in command], environment=environment)
    try:
        yield
    finally:
        processes.end(process, politely=signal.SIGTERM, seconds=20)


def _ask(port: int, query: str) -> list[Any]:
    client = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=20)
    try:
        client.request("GET", f"/api/v1/query?{urlencode({'query': query})}")
        answer = json.loads(client.getresponse().read())
    finally:
        client.close()
    assert answer["status"] == "success", (query, answer)
    found: list[Any] = answer["data"]["result"]
    return found


def _scraped(port: int) -> bool:
    try:
        return bool(_ask(port, 'up{job="balcao"} == 1'))
    except (OSError, ValueError):  # not there yet, or not ready
        return False


def _recorded(port: int) -> list[Any]:
    return [name for name in RECORDED if _ask(port, name)]


def _visit(place: shop.Place) -> None:
    """Look around for some seconds, so that Prometheus sees counts grow."""
    for _round in range(ROUNDS):
        for path in ("/api/v1/shop/", "/api/v1/products/", "/api/v1/products/none/", "/admin/login/", "/"):
            client = http.client.HTTPConnection(place.host, place.port, timeout=20)
            client.request("GET", path)
            client.getresponse().read()
            client.close()
        time.sleep(0.5)


def _panels() -> list[tuple[str, str]]:
    return [
        (panel["title"], target["expr"].replace("$__rate_interval", RATE))
        for panel in DASHBOARD["panels"]
        for target in panel.get("targets", ())
    ]


def _empty(port: int) -> list[tuple[str, str]]:
    return [(title, query) for title, query in _panels() if not _ask(port, query)]


def test_no_panel_is_empty(prometheus: int) -> None:
    processes.wait_until(lambda: not _empty(prometheus), seconds=180)  # workers begin when they begin
    assert _empty(prometheus) == []
    nothing = [title for title, query in _panels() if all(one["value"][1] == "NaN" for one in _ask(prometheus, query))]
    assert nothing == []


def test_figures_are_those_of_the_shop(prometheus: int) -> None:
    [placed] = _ask(prometheus, "balcao_orders_placed_total")
    assert int(placed["value"][1]) > 0
    served = f'sum(balcao_http_requests_total{{route="api/v1/products/<slug:slug>/"}}) == {ROUNDS}'
    assert processes.wait_until(lambda: bool(_ask(prometheus, served)), seconds=30)  # told by two web processes
    assert processes.wait_until(
        lambda: bool(_ask(prometheus, 'balcao_reads_total{database="replica"} > 0')), seconds=30
    )
    assert _ask(prometheus, 'balcao_refusals_total{code="not_found"}')
    assert _ask(prometheus, 'balcao_tasks_total{task="common.tasks.relay_outbox",outcome="done"}')
    assert not _ask(prometheus, '{__name__=~"balcao_.*", route=~".*none.*"}')


def test_every_rule_is_evaluated_and_the_running_shop_alarms_nobody(prometheus: int) -> None:
    client = http.client.HTTPConnection(ports.LOOPBACK, prometheus, timeout=20)
    client.request("GET", "/api/v1/rules")
    groups = json.loads(client.getresponse().read())["data"]["groups"]
    client.close()
    rules = [rule for group in groups for rule in group["rules"]]
    assert [rule["name"] for rule in rules if rule["health"] != "ok"] == []
    assert [one["metric"]["alertname"] for one in _ask(prometheus, 'ALERTS{alertstate="firing",severity="page"}')] == []


def test_an_alert_becomes_a_letter_to_who_is_on_duty_and_its_end_another(tmp_path: Path) -> None:
    """With a shop that is away, and then one that answers; every alert is as it is, but in seconds instead of minutes."""
    hasty, place = copy.deepcopy(RULES), shop.Place(ports.LOOPBACK, ports.free_port())
    for rule in (rule for group in hasty["groups"] for rule in group["rules"] if "for" in rule):
        rule["for"] = "2s"
    rules, told = tmp_path / "rules.yml", ports.free_port()
    rules.write_text(yaml.safe_dump(hasty))
    [away] = [alert for alert in ALERTS if alert["alert"] == "BalcaoDown"]
    with (
        mail_server() as letters,
        _alertmanager(home=tmp_path, port=told, letters=letters),
        _watching(place, home=tmp_path, rules=rules, told=told),
    ):
        assert processes.wait_until(lambda: bool(_about(letters, "[FIRING:1] BalcaoDown")), seconds=60)
        with _answering(place):
            assert processes.wait_until(lambda: bool(_about(letters, "[RESOLVED] BalcaoDown")), seconds=120)
    [fired, *_others] = _about(letters, "[FIRING:1] BalcaoDown")
    letter = message_from_string(fired, policy=policy.default)
    [receiver] = ALERTMANAGER["receivers"]
    assert (letter["To"], letter["From"]) == (receiver["email_configs"][0]["to"], ALERTMANAGER["global"]["smtp_from"])
    body = letter.get_body(("html",))
    assert body is not None
    text = body.get_content()
    assert away["annotations"]["summary"] in text
    assert away["annotations"]["runbook"] in text


def _about(letters: MailServer, subject: str) -> list[str]:
    return [text for text in letters.letters if f"\nSubject: {subject}" in f"\n{text}"]


@contextmanager
def _answering(place: shop.Place) -> Iterator[None]:
    """Answer at the shop's place, with one figure."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"balcao_orders_placed_total 1\n")

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((place.host, place.port), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


@pytest.mark.parametrize(
    "words",
    [
        ["promtool", "check", "rules", "rules/balcao.yml"],
        ["promtool", "check", "config", "--syntax-only", "prometheus.yml"],
        ["promtool", "test", "rules", "tests.yml", "tests_of_days.yml"],
        ["amtool", "check-config", "alertmanager.yml"],
    ],
    ids=" ".join,
)
def test_their_own_tools_agree(words: list[str]) -> None:
    command = [_program(words[0]), *words[1:]]
    done = subprocess.run(command, cwd=DEPLOY / "prometheus", capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_finds_nothing_to_say_about_the_figures(a_shop: shop.Place, tmp_path: Path) -> None:
    client = http.client.HTTPConnection(a_shop.host, a_shop.port, timeout=20)
    client.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    text = client.getresponse().read()
    client.close()
    command = [_program("promtool"), "check", "metrics"]
    done = subprocess.run(command, input=text, capture_output=True, timeout=60, check=False)
    said = [line for line in done.stderr.decode().splitlines() if not re.search(r"cardinality", line)]
    assert (done.returncode, said) == (0, [])
