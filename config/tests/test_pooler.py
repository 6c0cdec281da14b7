"""The roles of deploy/sql/roles.sql, and the shop behind a real PgBouncer in transaction mode."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from config.tests import test_outages as outages
from config.tests.pooled_shop import PGBOUNCER, PgBouncer, Roles, pooled
from devstack import ports, processes, shop, state, throwaway

pytestmark = pytest.mark.servers

SESSIONS = 3
LIMITS = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
SHOWN = f"""
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    for name in {LIMITS}:
        cursor.execute(f"SHOW {{name}}")
        print(cursor.fetchone()[0])
"""
CROWD = """
import threading, django
django.setup()
from django.db import connection
from common.transactions import one_at_a_time, unit_of_work

met, inside = [], []

def pass_through():
    with unit_of_work():
        one_at_a_time(names=["door"])
        inside.append(1)
        met.append(len(inside))
        threading.Event().wait(0.02)
        inside.pop()
    connection.close()

crowd = [threading.Thread(target=pass_through) for _one in range(10)]
[one.start() for one in crowd]
[one.join() for one in crowd]
print(sorted(set(met)), len(met))
"""


def run(environment: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *words],
        cwd=state.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@pytest.fixture(scope="module")
def roles() -> Iterator[Roles]:
    """A database that its owner has migrated, with goods that the shop in service put on its shelves."""
    with ExitStack() as stack:
        server, memory = stack.enter_context(throwaway.both())
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="balcao-roles-")))
        found = Roles(server)
        found.apply()
        owner = found.environment("owner", redis_url=memory.url, var=var)
        migrated = run(owner, "manage.py", "migrate", "--verbosity", "0")
        assert migrated.returncode == 0, migrated.stderr
        found.apply()  # once more, as after every migrate
        seeded = run(found.environment("app", redis_url=memory.url, var=var), "-c", outages.SEED)
        assert seeded.returncode == 0, seeded.stderr
        yield found


@pytest.fixture
def memory() -> Iterator[str]:
    server = throwaway.valkey()
    try:
        server.start()
        yield server.url
    finally:
        server.destroy()


@pytest.fixture
def pooler(roles: Roles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PgBouncer]:
    if PGBOUNCER is None:
        pytest.skip("there is no pgbouncer on this machine (Debian: apt-get install pgbouncer)")
    with tempfile.TemporaryDirectory(prefix="balcao-pooler-") as home:
        Path(home).chmod(0o755)
        with pooled(roles=roles, home=Path(home) / "pgbouncer", sessions=SESSIONS) as found:
            yield found


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE extra (id int)",
        "ALTER TABLE orders_orderevent DISABLE TRIGGER USER",
        "TRUNCATE orders_orderline CASCADE",
        "DROP TABLE orders_orderline",
        "DELETE FROM django_migrations",
        "UPDATE audit_entry SET actor = 'nobody'",
        "INSERT INTO audit_entry SELECT * FROM audit_entry",
        "SET session_replication_role = replica",
        "CREATE DATABASE extra",
    ],
)
def test_the_shop_in_service_changes_no_table_and_no_guard(roles: Roles, statement: str) -> None:
    with psycopg.connect(roles.url("app"), autocommit=True) as app, pytest.raises(errors.InsufficientPrivilege):
        app.execute(statement)


@pytest.mark.parametrize("role", ["app", "owner"])
def test_sql_past_the_shop_is_written_down_with_the_role_it_signed_in_as(roles: Roles, role: str) -> None:
    with psycopg.connect(roles.url(role), autocommit=True, application_name="psql") as session:
        session.execute("SET balcao.actor = 'Maria'")
        session.execute("UPDATE catalog_variant SET position = position + 1")
        found = session.execute(
            """SELECT DISTINCT actor, role, door, by_hand FROM audit_entry
               WHERE table_name = 'catalog_variant' AND action = 'update' AND role = session_user"""
        ).fetchall()
    assert found == [("Maria", f"balcao_{role}", "sql psql", True)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT password FROM accounts_user",
        "SELECT email FROM orders_ordercontact",
        "SELECT contact_name FROM scheduling_appointment",
        "SELECT * FROM accounts_customer",
        "SELECT * FROM common_outboxmessage",
        "SELECT * FROM django_session",
    ],
)
def test_who_reads_reads_no_people_and_no_secrets(roles: Roles, statement: str) -> None:
    with psycopg.connect(roles.url("read"), autocommit=True) as reader, pytest.raises(errors.InsufficientPrivilege):
        reader.execute(statement)


def test_who_reads_reads_sales_and_writes_nothing(roles: Roles) -> None:
    with psycopg.connect(roles.url("read"), autocommit=True) as reader:
        assert reader.execute("SELECT count(*) FROM inventory_stockitem").fetchone() == (2,)
        reader.execute("SELECT state, starts_at FROM scheduling_appointment")
        with pytest.raises(errors.ReadOnlySqlTransaction):
            reader.execute("UPDATE catalog_product SET name = 'x'")
        reader.execute("SET default_transaction_read_only = off")
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute("UPDATE catalog_product SET name = 'x'")


def test_a_pooler_is_named_or_refuses(roles: Roles, pooler: PgBouncer, memory: str, tmp_path: Path) -> None:
    environment = roles.environment("app", redis_url=memory, var=tmp_path, port=pooler.port)
    done = run(environment | {"DATABASE_POOLER": ""}, "-c", SHOWN)
    assert "unsupported startup parameter: options" in done.stderr
    assert run(environment, "-c", SHOWN).returncode == 0


def test_the_limits_hold_behind_it(roles: Roles, pooler: PgBouncer, memory: str, tmp_path: Path) -> None:
    environment = roles.environment("app", redis_url=memory, var=tmp_path, port=pooler.port)
    shown = run(environment, "-c", SHOWN)
    assert shown.stdout.split() == ["3s", "15s", "10s"], shown.stderr
    direct = run(roles.environment("app", redis_url=memory, var=tmp_path), "-c", SHOWN)
    assert direct.stdout == shown.stdout


def test_one_passes_at_a_time_and_no_lock_stays_in_a_session(
    roles: Roles, pooler: PgBouncer, memory: str, tmp_path: Path
) -> None:
    environment = roles.environment("app", redis_url=memory, var=tmp_path, port=pooler.port)
    told = run(environment, "-c", CROWD)
    assert told.stdout.strip() == "[1] 10", told.stderr
    with psycopg.connect(roles.server.url) as operator:
        left = operator.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()
    assert left == (0,)


def test_what_needs_a_session_says_so(roles: Roles, pooler: PgBouncer, memory: str, tmp_path: Path) -> None:
    environment = roles.environment("app", redis_url=memory, var=tmp_path, port=pooler.port)
    told = run(environment, "manage.py", "race_drill", "--operations", "1")
    assert told.returncode == 2
    assert "set DATABASE_URL to it, past the pooler" in told.stderr


def test_people_buy_through_it_and_it_may_die(roles: Roles, pooler: PgBouncer, memory: str, tmp_path: Path) -> None:
    environment = roles.environment("app", redis_url=memory, var=tmp_path, port=pooler.port)
    place = shop.Place(ports.LOOPBACK, int(environment["PORT"]))
    counter = outages.LiveShop(place.url, environment)
    web = shop.services(environment=environment, place=place, var=tmp_path)[0]
    process = processes.spawn(web.command, environment=environment, directory=state.ROOT, output=subprocess.DEVNULL)
    try:
        assert processes.wait_until(lambda: shop.is_ready(place), seconds=60)
        with outages.buying(counter) as buyers:
            buyers.stop.wait(4)
        assert set(buyers.statuses) == {201}, buyers.impolite
        outages.as_sold(counter, buyers)
        assert sessions(roles) <= SESSIONS
        with outages.buying(counter) as buyers:
            buyers.stop.wait(1)
            pooler.kill()
            buyers.stop.wait(1)
            assert counter.ask("GET", "/api/v1/shop/").body["code"] == "database_unavailable"
            pooler.start()
            buyers.stop.wait(3)
        assert buyers.impolite == []
        assert buyers.statuses[503] > 0
        outages.as_sold(counter, buyers)
    finally:
        processes.end(process, politely=web.stop_signal, seconds=10)


def sessions(roles: Roles) -> int:
    """Return how many sessions the shop in service has at the server; none of them keeps a prepared statement."""
    with psycopg.connect(roles.server.url) as operator:
        row = operator.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'balcao_app'").fetchone()
    assert row is not None
    return int(row[0])
