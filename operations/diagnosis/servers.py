"""PostgreSQL and Redis: do they answer, are they set up as the shop needs them, do the clocks agree?"""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from common import counters, locks, redis, replica, sentinels
from common.standing import BEHIND_SECONDS
from operations import trigrams
from operations.diagnosis.base import Finding, Probe

OLDEST, NEWEST = 14, 18
SKEW_WARNING, SKEW_PROBLEM = timedelta(seconds=2), timedelta(seconds=30)
EXTENSIONS = ("btree_gist",)
TRIAL = "CREATE TEMP TABLE doctor ON COMMIT DROP AS SELECT repeat('x', 1000) AS room FROM generate_series(1, 1000)"
"""A megabyte on the disk, which is taken back."""

GUARDS = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
OLD_TRANSACTION = timedelta(minutes=5)
OLD_IDS = 1_500_000_000
FULL_QUEUE = 1000


def database(now: datetime) -> Iterator[Finding]:
    """PostgreSQL answers, and its version is one the shop is tested with."""
    try:
        major = int(str(_one("SHOW server_version_num"))) // 10_000  # a pooler alone lets everybody in
        version = _one("SHOW server_version")
    except DatabaseError as problem:
        told = str(problem).strip().splitlines()
        what = _("PostgreSQL does not answer: %(why)s") % {"why": told[0] if told else type(problem).__name__}
        yield Finding("problem", what, _("Start it (`make run` or `make services`), or correct DATABASE_URL."))
        return
    if OLDEST <= major <= NEWEST:
        yield Finding("ok", f"PostgreSQL {version}")
    else:
        yield Finding("warning", f"PostgreSQL {version}", _("Use PostgreSQL 14 to 18; others are not tested."))


