"""A real Prometheus, with the files of deploy/prometheus, over a shop that runs: no panel is empty."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml

from devstack import ports, processes, shop, standby, state, throwaway
from operations.tests.test_watching import DASHBOARD, DEPLOY, RECORDED

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

TOKEN = "a-token-that-is-long-enough-for-a-test"
RATE = "60s"
ROUNDS = 20
PROMETHEUS, PROMTOOL = shutil.which("prometheus"), shutil.which("promtool")


@pytest.fixture(scope="module")
def a_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[shop.Place]:
    """The demonstration, with web, worker and beat, and a replica that is read."""
    var = tmp_path_factory.mktemp("shop")
    place = shop.Place(ports.LOOPBACK, ports.free_port())
    with ExitStack() as stack:
        servers, memory = stack.enter_context(standby.pair(synchronous=False)), throwaway.valkey()
        stack.callback(memory.destroy)
        memory.start()
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
        made = shop.environment(kept, database_url=servers.url, redis_url=memory.url, place=place, var=var)
        made |= {"DATABASE_REPLICA_URL": servers.url, "METRICS_TOKEN": TOKEN, "LOG_LEVEL": "ERROR"}
        for words in (["migrate", "--verbosity", "0"], ["seed_demo"]):
            subprocess.run([sys.executable, "manage.py", *words], cwd=state.ROOT, env=made, check=True, timeout=400)
        for service in shop.services(environment=made, place=place, var=var):
            stack.enter_context(_running(service.command, environment=made))
        assert processes.wait_until(lambda: shop.is_ready(place), seconds=90)
        yield place


@pytest.fixture(scope="module")
def prometheus(a_shop: shop.Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Prometheus as deploy/prometheus configures it, but for its places and its haste; the port it answers at."""
    assert PROMETHEUS, "apt-get install prometheus"
    home, port = tmp_path_factory.mktemp("prometheus"), ports.free_port()
    options: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    (home / "token").write_text(TOKEN)
    options["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    options["rule_files"] = [str(DEPLOY / "prometheus" / name) for name in options["rule_files"]]
    [job] = options["scrape_configs"]
    job["scheme"], job["authorization"]["credentials_file"] = "http", str(home / "token")
    job["static_configs"] = [{"targets": [f"{a_shop.host}:{a_shop.port}"]}]
    (home / "prometheus.yml").write_text(yaml.safe_dump(options))
    words = [
        PROMETHEUS, f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/data",
        f"--web.listen-address={ports.LOOPBACK}:{port}", "--log.level=error",
    ]  # fmt: skip
    with _running(words, environment=dict(os.environ)):
        assert processes.wait_until(lambda: _scraped(port), seconds=60)
        _visit(a_shop)
        assert processes.wait_until(lambda: len(_recorded(port)) == len(RECORDED), seconds=60), _recorded(port)
        yield port


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


@pytest.mark.parametrize(
    "words",
    [
        ["check", "rules", "rules/balcao.yml"],
        ["check", "config", "--syntax-only", "prometheus.yml"],
        ["test", "rules", "tests.yml", "tests_of_days.yml"],
    ],
    ids=" ".join,
)
def test_promtool_agrees(words: list[str]) -> None:
    assert PROMTOOL, "apt-get install prometheus"
    done = subprocess.run(
        [PROMTOOL, *words], cwd=DEPLOY / "prometheus", capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_finds_nothing_to_say_about_the_figures(a_shop: shop.Place, tmp_path: Path) -> None:
    assert PROMTOOL, "apt-get install prometheus"
    client = http.client.HTTPConnection(a_shop.host, a_shop.port, timeout=20)
    client.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    text = client.getresponse().read()
    client.close()
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, timeout=60, check=False)
    said = [line for line in done.stderr.decode().splitlines() if not re.search(r"cardinality", line)]
    assert (done.returncode, said) == (0, [])
