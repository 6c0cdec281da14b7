"""The address of a PostgreSQL, or of several of which one takes writes, as libpq writes it:

    postgres://user:password@one:5432,two:5432/balcao

Whoever connects asks one after the other and stays with the first that takes writes, so the shop finds the new primary
after a failover by itself.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from environ import Env
from psycopg import Connection

from common import hosts

Servers = tuple[tuple[str, str], ...]
SCHEMES = ("postgres", "postgresql")
PORT = 5432
SESSION = "target_session_attrs"
TAKES_WRITES = "read-write"
WRITING = (TAKES_WRITES, "primary", "any")
STANDS_BY = "standby"
READING = ("read-only", STANDS_BY, "prefer-standby")
"""What an address may ask of a server; the first of all where it names several and asks nothing."""

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
