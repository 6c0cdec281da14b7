"""The address of a PostgreSQL, or of several of which one takes writes, as libpq writes it:

    postgres://user:password@one:5432,two:5432/balcao

Whoever connects asks one after the other and stays with the first that takes writes, so the shop finds the new primary
after a failover by itself. The server is asked by a statement: libpq believes what it is told while it connects, and a
pooler tells what its server was when the pooler came.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qs

from environ import Env
from psycopg import Connection, OperationalError

from common import hosts

ConnectionT = TypeVar("ConnectionT", bound=Connection[Any])
Servers = tuple[tuple[str, str], ...]
SCHEMES = ("postgres", "postgresql")
PORT = 5432
SESSION = "target_session_attrs"
TAKES_WRITES = "read-write"
ANY = "any"
WRITING = (TAKES_WRITES, "primary", ANY)
STANDS_BY = "standby"
READING = ("read-only", STANDS_BY, "prefer-standby")
"""What an address may ask of a server; the first of all where it names several and asks nothing."""

_INSTEAD = {"prefer-standby": (STANDS_BY, ANY), "": (ANY,)}
"""What is asked of all servers, one thing after the other, where that is not the address's own word."""

_STANDING = "SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::bool"

_SEVERAL = re.compile(r"(?P<before>[a-z]+://(?:[^/?#]*@)?)(?P<hosts>[^@/?#]*,[^@/?#]*)(?P<after>[/?#].*)?", re.DOTALL)


def servers(url: str) -> list[tuple[str, int]]:
    """Return host and port of each server that an address names; nothing where it names but one. Raises ValueError."""
    found = _SEVERAL.fullmatch(url)
    return [hosts.parse(text, port=PORT) for text in found["hosts"].split(",")] if found else []


def with_one(url: str) -> str:
    """Return an address with the first of its servers alone, which every reader of addresses understands."""
    found = _SEVERAL.fullmatch(url)
    return f"{found['before']}{found['hosts'].partition(',')[0]}{found['after'] or ''}" if found else url


def described(url: str, *, session: str = TAKES_WRITES) -> dict[str, Any]:
    """Return Django's description of the database at an address. Raises ValueError.

    `session`: what is asked of several servers where the address itself asks nothing.
    """
    found: dict[str, Any] = dict(Env.db_url_config(with_one(url)))
    found["OPTIONS"] = dict(found.get("OPTIONS") or {})
    if several := servers(url):
        found["HOST"] = ",".join(host for host, _port in several)
        found["PORT"] = ",".join(str(port) for _host, port in several)
        found["OPTIONS"].setdefault(SESSION, session)
    return found


def asked(query: str) -> str:
    """Return what the query of an address asks of its server; that it takes writes, where it asks nothing."""
    return parse_qs(query).get(SESSION, [TAKES_WRITES])[-1]


class Order:
    """In which order the servers of an address are asked: one that is switched off would cost seconds each time.

    What is asked of them counts too: an address of which one that stands by is meant leads elsewhere.
    """

    def __init__(self) -> None:
        self._last: dict[tuple[str, Servers], tuple[str, str]] = {}

    def of(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a connection is made with, the server that was found last in front."""
        named = _servers(options)
        last = self._last.get((_asked_of(options), named))
        if last is None:
            return dict(options)
        asked = [last, *(one for one in named if one != last)]
        return {
            **options,
            "host": ",".join(host for host, _port in asked),
            "port": ",".join(port for _host, port in asked),
        }

    def found(self, connection: Connection[Any], options: Mapping[str, Any]) -> None:
        """Remember which server a connection was made to."""
        named = _servers(options)
        if len(named) > 1:
            self._last[_asked_of(options), named] = (connection.info.host, str(connection.info.port))


def _asked_of(options: Mapping[str, Any]) -> str:
    return str(options.get(SESSION, ""))


def _servers(options: Mapping[str, Any]) -> Servers:
    hosts, ports = str(options.get("host", "")).split(","), str(options.get("port", "")).split(",")
    return tuple(zip(hosts, ports, strict=True)) if len(hosts) == len(ports) else ()


order = Order()


def reached(connect: Callable[..., ConnectionT], options: Mapping[str, Any]) -> ConnectionT:
    """Connect to the server that is meant. Raises OperationalError.

    `connect`: connects by options such as these.
    """
    tried = order.of(options)
    named = _servers(tried)
    if len(named) < 2:
        return connect(**tried)
    problem = OperationalError("none of the servers that are named is one that is meant")
    for wanted in _INSTEAD.get(_asked_of(options), (_asked_of(options),)):
        for host, port in named:
            try:
                made = connect(**{**tried, "host": host, "port": port, SESSION: ANY})
                if _is(made, wanted):
                    order.found(made, options)
                    return made
            except OperationalError as refused:
                problem = refused
    raise problem


def _is(connection: Connection[Any], wanted: str) -> bool:
    """Say whether a connection leads to a server of which that is true; else end it. Raises OperationalError."""
    is_meant = wanted == ANY
    try:
        if not is_meant:
            connection.autocommit = True
            stands_by, only_reads = connection.execute(_STANDING).fetchone() or (False, False)
            connection.autocommit = False
            found = {
                TAKES_WRITES: not only_reads, "read-only": only_reads, "primary": not stands_by, STANDS_BY: stands_by,
            }  # fmt: skip
            is_meant = bool(found[wanted])
    finally:
        if not is_meant:
            connection.close()
    return is_meant
