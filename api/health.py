"""Whether the process lives, and whether it can serve.

Redis, the worker and beat only degrade a shop. It sells without them.
"""

import pkgutil
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api import proxies
from common import clock, heartbeats, redis

WORKER_SILENT_AFTER = timedelta(minutes=2)

_migrated: set[str] = set()


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Say that the process runs."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Say whether requests can be served: 503 without database or migrations.

    Degraded without Redis or worker, and where most requests come over other proxies than configured.
    """
    checks: dict[str, Any] = {}
    try:
        connection.ensure_connection()
        checks["database"] = "ok"
        checks["migrations"] = "ok" if _all_applied() else "missing"
        checks["worker"] = _worker()
    except Error:
        checks["database"] = "unreachable"
    checks["redis"] = "ok" if redis.is_up() else "unreachable"
    checks["proxies"] = "ok" if proxies.most_pass() is None else "differ"
    if checks["database"] != "ok" or checks["migrations"] != "ok":
        return JsonResponse({"status": "unavailable", "checks": checks}, status=503, headers={"Retry-After": "2"})
    whole = all(value == "ok" for value in checks.values())
    return JsonResponse({"status": "ok" if whole else "degraded", "checks": checks})


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


def _worker() -> str:
    seen = heartbeats.last_seen().get("worker")
    return "ok" if seen is not None and abs(clock.now() - seen) < WORKER_SILENT_AFTER else "silent"
