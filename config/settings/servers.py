"""What an address of a server means for Django, Redis and Celery, in the web process and elsewhere.

Only a web process keeps a pool of connections and has very little patience with the broker; a prefork
worker must not inherit a pool, and it waits for messages longer than any web request may wait for anything.
"""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from common import hosts, sentinels
from common.postgres import addresses

SESSION = "-c lock_timeout=3000 -c statement_timeout=15000 -c idle_in_transaction_session_timeout=10000"
CONNECT_SECONDS = 3
# A machine that was switched off says nothing. Sessions that wait for it, and idle ones, end after some ten seconds.
ALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "tcp_user_timeout": 10_000}
# The pool stops trying by itself at once, so that after an outage the next request tries instead of waiting for the end
# of an ever longer pause.
POOL = {"min_size": 1, "max_size": 12, "timeout": 3, "reconnect_timeout": 0, "max_idle": 300, "num_workers": 2}
REPLICA_SECONDS = 1  # of waiting for a connection to it: the other database has what it has
# A statement that came a few times is prepared, and from then on neither sent nor planned as a whole.
PREPARED = {"prepare_threshold": 3, "server_side_binding": True}
WEB_PATIENCE = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25, "max_retries": 0}
WORKER_PATIENCE = {"socket_timeout": 30, "socket_connect_timeout": 3, "visibility_timeout": 3600}


def database(url: str, *, pooled: bool, pooler: str = "", session: str = addresses.TAKES_WRITES) -> dict[str, Any]:
    """Return Django's description of the PostgreSQL at `url`, with a session that never waits for long.

    Where the address names several servers, the one of which `session` is true is meant, whichever takes writes
    (`common.postgres.addresses`).

    `pooler`: "transaction" where each transaction gets another session. Then nothing is left in one, no prepared
    statement and no cursor, and its limits are not sent at its start, which PgBouncer refuses: the role has them
    (deploy/sql/roles.sql).
    """
    found = addresses.described(url, session=session)
    options = found["OPTIONS"]
    if not pooler:
        options["options"] = f"{SESSION} {options.get('options', '')}".strip()  # the last one holds
        options.update(PREPARED)
    options = {"connect_timeout": CONNECT_SECONDS, **ALIVE, **options}
    if pooled:
        options["pool"] = dict(POOL)
    return {
        **found,
        "ENGINE": "common.postgres",
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": not pooled,  # the engine looks at those of a pool
        "ATOMIC_REQUESTS": False,
        "DISABLE_SERVER_SIDE_CURSORS": bool(pooler),
    }


def databases(url: str, *, replica: str, pooled: bool, pooler: str = "") -> dict[str, dict[str, Any]]:
    """Return Django's databases: the one that judges, and, where `replica` names one, another that is only read.

    Where `replica` names several servers, one that stands by is meant: the same two may stand in both addresses.
    """
    found = {"default": database(url, pooled=pooled, pooler=pooler)}
    if replica:
        found["replica"] = database(replica, pooled=pooled, pooler=pooler, session=addresses.STANDS_BY)
        if pooled:
            found["replica"]["OPTIONS"]["pool"]["timeout"] = REPLICA_SECONDS
    return found


def broker(redis_url: str) -> str:
    """Return the address of Celery's broker: the next database of the same Redis."""
    if sentinels.is_watched(redis_url):
        watched = sentinels.parse(redis_url)
        access = (
            f"{quote(watched.username or '', safe='')}:{quote(watched.password, safe='')}@" if watched.password else ""
        )
        return ";".join(f"sentinel://{access}{hosts.written(*one)}/{watched.number + 1}" for one in watched.sentinels)
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        number = int(parse_qs(parts.query).get("db", ["0"])[0])
        return f"redis+socket://{parts.path}?virtual_host={number + 1}"
    return urlunsplit(parts._replace(path=f"/{int(parts.path.strip('/') or 0) + 1}"))


def broker_options(redis_url: str, patience: dict[str, Any]) -> dict[str, Any]:
    """Return how Celery reaches its broker: with how much patience, and through which sentinels' service."""
    if not sentinels.is_watched(redis_url):
        return dict(patience)
    watched = sentinels.parse(redis_url)
    asking = {"socket_timeout": 1, "socket_connect_timeout": 1, "password": watched.sentinel_password}
    asking |= {name: patience[name] for name in ("socket_timeout", "socket_connect_timeout") if patience[name] < 1}
    return {**patience, "master_name": watched.service, "sentinel_kwargs": asking}
