"""Databases made beside the shop's own for one purpose, marked as such, and dropped again."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import DatabaseError, connection

from common import hosts

KEPT_OPTIONS = frozenset(
    {
        "channel_binding", "connect_timeout", "gssencmode", "host", "hostaddr", "keepalives", "keepalives_idle",
        "passfile", "requirepeer", "sslcert", "sslcrl", "sslkey", "sslmode", "sslnegotiation", "sslpassword",
        "sslrootcert", "target_session_attrs",
    }
)  # fmt: skip
"""What an address asks of the way to its server, and the same server's other databases are reached by."""

MARK = "made for a drill and dropped after it"
"""What the comment of a database says in which everything may be done."""


class NoScratchError(Exception):
    """No database can be made, or this is none that was made for it. The text says why."""


@contextmanager
def database(*, purpose: str, marked: bool = False) -> Iterator[str]:
    """Make an empty database, yield its address, and drop it. Raises NoScratchError.

    `marked`: in this one everything may be done.
    """
    if settings.DATABASE_POOLER:
        raise NoScratchError("This takes a session of the server's own: set DATABASE_URL to it, past the pooler.")
    name = f"balcao_{purpose}_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        try:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute(f'CREATE DATABASE "{name}"')
            if marked:
                cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS '{MARK}'")
        except DatabaseError as problem:
            raise NoScratchError(str(problem).strip()) from problem
    try:
        yield url_of(name)
    finally:
        connection.close()  # a server may have ended the session in the meantime
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.close()


def refuse_what_was_not_made_for_it() -> None:
    """Raise NoScratchError unless the database at hand carries the mark."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_database(), shobj_description(oid, 'pg_database') FROM pg_database "
            "WHERE datname = current_database()"
        )
        name, comment = cursor.fetchone()
    if comment != MARK:
        raise NoScratchError(f"{name} is no database that was made for a drill.")


def url_of(name: str) -> str:
    """Return the address of a database beside ours, with what we log in with."""
    ours = connection.settings_dict
    user, password = (quote(str(ours[key] or ""), safe="") for key in ("USER", "PASSWORD"))
    asked = urlencode({key: value for key, value in ours.get("OPTIONS", {}).items() if key in KEPT_OPTIONS})
    return f"postgres://{user}:{password}@{_servers()}/{name}{'?' if asked else ''}{asked}"


def _servers() -> str:
    """Return the server, or the several, as an address names them."""
    named, ports = (str(connection.settings_dict[key] or "") for key in ("HOST", "PORT"))
    if "," in named:
        both = zip(named.split(","), ports.split(","), strict=True)
        return ",".join(hosts.written(host, int(port)) for host, port in both)
    return f"{quote(named, safe='')}{f':{ports}' if ports else ''}"
