"""Real servers for the tests: a pytest plugin that starts them before Django reads its settings.

One throw-away PostgreSQL serves the whole run (each xdist worker copies its own test database in it); every process has
a Valkey of its own, so that a test may flush it without hurting its neighbours. `DATABASE_URL` and `REDIS_URL` from the
environment win, and then nothing is started for them. A test that stops or freezes a server must ask for
`postgres_server` or `redis_server`, which are private; the shared ones are nobody's to break.
"""

import atexit
import os
import sys
from collections.abc import Iterator
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis

from devstack import throwaway
from devstack.errors import StackError
from devstack.servers import PostgresServer, Server, ValkeyServer

OWN_REDIS = "BALCAO_TESTS_OWN_REDIS"
OWN_POSTGRES = "BALCAO_TESTS_OWN_POSTGRES"

ServerT = TypeVar("ServerT", bound=Server)

_servers: list[Server] = []
_own_redis: list[redis.Redis] = []


def _started(server: ServerT) -> ServerT:
    _servers.append(server)
    server.start()
    return server


def _shared_redis_of_worker(url: str, worker: str) -> str:
    """Give each xdist worker a pair of databases of a Redis that was brought along (cache and broker)."""
    parts = urlsplit(url)
    base = int(parts.path.strip("/") or 0)
    return urlunsplit(parts._replace(path=f"/{base + 2 * (int(worker.removeprefix('gw')) + 1)}"))


def _keep_what_is_compiled() -> None:
    """Have this process and its children compile each file once, and not in every process again."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def _prepare_environment() -> None:
    atexit.register(_throw_away)  # a mistake in a conftest ends pytest before it unconfigures anything
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = _started(throwaway.postgres()).url
        os.environ[OWN_POSTGRES] = "1"
    if not os.environ.get("REDIS_URL") or os.environ.get(OWN_REDIS):
        server = _started(throwaway.valkey())
        os.environ["REDIS_URL"] = server.url
        os.environ[OWN_REDIS] = "1"
        _own_redis.append(redis.Redis.from_url(server.url, socket_timeout=5))
    elif worker:
        os.environ["REDIS_URL"] = _shared_redis_of_worker(os.environ["REDIS_URL"], worker)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Start the servers; a wrapper, because pytest-django reads the settings in this very hook."""
    _keep_what_is_compiled()
    if not (early_config.known_args_namespace.help or early_config.known_args_namespace.version):
        try:
            _prepare_environment()
        except StackError as failure:
            raise pytest.UsageError(str(failure)) from failure
    return (yield)


def _throw_away() -> None:
    while _servers:
        _servers.pop().destroy()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Throw the servers of this process away, last started first."""
    _throw_away()


@pytest.fixture(autouse=True)
def _empty_redis() -> None:
    """Start every test with an empty Redis: nothing that matters may live there, and throttles must not add up."""
    for client in _own_redis:
        client.flushall()


@pytest.fixture
def postgres_server() -> Iterator[PostgresServer]:
    """Return a private PostgreSQL, started, for tests that stop, kill or freeze it. About a second."""
    server = throwaway.postgres()
    try:
        server.start()
        yield server
    finally:
        server.destroy()


@pytest.fixture
def redis_server() -> Iterator[ValkeyServer]:
    """Return a private Valkey, started, for tests that stop, kill or freeze it. A few hundredths of a second."""
    server = throwaway.valkey()
    try:
        server.start()
        yield server
    finally:
        server.destroy()
