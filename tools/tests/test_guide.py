"""docs/operations/install.md, followed word by word in a fresh Debian 12 whose first process is systemd."""

import json
import re
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from devstack import processes
from devstack.state import ROOT
from tools import guide

UNITS = ("balcao-web@8000", "balcao-web@8001", "balcao-worker", "balcao-letters", "balcao-beat", "balcao-wal")
SYSTEMD = ROOT / "deploy" / "systemd"
SERVICES = sorted([*SYSTEMD.glob("*.service"), *(ROOT / "deploy" / "pgbackrest").glob("*.service")])
OTHERS = (
    "postgresql", "redis-server", "nginx", "pgbouncer", "balcao-backup.timer", "balcao-physical.timer",
    "prometheus", "prometheus-alertmanager",
)  # fmt: skip
PUBLIC_PORTS = {80, 443}
MOST_EXPOSED = 3.5
PATIENCE = 120.0
PSQL = ("runuser", "--user=postgres", "--", "psql", "--no-align", "--tuples-only", "--command")


def test_the_guide_in_portuguese_has_the_same_commands() -> None:
    told = [block.text for block in guide.blocks()]
    assert len(told) > 10
    assert [block.text for block in guide.blocks(ROOT / "docs" / "pt-br" / "instalacao.md")] == told


def test_an_upgrade_renews_whatever_of_ours_was_put_elsewhere() -> None:
    """Settings that may hold lines of the operator's own are compared instead, or left alone."""
    steps = guide.blocks()
    [upgrade] = [block.text for block in steps if "Upgrading" in block.heading]
    before = "".join(block.text for block in steps if "Upgrading" not in block.heading)
    ours = set(re.findall(r"(?:deploy|\.docker)/[\w./*-]+", before))
    left_alone = {"deploy/bin/balcao", "deploy/redis/balcao.conf", "deploy/pgbouncer/pgbouncer.ini"}
    left_alone |= {"deploy/prometheus/prometheus.yml", "deploy/prometheus/alertmanager.yml"}
    assert ours - left_alone - set(re.findall(r"(?:deploy|\.docker)/[\w./*-]+", upgrade)) == set()


@pytest.mark.parametrize("heading", ["any second", "PgBouncer", "Watched", "Upgrading"])
def test_what_is_done_months_later_needs_nothing_of_the_shell_that_installed(heading: str) -> None:
    [step] = [block.text for block in guide.blocks() if heading in block.heading]
    made = set(re.findall(r"^(?:for )?(\w+)(?==| in )", step, re.MULTILINE))
    assert set(re.findall(r"\$\{?(\w+)", step)) - made == set()
    assert "\ncd /opt/balcao\n" in f"\n{step}"


