"""The embedded servers: ready when `start` returns, true to their port, and breakable on purpose."""

import re
import socket
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest
import redis

from devstack import ports, processes, throwaway
from devstack.servers import PostgresServer, ValkeyServer


def _answer(server: PostgresServer, statement: str) -> object:
    with psycopg.connect(server.url, autocommit=True, connect_timeout=5) as connection:
        row = connection.execute(statement).fetchone()
    return row[0] if row else None


def test_postgres_comes_back_on_its_port_with_every_commit_after_a_kill(postgres_server: PostgresServer) -> None:
    url = postgres_server.url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE sold (sku text)")
        connection.execute("INSERT INTO sold VALUES ('bolo')")
        postgres_server.kill()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")

    postgres_server.start()

    assert postgres_server.url == url
    assert _answer(postgres_server, "SELECT sku FROM sold") == "bolo"


def test_a_paused_postgres_keeps_connections_open_and_silent(postgres_server: PostgresServer) -> None:
    postgres_server.pause()
    try:
        with socket.create_connection((ports.LOOPBACK, postgres_server.port or 0), timeout=5) as connection:
            connection.settimeout(0.2)
            connection.sendall(b"\x00\x00\x00\x08\x04\xd2\x16\x2f")
            with pytest.raises(TimeoutError):
                connection.recv(1)
    finally:
        postgres_server.resume()
    assert _answer(postgres_server, "SELECT 1") == 1


def test_the_cluster_is_utf8_scram_and_has_the_extensions_we_use(postgres_server: PostgresServer) -> None:
    assert _answer(postgres_server, "SHOW server_encoding") == "UTF8"
    assert _answer(postgres_server, "SHOW timezone") == "UTC"
    assert _answer(postgres_server, "SELECT lower('PÃO')") == "pão"
    available = "SELECT count(*) FROM pg_available_extensions WHERE name IN ('btree_gist', 'unaccent', 'pg_trgm')"
    assert _answer(postgres_server, available) == 3
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres_server.url.replace(postgres_server.password, "wrong"))


def test_valkey_asks_for_its_password_which_no_command_line_shows(redis_server: ValkeyServer) -> None:
    with socket.create_connection((ports.LOOPBACK, redis_server.port or 0), timeout=5) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(100).startswith(b"-NOAUTH")
    assert redis.Redis.from_url(redis_server.url).ping() is True
    assert redis_server.password not in processes.command_line(redis_server.pid)
    assert stat.S_IMODE(redis_server.configuration.stat().st_mode) == 0o600


def test_a_paused_valkey_times_out_and_a_resumed_one_goes_on(redis_server: ValkeyServer) -> None:
    client = redis.Redis.from_url(redis_server.url, socket_timeout=0.2, retry=None)
    client.set("sku", "bolo")
    redis_server.pause()
    with pytest.raises(redis.TimeoutError):
        client.get("sku")
    redis_server.resume()
    assert client.get("sku") == b"bolo"


def test_a_server_that_was_stopped_starts_again_on_its_port(redis_server: ValkeyServer) -> None:
    url = redis_server.url
    redis_server.stop()
    assert redis_server.is_running() is False
    redis_server.start()
    assert redis_server.url == url
    assert redis.Redis.from_url(url).ping() is True


def test_a_first_start_walks_around_a_port_that_is_taken() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as neighbour:
        taken = neighbour.getsockname()[1]
        server = throwaway.valkey()
        server.port = taken
        try:
            server.start()
            assert server.port != taken
            assert redis.Redis.from_url(server.url).ping() is True
        finally:
            server.destroy()
    assert not server.home.exists()


def test_a_server_that_outlived_its_owner_is_ended_before_another_works_on_its_data(redis_server: ValkeyServer) -> None:
    heir = ValkeyServer(home=redis_server.home, password=redis_server.password, throwaway=True)
    heir.take_over()
    assert redis_server.process is not None
    assert redis_server.process.wait(timeout=5) == 0


def test_taking_over_never_touches_a_process_that_is_not_ours(redis_server: ValkeyServer) -> None:
    stranger = throwaway.valkey()
    (stranger.home / "valkey.pid").write_text(str(redis_server.pid))
    try:
        stranger.take_over()
        assert redis_server.is_running() is True
    finally:
        stranger.destroy()


def test_postgres_listens_on_the_loopback_interface_only(postgres_server: PostgresServer) -> None:
    assert _answer(postgres_server, "SHOW listen_addresses") == "127.0.0.1"
    assert _answer(postgres_server, "SHOW unix_socket_directories") == ""
    assert re.fullmatch(r"postgres://balcao:\w{32}@127\.0\.0\.1:\d+/balcao", postgres_server.url)


@pytest.mark.parametrize("killed", [True, False])
def test_a_server_that_is_gone_leaves_no_shared_memory_behind(*, killed: bool) -> None:
    server = throwaway.postgres()
    server.start()
    segment = (server.data / "postmaster.pid").read_text().splitlines()[6].split()[1]
    assert segment in _segments()
    if killed:
        server.kill()
        assert segment in _segments()
    server.destroy()
    assert segment not in _segments()


def _segments() -> set[str]:
    said = subprocess.run(["ipcs", "-m"], capture_output=True, text=True, check=True).stdout
    return {words[1] for line in said.splitlines() if len(words := line.split()) > 1}


def test_servers_that_are_kept_have_their_rows_the_next_time(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with throwaway.kept(tmp_path) as (database, _memory), psycopg.connect(database.url, autocommit=True) as session:
        session.execute("CREATE TABLE sold (sku text)")
    assert not database.is_running()
    with throwaway.kept(tmp_path) as (database, memory):
        assert _answer(database, "SELECT count(*) FROM sold") == 0
        assert redis.Redis.from_url(memory.url).ping()
