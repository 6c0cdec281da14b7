"""Whether the process lives, and whether it can serve.

Redis, the worker and beat only degrade a shop. It sells without them.
"""

from datetime import timedelta
from typing import Any

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
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
    if not _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _migrated.add("yes")
    return True


def _worker() -> str:
    seen = heartbeats.last_seen().get("worker")
    return "ok" if seen is not None and abs(clock.now() - seen) < WORKER_SILENT_AFTER else "silent"
