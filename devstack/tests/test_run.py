"""`make run` as a person meets it: one process that opens the whole shop, mends it, and leaves nothing behind."""

import functools
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from devstack import ports, processes, report, state
from operations.demo.logins import DEMO_LOGINS


@dataclass
class Run:
    """A supervisor on a data directory and a port of its own, and what it has printed so far."""

    var: Path
    port: int
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def read_until(self, text: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if text in line:
                return
        raise AssertionError("\n".join(self.lines))

    def readiness(self) -> dict[str, object]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready/", timeout=10) as answer:
            found: dict[str, object] = json.load(answer)
        return found

    def child(self, *words: str) -> int:
        """The first process of the family whose command line has all the words."""
        for pid in processes.family(self.process.pid):
            if all(word in processes.command_line(pid) for word in words):
                return pid
        raise AssertionError(words)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with opened(tmp_path / "var") as shop:
        yield shop


@contextmanager
def opened(var: Path, *words: str, **variables: str) -> Iterator[Run]:
    kept = {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR"}
    port = ports.free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "devstack", "run", "--end-with-parent", "--var", str(var), *words],
        cwd=state.ROOT,
        env={key: value for key, value in os.environ.items() if key in kept} | {"PORT": str(port)} | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Run(var=var, port=port, process=process)
    finally:
        process.kill()
        process.communicate(timeout=30)


@pytest.mark.timeout(420)
def test_the_shop_opens_mends_itself_and_leaves_nothing_behind(run: Run) -> None:
    run.read_until("Ctrl-C stops everything")
    assert processes.wait_until(lambda: run.readiness()["status"] == "ok", seconds=50), "before the first sweep"
    logins = [f"{login.role} {login.email} {login.password}" for login in DEMO_LOGINS]
    assert [line for line in run.lines if line.partition(" ")[0] in {login.role for login in DEMO_LOGINS}] == logins
    assert {"owner", "counter", "customer"} <= {login.role for login in DEMO_LOGINS}
    running = state.read(var=run.var)
    assert running is not None
    with psycopg.connect(running.database_url) as connection:
        people = connection.execute(
            "SELECT count(*) FILTER (WHERE email = ANY(%s)), bool_or(is_superuser) FROM accounts_user",
            [[login.email for login in DEMO_LOGINS]],
        ).fetchone()
    assert people == (len(DEMO_LOGINS), False)

    assert _sandbox_takes_what_the_shop_offers(run)
    parts = {
        "web": ("config.serve",),
        "worker": ("celery", "worker@"),
        "letters": ("celery", "letters@"),
        "beat": ("celery", "beat"),
        "sandbox": ("-m sandbox", "--file"),
    }
    for part, words in parts.items():
        victim = run.child(*words)
        processes.send(victim, signal.SIGKILL)
        run.read_until("ended (killed by SIGKILL)")
        assert run.lines[-1].startswith(part)
        assert processes.wait_until(functools.partial(_is_back, run, words, victim), seconds=30)

    family = processes.family(run.process.pid)
    run.process.kill()
    run.process.wait()
    assert len(family) > 8
    assert processes.wait_until(lambda: not any(processes.alive(pid) for pid in family), seconds=30)


@pytest.mark.timeout(420)
def test_an_empty_shop_opens_by_a_link_and_is_never_the_demonstration(tmp_path: Path) -> None:
    var = tmp_path / "var"
    owner = {"OWNER_EMAIL": "maria@padaria.example", "SHOP_NAME": "Padaria da Maria"}
    with opened(var, "--empty", **owner) as run:
        run.read_until("Ctrl-C stops everything")
        assert [line for line in run.lines if any(login.password in line for login in DEMO_LOGINS)] == []
        assert any("maria@padaria.example" in line for line in run.lines)
        [link] = [line for line in run.lines if "token=" in line]
        visitor = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with visitor.open(link, timeout=10) as page:
            assert "maria@padaria.example" in page.read().decode()
        assert not report.place(var=var).exists(), "a link is as good as a password"
        running = state.read(var=var)
        assert running is not None
        with psycopg.connect(running.database_url) as connection:
            counts = "SELECT (SELECT count(*) FROM catalog_product), (SELECT name FROM shop_shopsettings)"
            assert connection.execute(counts).fetchone() == (0, "Padaria da Maria")
        family = processes.family(run.process.pid)
        run.process.terminate()
        run.process.communicate(timeout=60)
    assert processes.wait_until(lambda: not any(processes.alive(pid) for pid in family), seconds=30)
    with opened(var) as again:  # as somebody might who forgets EMPTY=1 and names that database
        again.read_until("Ctrl-C stops everything")
        assert any("somebody's own" in line for line in again.lines)
        assert [line for line in again.lines if any(login.password in line for login in DEMO_LOGINS)] == []
        again.process.terminate()
        again.process.communicate(timeout=60)


def _sandbox_takes_what_the_shop_offers(run: Run) -> bool:
    """Whether the sandbox answers where the banner says, the shop offers its ways, and commands beside it find it."""
    [line] = [line for line in run.lines if line.strip().startswith("Sandbox ")]
    running = state.read(var=run.var)
    with urllib.request.urlopen(line.split()[1], timeout=10) as page:
        shown = page.read().decode()
    with urllib.request.urlopen(f"http://127.0.0.1:{run.port}/api/v1/shop/", timeout=10) as answer:
        offered = json.load(answer)["payment_methods"]
    assert running is not None
    assert running.sandbox["SANDBOX_URL"] in line
    return "Sandbox" in shown and {"card", "pix"} <= set(offered)


def _is_back(run: Run, words: tuple[str, ...], victim: int) -> bool:
    try:
        return run.child(*words) != victim and run.readiness()["status"] in {"ok", "degraded"}
    except (AssertionError, OSError):
        return False