def migrations(now: datetime) -> Iterator[Finding]:
    """Every migration is applied."""
    executor = MigrationExecutor(connection)
    waiting = [str(step) for step, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if waiting:
        what = _("%(count)d migrations wait: %(names)s") % {"count": len(waiting), "names": ", ".join(waiting[:5])}
        yield Finding("problem", what, _("Run `manage.py migrate`; the shop answers 503 until then."))
    else:
        yield Finding("ok", _("All migrations are applied"))


def extensions(now: datetime) -> Iterator[Finding]:
    """Return the extensions that the constraints are made of."""
    for name in EXTENSIONS:
        if _one("SELECT 1 FROM pg_extension WHERE extname = %s", name):
            yield Finding("ok", _("Extension %(name)s") % {"name": name})
        else:
            remedy = _("As a superuser: CREATE EXTENSION %(name)s; then run `manage.py migrate`.") % {"name": name}
            yield Finding("problem", _("The extension %(name)s is missing") % {"name": name}, remedy)


def searching(now: datetime) -> Iterator[Finding]:
    """Say whether search has the extension and the indexes that it does without, slowly."""
    missing = trigrams.missing()
    if not trigrams.has_extension():
        what = _("The extension pg_trgm is missing: a search reads its whole table, a second for 100,000 orders")
        remedy = _("As a superuser: CREATE EXTENSION pg_trgm; then `manage.py migrate`, which builds the indexes.")
        yield Finding("warning", what, remedy)
    elif missing:
        what = _("Search reads whole tables, without %(names)s") % {"names": ", ".join(missing)}
        yield Finding("warning", what, _("Run `manage.py migrate`, which builds the indexes beside the shop."))
    else:
        yield Finding("ok", _("Search has its indexes"))


def session(now: datetime) -> Iterator[Finding]:
    """Return the session's patience arrives at the server; a pooler in between may swallow it."""
    lost = [name for name in GUARDS if _one(f"SHOW {name}") == "0"]
    if lost:
        remedy = _("Set it for the database role (ALTER ROLE ... SET), or let the pooler pass `options` on.")
        yield Finding("warning", _("Without limit: %(names)s") % {"names": ", ".join(lost)}, remedy)
    else:
        yield Finding("ok", _("Waiting for locks, statements and idle transactions is limited"))


def writable(now: datetime) -> Iterator[Finding]:
    """Say whether PostgreSQL takes writes: a server that only reads, or a full disk, answers all the same."""
    if _one("SELECT pg_is_in_recovery()"):
        remedy = _("Let DATABASE_URL name the primary, or promote this one.")
        yield Finding("problem", _("This PostgreSQL is a standby and only reads"), remedy)
        return
    if _one("SHOW transaction_read_only") == "on":
        remedy = _("Take `default_transaction_read_only` back, from the server, the database or the role.")
        yield Finding("problem", _("PostgreSQL only reads"), remedy)
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(TRIAL)
            transaction.set_rollback(True)
    except DatabaseError as problem:
        first = str(problem).strip().partition("\n")[0]
        remedy = _("Make room on the disk of PostgreSQL; until then every write is refused, and nothing is lost.")
        yield Finding("problem", _("PostgreSQL takes no writes: %(why)s") % {"why": first}, remedy)
        return
    yield Finding("ok", _("PostgreSQL takes writes"))


def standbys(now: datetime) -> Iterator[Finding]:
    """Say how far standbys are behind, where there are any and the role may know."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT application_name, state, extract(epoch FROM replay_lag)::float FROM pg_stat_replication")
        found = cursor.fetchall()
    for name, state, lag in found:
        told = {"name": name or "?", "state": state or "?", "seconds": round(lag or 0)}
        what = _("The standby %(name)s (%(state)s) is %(seconds)d s behind") % told
        if (lag or 0) > BEHIND_SECONDS:
            yield Finding("warning", what, _("Look at its disk and the network; until then a failover may lose sales."))
        else:
            yield Finding("ok", what)
    waited_for = str(_one("SHOW synchronous_standby_names"))
    if waited_for and not found:
        what = _("Every write waits for a standby that is away: %(names)s") % {"names": waited_for}
        yield Finding("problem", what, _("Take it out (docs/operations/failover.md) until it follows again."))
    elif not found:
        yield Finding("note", _("No standby follows this PostgreSQL, or the role may not see it"))


def replica_server(now: datetime) -> Iterator[Finding]:
    """Say how the replica stands that is read instead, if there is one, and whether it is read."""
    if not replica.is_set():
        yield Finding("note", _("No replica is read (DATABASE_REPLICA_URL)"))
        return
    found = replica.standing()
    if found.word == replica.UNREACHABLE:
        remedy = _("Start it, or correct DATABASE_REPLICA_URL. Everything is read at the primary meanwhile.")
        yield Finding("warning", _("The replica does not answer"), remedy)
    elif found.word == replica.LEADS:
        remedy = _("Let DATABASE_REPLICA_URL name a standby; one that was promoted is read no more.")
        yield Finding("warning", _("The replica follows nobody"), remedy)
    elif found.lag is None:
        remedy = _("Look at its log: does it receive anything? Everything is read at the primary meanwhile.")
        yield Finding("warning", _("The replica is behind, and nobody knows how far"), remedy)
    else:
        what = _("The replica is %(seconds)d s behind at most") % {"seconds": round(found.lag)}
        remedy = _("Look at its disk, the network and long queries on it. It is not read meanwhile.")
        yield Finding("ok", what) if found.word == replica.OK else Finding("warning", what, remedy)


def transactions(now: datetime) -> Iterator[Finding]:
    """Nobody holds a transaction open for minutes, and transaction numbers are far from running out."""
    old = _one(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < clock_timestamp() - %s
        """,
        OLD_TRANSACTION,
    )
    if old:
        remedy = _("Find it in pg_stat_activity; pg_terminate_backend(pid) ends it. It keeps rows locked.")
        yield Finding("warning", _("%(count)s transactions are minutes old") % {"count": old}, remedy)
    ids = int(str(_one("SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()")))
    if ids > OLD_IDS:
        remedy = _("Run VACUUM FREEZE and find out why autovacuum does not.")
        yield Finding("problem", _("Transaction numbers are running out (%(age)d)") % {"age": ids}, remedy)
    if not old and ids <= OLD_IDS:
        yield Finding("ok", _("No transaction is old"))


def clocks(now: datetime) -> Iterator[Finding]:
    """Check that this machine, PostgreSQL and Redis agree what time it is."""
    yield _skew(name="PostgreSQL", theirs=_database_clock)
    try:
        yield _skew(name="Redis", theirs=_redis_clock)
    except RedisError:
        return


