"""The role that copies the server and receives its changes: it can do that, and sell nothing."""

import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from config.tests.pooled_shop import DATABASE, Roles
from devstack.servers import PostgresServer, new_password
from devstack.state import ROOT

NO_REDIS = "redis://127.0.0.1:1/0"

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]


def test_who_copies_the_server_needs_no_row_of_the_shop() -> None:
    with tempfile.TemporaryDirectory(prefix="balcao-copier-") as home, ExitStack() as stack:
        server = PostgresServer(home=Path(home) / "server", password=new_password())
        stack.callback(server.destroy)
        server.start()
        roles, var = Roles(server), Path(home)
        roles.apply()

        def run(role: str, *words: str) -> str:
            environment = roles.environment(role, redis_url=NO_REDIS, var=var)
            done = subprocess.run(
                [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, capture_output=True, text=True,
                check=False, timeout=300,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout

        def asked(statement: str) -> object:
            with psycopg.connect(server.url, dbname=DATABASE, autocommit=True) as superuser:
                row = superuser.execute(statement).fetchone()
            return row[0] if row else None

        run("owner", "migrate", "--verbosity", "0")
        roles.apply()
        assert asked("SELECT count(*) FROM pg_roles WHERE rolname = 'balcao_copier'") == 0
        roles.passwords["copier"] = roles.passwords["owner"][::-1]
        roles.apply()
        del roles.passwords["copier"]
        roles.apply()  # who is there stays, and keeps the password
        assert asked("SELECT rolreplication AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls) "
                     "FROM pg_roles WHERE rolname = 'balcao_copier'") is True  # fmt: skip
        roles.passwords["copier"] = roles.passwords["owner"][::-1]

        run("copier", "backup", "--physical", "--plain", "--verify")
        assert asked("SELECT count(*) FROM common_backupcopy WHERE kind = 'physical' AND is_sound") == 1
        receiver = subprocess.Popen(
            [sys.executable, "manage.py", "receive_wal", "--plain", "--every", "0.2"],
            cwd=ROOT, env=roles.environment("copier", redis_url=NO_REDIS, var=var),
        )  # fmt: skip
        try:
            with psycopg.connect(server.url, dbname=DATABASE, autocommit=True) as superuser:
                for _try in range(300):
                    row = superuser.execute("SELECT count(*) FROM common_heartbeat WHERE name = 'wal'").fetchone()
                    if row == (1,):
                        break
                    superuser.execute("SELECT pg_sleep(0.2), pg_switch_wal()")
            assert row == (1,)
        finally:
            receiver.terminate()
            assert receiver.wait(timeout=60) == 0
        run("copier", "receive_wal", "--plain", "--drop-slot")
        assert asked("SELECT count(*) FROM pg_replication_slots") == 0

        with psycopg.connect(roles.url("copier"), autocommit=True) as session:
            for table in ("orders_order", "customers_customerrecord", "audit_entry"):
                with pytest.raises(errors.InsufficientPrivilege):
                    session.execute(f"SELECT FROM {table}")
                with pytest.raises(errors.InsufficientPrivilege):
                    session.execute(f"DELETE FROM {table}")
