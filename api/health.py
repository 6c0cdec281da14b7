"""Whether the process lives, and whether it can serve.

Redis, the worker and beat only degrade a shop. It sells without them.
"""

import json
import pkgutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any

import structlog
from django.apps import apps
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api import proxies
from common import clock, redis, replica
from common.outbox import letter_handlers
from common.standing import Standing, standing

WORKER_SILENT_AFTER = timedelta(minutes=2)

UNREACHABLE = "unreachable"

log = structlog.get_logger(__name__)

_migrated: set[str] = set()
_told: dict[str, str] = {}


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Say that the process runs."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Say whether requests can be served: 503 without migrations, or without a database to read.

    Degraded where only the replica answers, so that nothing but sight is left, where the database takes no writes, a
    standby is far behind, the replica is not read, messages are late, a worker, Redis or the mail server is away, and
    where most requests come over other proxies than configured. A change is written down.
    """
    checks: dict[str, Any] = {}
    try:
        found = standing(letters=letter_handlers())
        checks["database"] = found.writes
        checks["migrations"] = "ok" if _all_applied() else "missing"
        checks |= _seen(found, now=clock.now())
    except Error:
        checks = {"database": UNREACHABLE}
    if replica.is_set():
        there = replica.standing()
        checks["replica"] = there.word
        if checks["database"] == UNREACHABLE and there.is_read:
            checks |= _left()
    checks["redis"] = "ok" if redis.is_up() else UNREACHABLE
    checks["proxies"] = "ok" if proxies.most_pass() is None else "differ"
    is_closed = checks.get("migrations") != "ok"
    is_whole = all(value == "ok" for value in checks.values())
    status = "unavailable" if is_closed else "ok" if is_whole else "degraded"
    _write_down(status, checks)
    body = {"status": status, "checks": checks}
    return JsonResponse(body, status=503, headers={"Retry-After": "2"}) if is_closed else JsonResponse(body)


def _seen(found: Standing, *, now: datetime) -> dict[str, str]:
    """Return what stands in the database of workers, messages, standbys and the mail server."""
    lately = {name: abs(now - at) < WORKER_SILENT_AFTER for name, at in found.seen.items()}
    return {
        "replication": "behind" if found.is_behind else "ok",
        "worker": "ok" if lately.get("worker") else "silent",
        "letters": "ok" if lately.get("mail") else "silent",
        "outbox": "late" if found.is_late(now=now) else "ok",
        "mail": "ok" if found.mail_away_since is None else "away",
    }


def _left() -> dict[str, str]:
    """Return whether the replica, which is all that is left, has every migration; nothing if it does not answer."""
    try:
        return {"migrations": "ok" if replica.read(_all_applied) else "missing"}
    except Error:
        return {}


def _write_down(status: str, checks: dict[str, Any]) -> None:
    """Log how it stands where that has changed since this process was asked last."""
    told = json.dumps(checks, sort_keys=True)
    before = _told.get("checks")
    _told["checks"] = told
    if told != before and (before is not None or status != "ok"):
        log.warning("readiness", status=status, **checks)


def _all_applied() -> bool:
    """Ask once; a process that found everything applied does not ask again."""
    if not _migrated and set(_migrations()) <= set(MigrationRecorder(connection).applied_migrations()):
        _migrated.add("yes")
    return bool(_migrated)


def _migrations() -> Iterator[tuple[str, str]]:
    """Give app and name of every migration there is, by the names of the files: loading them takes ten megabytes."""
    for app in apps.get_app_configs():
        module, _explicit = MigrationLoader.migrations_module(app.label)
        spec = find_spec(module) if module is not None else None
        for found in pkgutil.iter_modules(spec.submodule_search_locations if spec is not None else ()):
            if not found.ispkg and found.name[0] not in "_~":  # what Django takes for a migration
                yield app.label, found.name