def redis_server(now: datetime) -> Iterator[Finding]:
    """Redis answers, quickly, and never throws a lease or a task away to make room."""
    redis.breaker.reset()
    began = time.monotonic()
    try:
        client = redis.client()
        client.ping()
        milliseconds = (time.monotonic() - began) * 1000
        facts = client.info()
    except RedisError as problem:
        what = _("Redis does not answer: %(why)s") % {"why": problem}
        remedy = _("Start it, or correct REDIS_URL. The shop sells on meanwhile, slower, and nothing is lost.")
        yield Finding("warning", what, remedy)
        return
    version = facts.get("valkey_version") or facts.get("redis_version")
    yield Finding("ok", _("Redis %(version)s, %(ms).1f ms") % {"version": version, "ms": milliseconds})
    policy = facts.get("maxmemory_policy", "")
    if facts.get("maxmemory") and policy != "noeviction":
        remedy = _("Set maxmemory-policy to noeviction: this server also keeps leases and tasks.")
        yield Finding("warning", _("Redis may throw keys away (%(policy)s)") % {"policy": policy}, remedy)


def leases(now: datetime) -> Iterator[Finding]:
    """Return a lease can be had and given back right now."""
    before = {name: counters.read(name) for name in ("lock_degraded", "lock_release_failed", "lock_lost")}
    with locks.lease([f"doctor:{threading.get_native_id()}"], seconds=5, wait=1):
        pass
    degraded = [name for name, count in before.items() if counters.read(name) > count]
    if degraded:
        remedy = _("See Redis. Until then PostgreSQL alone judges; the logs count `lease_without_redis`.")
        yield Finding("warning", _("Leases are degraded: %(names)s") % {"names": ", ".join(degraded)}, remedy)
    else:
        yield Finding("ok", _("A lease was taken and given back"))


def queue(now: datetime) -> Iterator[Finding]:
    """Tasks do not pile up in front of the worker."""
    url, number = settings.CELERY_BROKER_URL, None
    if sentinels.is_watched(settings.REDIS_URL):
        url, number = settings.REDIS_URL, sentinels.parse(settings.REDIS_URL).number + 1
    elif not url.startswith(("redis://", "rediss://")):
        yield Finding("note", _("The broker is no Redis; its queue was not counted"))
        return
    try:
        with redis.connected(url, number=number, socket_timeout=1, socket_connect_timeout=1) as broker:
            waiting = {name: int(str(broker.llen(name))) for name in _queues()}
    except RedisError as problem:
        remedy = _("Start Redis. Messages wait in the outbox and are delivered afterwards.")
        yield Finding("warning", _("The broker does not answer: %(why)s") % {"why": problem}, remedy)
        return
    full = ", ".join(f"{name}: {count}" for name, count in waiting.items() if count > FULL_QUEUE)
    if full:
        yield Finding(
            "warning", _("Tasks pile up (%(queues)s)") % {"queues": full}, _("Start a worker, or a second one.")
        )
    else:
        yield Finding("ok", _("%(count)d tasks wait") % {"count": sum(waiting.values())})


def _queues() -> list[str]:
    return sorted({route["queue"] for route in settings.CELERY_TASK_ROUTES.values()})


def _skew(*, name: str, theirs: Callable[[], datetime]) -> Finding:
    """How far a server's clock is from ours, half the time of asking forgiven."""
    before = datetime.now(tz=UTC)
    there = theirs()
    after = datetime.now(tz=UTC)
    skew = max(abs(there - (before + (after - before) / 2)) - (after - before) / 2, timedelta(0))
    seconds = round(skew.total_seconds(), 1)
    if skew < SKEW_WARNING:
        return Finding("ok", _("%(name)s and this machine agree on the time") % {"name": name})
    what = _("The clock of %(name)s is %(seconds)s s away from this machine's") % {"name": name, "seconds": seconds}
    remedy = _("Let both machines set their clocks by NTP (timedatectl set-ntp true).")
    return Finding("problem" if skew >= SKEW_PROBLEM else "warning", what, remedy)


def _database_clock() -> datetime:
    found = _one("SELECT clock_timestamp()")
    assert isinstance(found, datetime)
    return found


def _redis_clock() -> datetime:
    seconds, microseconds = redis.client().time()
    return datetime.fromtimestamp(seconds, tz=UTC) + timedelta(microseconds=microseconds)


def _one(statement: str, *values: Any) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        row = cursor.fetchone()
    return row[0] if row else None


PROBES = (
    Probe("database", database, needs_database=False),
    Probe("writes", writable),
    Probe("standbys", standbys),
    Probe("replica", replica_server, needs_database=False),
    Probe("migrations", migrations),
    Probe("extensions", extensions),
    Probe("search", searching),
    Probe("session", session),
    Probe("transactions", transactions),
    Probe("redis", redis_server, needs_database=False),
    Probe("leases", leases, needs_database=False),
    Probe("queue", queue, needs_database=False),
    Probe("clocks", clocks),
)
