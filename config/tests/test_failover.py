"""A shop whose DATABASE_URL names two servers finds the one that takes writes, without a restart."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from config.tests.pooled_shop import DATABASE, Roles, pooled
from devstack import processes, standby
from devstack.standby import Pair
from devstack.state import ROOT

# Answers each line with what came of writing (`write`) or reading.
WORKING = """
import sys, django
django.setup()
from django.db import connection
from common.transactions import run_unit_of_work
from common.errors import Refusal

def write():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO sold VALUES (1)")

def read():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sold")

for line in sys.stdin:
    try:
        run_unit_of_work({"write": write, "read": read}[line.strip()])
        answer = "ok"
    except Refusal as refusal:
        answer = refusal.code
    finally:
        connection.close()
    print(answer, flush=True)
"""


class Process:
    """A process of the shop that does what it is told."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def __call__(self, word: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(word, file=self._process.stdin, flush=True)
        answer: str = self._process.stdout.readline()
        return answer.strip()


def environment(url: str, **more: str) -> dict[str, str]:
    return dict(
        os.environ, DATABASE_URL=url, REDIS_URL="redis://127.0.0.1:1/0", LOG_LEVEL="ERROR",
        DJANGO_SETTINGS_MODULE="config.settings.dev", **more,
    )  # fmt: skip


@contextmanager
def working(url: str, *, kind: str, **more: str) -> Iterator[Process]:
    """Run a process of a kind: `web` has a pool, others have none."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKING], cwd=ROOT, env=environment(url, BALCAO_PROCESS=kind, **more),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Process(process)
    finally:
        process.kill()
        process.communicate()


def until_ok(process: Process, word: str) -> list[str]:
    """What it answers until it is well, each answer once."""
    answers = []
    for _try in range(100):
        answers.append(process(word))
        if answers[-1] == "ok":
            break
    return sorted(set(answers))


@pytest.mark.fault("D3")
def test_every_kind_of_process_finds_the_new_primary_and_stays_there() -> None:
    with standby.pair() as servers, working(servers.url, kind="web") as web, working(servers.url, kind="") as worker:
        servers.primary.asked("CREATE TABLE sold (units int)")
        assert [one("write") for one in (web, worker)] == ["ok", "ok"]
        servers.primary.kill()
        assert {one(word) for one in (web, worker) for word in ("read", "write")} == {"database_unavailable"}
        servers.promote()
        assert [until_ok(one, "write")[-1] for one in (web, worker)] == ["ok", "ok"]
        servers.rebuild()  # the old primary comes back, and nobody writes to it
        assert [one("write") for one in (web, worker)] == ["ok", "ok"]
        servers.wait_for_standby()
        assert servers.standby.asked("SELECT count(*) FROM sold") == 6
        assert servers.primary.asked("SELECT count(*) FROM sold") == 6


@pytest.mark.fault("D3")
def test_a_connection_whose_server_refuses_to_write_is_not_used_again() -> None:
    with standby.pair() as servers, working(servers.url, kind="web") as web:
        old, new = servers.primary, servers.standby
        old.asked("CREATE TABLE sold (units int)")
        assert web("write") == "ok"
        new.asked("SELECT pg_promote(true, 60)")
        old.asked("ALTER SYSTEM SET default_transaction_read_only = on")
        old.asked("SELECT pg_reload_conf()")
        answers = [web("write") for _try in range(20)]
        moved = answers.index(
            "ok", answers.index("database_unavailable")
        )  # each connection of the pool is refused once
        before, after = answers[:moved].count("ok"), answers[moved:]
        assert set(after) == {"ok"}, answers
        assert [one.asked("SELECT count(*) FROM sold") for one in (old, new)] == [1 + before, 1 + before + len(after)]


@pytest.mark.servers
@pytest.mark.fault("D3")
def test_poolers_that_tell_what_their_servers_were_are_not_believed() -> None:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        home.chmod(0o755)
        servers = stack.enter_context(standby.pair())
        roles = Roles(servers.primary)
        roles.apply()
        with psycopg.connect(urlsplit(servers.primary.url)._replace(path=f"/{DATABASE}").geturl()) as operator:
            operator.execute("CREATE TABLE sold (units int)")
            operator.execute("GRANT ALL ON sold TO balcao_app")
        servers.wait_for_standby()
        poolers = [
            stack.enter_context(pooled(roles=roles, home=home / name, sessions=3, server=server))
            for name, server in (("one", servers.primary), ("two", servers.standby))
        ]
        for pooler in poolers:  # from now on each knows what its server is
            with psycopg.connect(roles.url("app", port=pooler.port), prepare_threshold=None) as asking:
                asking.execute("SELECT 1")
        url = roles.url("app", hosts=",".join(f"{pooler.host}:{pooler.port}" for pooler in poolers))
        processes_of_each = [
            stack.enter_context(working(url, kind=kind, DATABASE_POOLER="transaction")) for kind in ("web", "")
        ]
        assert [one("write") for one in processes_of_each] == ["ok", "ok"]
        servers.primary.kill()
        servers.promote()
        assert [until_ok(one, "write")[-1] for one in processes_of_each] == ["ok", "ok"]
        servers.rebuild()
        assert [one("write") for one in processes_of_each] == ["ok", "ok"]


DIAGNOSED = """
import django
django.setup()
from common import clock
from operations.diagnosis.servers import standbys
print([finding.level for finding in standbys(clock.now())])
"""


WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.mark.fault("D4")
def test_nothing_is_acknowledged_that_a_dead_standby_has_not_until_it_is_taken_out() -> None:
    with standby.pair() as servers, working(servers.url, kind="") as worker:
        servers.primary.asked("CREATE TABLE sold (units int)")
        servers.standby.kill()
        with ThreadPoolExecutor(1) as beside:
            answer = beside.submit(worker, "write")
            assert processes.wait_until(lambda: servers.primary.asked(WAITS) == 1, seconds=60)
            assert diagnosed(servers) == "['problem']"
            assert not answer.done()
            assert servers.primary.asked("SELECT count(*) FROM sold") == 0
            servers.keep_one_copy()
            assert answer.result(timeout=60) == "ok"
        assert diagnosed(servers) == "['note']"
        assert servers.primary.asked("SELECT count(*) FROM sold") == 1


OUTLASTS = f"{WAITS} AND application_name = 'limited' AND clock_timestamp() - query_start > interval '1 second'"


@pytest.mark.fault("D4")
def test_no_time_limit_ends_a_commit_that_waits_for_a_dead_standby() -> None:
    with standby.pair() as servers:
        servers.primary.asked("CREATE TABLE sold (units int)")
        servers.standby.kill()

        def write() -> None:
            url, limit = servers.primary.url, "-c statement_timeout=100ms"
            with psycopg.connect(url, autocommit=True, application_name="limited", options=limit) as connection:
                connection.execute("INSERT INTO sold VALUES (1)")

        with ThreadPoolExecutor(1) as beside:
            answer = beside.submit(write)
            assert processes.wait_until(lambda: servers.primary.asked(OUTLASTS) == 1, seconds=60)
            servers.keep_one_copy()
            answer.result(timeout=60)
        assert servers.primary.asked("SELECT count(*) FROM sold") == 1


def diagnosed(servers: Pair) -> str:
    """What `doctor` says of standbys, by level."""
    done = subprocess.run(
        [sys.executable, "-c", DIAGNOSED], cwd=ROOT, env=environment(servers.url), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