def test_every_unit_gives_up_what_it_does_not_need() -> None:
    for path in sorted(SYSTEMD.glob("*.service")):
        text = path.read_text()
        wanted = ("User=balcao", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=\n")
        assert [line for line in wanted if line not in text] == [], path


def exposure(told: str) -> float:
    """Return what `systemd-analyze security` gives a service: 0 may do nothing, 10 everything."""
    return float(told.rsplit("Overall exposure level for", 1)[1].split(":")[1].split()[0])


def unit_of(name: str) -> str:
    """Return the unit of a file's name: of a template, an instance."""
    return name.replace("@.", "@8000.")


@pytest.mark.servers
@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_no_service_is_more_exposed_than_it_must(path: Path) -> None:
    words = ["systemd-analyze", "security", "--no-pager", "--offline=true", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert exposure(done.stdout) <= MOST_EXPOSED, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed() -> Iterator[guide.Machine]:
    why_not = guide.missing()
    if why_not:
        pytest.skip(f"the guide cannot be followed here: {why_not}")
    with guide.machine() as there:
        guide.install(there, log=ROOT / "var" / "guide" / "guide.log")
        yield there


@pytest.mark.servers
@pytest.mark.timeout(1800)
def test_an_order_is_placed_through_nginx_and_pgbouncer(installed: guide.Machine) -> None:
    status, order = installed.order("first")
    assert (status, order["status"]) == (201, "confirmed")
    assert "6432" in installed.run("grep", "DATABASE_URL", "/etc/balcao/balcao.env")
    took = sum(installed.seconds.values())
    print(*(f"{seconds:6.0f} s  {heading}" for heading, seconds in installed.seconds.items()), sep="\n")
    assert took < guide.SECONDS


@pytest.mark.servers
@pytest.mark.timeout(1800)
def test_everything_runs_as_its_own_user_and_can_do_little(installed: guide.Machine) -> None:
    for unit in (*UNITS, *OTHERS):  # one that another test has ended is started anew after some seconds
        assert processes.wait_until(partial(is_active, installed, unit), seconds=PATIENCE, every=1), unit
    ours = [unit_of(path.name) for path in sorted(SYSTEMD.iterdir())]
    assert {f"{unit}.service" for unit in UNITS} - set(ours) == {"balcao-web@8001.service"}
    for unit in [name for name in ours if name.endswith(".service")]:
        assert installed.run("systemctl", "show", "--property=User", "--value", unit).strip() == "balcao"
        told = installed.run("systemd-analyze", "security", "--no-pager", unit, check=False)
        assert exposure(told) <= MOST_EXPOSED, told
    told = installed.run("systemd-analyze", "verify", *(f"/etc/systemd/system/{unit}" for unit in ours), check=False)
    assert "balcao" not in told, told


@pytest.mark.servers
@pytest.mark.timeout(1800)
def test_only_the_proxy_is_open_to_others(installed: guide.Machine) -> None:
    ours = installed.run("ss", "--no-header", "--listening", "--tcp", "--numeric", "--processes")
    names = ("nginx", "postgres", "redis-server", "pgbouncer", "python", "prometheus", "prometheus-aler")
    listening = [line.split() for line in ours.splitlines() if any(f'"{name}"' in line for name in names)]
    opened = {int(words[3].rpartition(":")[2]) for words in listening if not words[3].startswith(("127.", "[::1]"))}
    assert opened == PUBLIC_PORTS


@pytest.mark.servers
@pytest.mark.timeout(1800)
def test_nobody_invents_an_address(installed: guide.Machine) -> None:
    assert installed.ask("GET", "/api/v1/shop/", X_Forwarded_For="203.0.113.9")[0] == 200
    told = ""
    for _try in range(20):
        told = installed.run(
            "journalctl", "--unit=balcao-web@*", "--output=cat", "--lines=50", "--grep=/api/v1/shop/", check=False
        )
        if "127.0.0.1" in told:
            break
        time.sleep(0.2)
    assert '"address": "127.0.0.1"' in told
    assert "203.0.113.9" not in told


@pytest.mark.servers
@pytest.mark.timeout(1800)
def test_static_files_come_from_nginx(installed: guide.Machine) -> None:
    status, text, headers = installed.ask("GET", "/static/desk/desk.css")
    assert (status, headers["Cache-Control"]) == (200, "public, max-age=60")
    assert "X-Request-ID" not in headers
    assert headers["Content-Type"].startswith("text/css")
    assert text
    assert installed.ask("GET", "/metrics")[0] == 404


@pytest.mark.servers
@pytest.mark.timeout(1800)
def test_prometheus_reads_the_shop_through_nginx_and_tells_alertmanager(installed: guide.Machine) -> None:
    def is_read() -> bool:
        return [one["health"] for one in prometheus_says(installed, "targets")["activeTargets"]] == ["up"]

    def orders() -> float:
        found = prometheus_says(installed, "query?query=balcao_orders_placed_total")["result"]
        return float(found[0]["value"][1]) if found else 0

    assert processes.wait_until(is_read, seconds=PATIENCE, every=1), prometheus_says(installed, "targets")
    [target] = prometheus_says(installed, "targets")["activeTargets"]
    assert target["scrapeUrl"] == f"https://{guide.HOST}:443/metrics"
    before = orders()
    assert installed.order("watched")[0] == 201
    assert processes.wait_until(lambda: orders() > before, seconds=PATIENCE, every=1)
    rules = [rule for group in prometheus_says(installed, "rules")["groups"] for rule in group["rules"]]
    assert "BalcaoDown" in {rule["name"] for rule in rules}
    [manager] = prometheus_says(installed, "alertmanagers")["activeAlertmanagers"]
    assert manager == {"url": "http://127.0.0.1:9093/api/v2/alerts"}
    secrets = ("/etc/prometheus/balcao-token", "/etc/prometheus/alertmanager.yml")
    kept = installed.run("stat", "--format=%U %G %a", *secrets)
    assert kept.splitlines() == ["root prometheus 640"] * 2


@pytest.mark.servers
@pytest.mark.timeout(1800)
def test_the_backup_was_made_and_proved(installed: guide.Machine) -> None:
    made = installed.run("ls", "/var/lib/balcao/backups/portable").split()
    assert len(made) == 1
    reports = installed.run("ls", "/var/lib/balcao/backups/reports").split()
    assert len([name for name in reports if name.startswith("portable-")]) == 1
    told = installed.run("journalctl", "--unit=balcao-backup", "--output=cat")
    assert "Deactivated successfully" in told
    owner = installed.run("stat", "--format=%U %a", f"/var/lib/balcao/backups/portable/{made[0]}").split()
    assert owner[0] == "balcao"
    assert owner[1][-1] == "0"


@pytest.mark.servers
@pytest.mark.timeout(1800)
def test_any_second_can_be_reached(installed: guide.Machine) -> None:
    """By an order that was placed after the files of the server were copied, and the changes that were received since."""
    assert installed.order("second")[0] == 201
    moment = installed.run("date", "--utc", "+%FT%T.%N+00:00").strip()
    kept = f"from common.backups import state; print(state().changes_until.isoformat() > '{moment}')"
    for _try in range(90):
        if "True" in installed.run("balcao", "shell", "--verbosity", "0", "--command", kept):
            break
        time.sleep(1)
    segments = installed.run("ls", "/var/lib/balcao/backups/wal").split()
    assert segments
    assert {name.rpartition(".")[2] for name in segments} == {"age"}
    assert "Every change is kept" in installed.run("env", "LANG=en_US.UTF-8", "balcao", "doctor", check=False)
    key = "/var/lib/balcao/key.txt"
    installed.run("install", "--owner=balcao", "--mode=400", "/root/backup-key.txt", key)
    installed.run("balcao", "--owner", "verify_backup", "--to", moment, "--identity", key, seconds=900)
    installed.run("rm", key)
    newest = installed.run("ls", "-t", "/var/lib/balcao/backups/reports").split()[0]
    proof = json.loads(installed.run("cat", f"/var/lib/balcao/backups/reports/{newest}"))["proof"]
    assert (proof["kind"], proof["findings"], proof["restored_to"][:19]) == ("physical", [], moment[:19])


def prometheus_says(there: guide.Machine, what: str) -> Any:
    """Ask the Prometheus in there, which begins when it begins."""
    patient = ("--retry", "60", "--retry-delay", "1", "--retry-all-errors")
    answer = there.run("curl", "--silent", "--fail", *patient, f"http://127.0.0.1:9090/api/v1/{what}")
    return json.loads(answer)["data"]


def is_active(there: guide.Machine, unit: str) -> bool:
    return there.run("systemctl", "is-active", unit, check=False).strip() == "active"


def receives(there: guide.Machine) -> bool:
    """Wait for the receiver of changes, which is tried again every ten seconds; say whether it has its slot."""
    slots = "SELECT slot_name, active FROM pg_replication_slots"
    return processes.wait_until(
        lambda: there.run(*PSQL, slots).strip() == "balcao_backup|t", seconds=PATIENCE, every=1
    )  # fmt: skip


@pytest.mark.servers
@pytest.mark.timeout(1800)
def test_another_server_without_our_slot_is_received_from_once_it_has_one(installed: guide.Machine) -> None:
    """As after a failover: the receiver ends, and systemd starts it anew."""
    drop = (
        "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE active_pid IS NOT NULL;"
        "SELECT pg_drop_replication_slot('balcao_backup')"
    )
    assert receives(installed)  # an upgrade may have started it just now
    before = installed.run("systemctl", "show", "--property=MainPID", "--value", "balcao-wal").strip()
    installed.run(*PSQL, drop)
    assert receives(installed)
    assert installed.run("systemctl", "show", "--property=MainPID", "--value", "balcao-wal").strip() != before


@pytest.mark.servers
@pytest.mark.timeout(1800)
def test_a_web_unit_that_hangs_is_started_anew(installed: guide.Machine) -> None:
    """All of it, its parent too: nobody is left in there who could notice."""

    def started() -> str:
        return installed.run("systemctl", "show", "--property=ExecMainStartTimestampMonotonic", "balcao-web@8001")

    before = started()
    installed.run("systemctl", "kill", "--signal=SIGSTOP", "balcao-web@8001")
    began = time.monotonic()
    while started() == before and time.monotonic() - began < 90:
        time.sleep(1)
    assert started() != before
    alive = ("curl", "--silent", "--fail", "--retry", "60", "--retry-delay", "1", "--retry-all-errors")
    assert "ok" in installed.run(*alive, "http://127.0.0.1:8001/health/live/")
    told = installed.run("journalctl", "--unit=balcao-web@8001", "--output=cat")
    assert "Watchdog timeout" in told


@pytest.mark.servers
@pytest.mark.timeout(1800)
def test_nobody_notices_an_upgrade(installed: guide.Machine) -> None:
    over, answers = threading.Event(), Counter[str]()

    def buy(name: str) -> None:
        number = 0
        while not over.is_set():
            number += 1
            status, body = installed.order(f"{name}-{number}")
            answers[str(status) if status == 201 else f"{status} {body}"] += 1
            over.wait(1.7)  # one address may order 120 times a minute

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(buy, f"buyer-{number}") for number in range(3)]
        try:
            guide.upgrade(installed, log=ROOT / "var" / "guide" / "upgrade.log")
        finally:
            over.set()
        for one in running:
            one.result(timeout=60)
    assert set(answers) == {"201"}, answers
    assert answers["201"] > 10
    assert "ok" in installed.run("balcao", "check_integrity", "--json")
