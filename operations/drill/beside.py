"""Holds a drill beside a shop in use: in a database of its own, an empty number of its Redis, another process."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redis
from django.conf import settings

from common import sentinels
from common.redis import connected
from operations import scratch
from operations.drill import inside
from operations.drill.running import DrillRefusedError, Plan

REDIS_NUMBERS = range(15, 1, -1)
NO_REDIS = "redis://127.0.0.1:1/0"
RATES = ("ANON", "USER", "CHECKOUT", "LOGIN", "REGISTER", "LOOKUP", "WEBHOOK")


def hold(plan: Plan, *, where: Path) -> dict[str, object]:
    """Hold a drill, leave its reports at `where` (.json, .md), and return the report as plain values.

    Raises DrillRefusedError: no database can be made, or the drill broke down.
    """
    try:
        with (
            scratch.database(purpose="drill", marked=True) as url,
            _empty_redis() as redis_url,
            tempfile.TemporaryDirectory(prefix="balcao-drill-") as media,
        ):
            environment = _environment(database_url=url, redis_url=redis_url, media=media)
            _run(
                [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--no-input", "-v", "0"], environment
            )
            wanted = json.dumps({**vars(plan), "faults": sorted(plan.faults)})
            _run([sys.executable, "-c", inside.START, wanted, str(where)], environment)
    except scratch.NoScratchError as problem:
        raise DrillRefusedError(f"No database for a drill can be made: {problem}") from problem
    found: dict[str, object] = json.loads(where.with_suffix(".json").read_text())
    return found


def _environment(*, database_url: str, redis_url: str, media: str) -> dict[str, str]:
    """Return the shop's environment without its database, Redis, rates, mail and clock."""
    return {name: value for name, value in os.environ.items() if name != "SHOP_NOW"} | {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "MEDIA_ROOT": media,
        "EMAIL_URL": "none",
        "ALLOWED_HOSTS": "127.0.0.1",
        "PUBLIC_URL": "http://127.0.0.1",
        "SECURE_SSL_REDIRECT": "false",
        "TRUSTED_PROXIES": "0",
        "CARD_GATEWAY": "",
        "LOG_LEVEL": "CRITICAL",
        "BALCAO_PROCESS": "web",
        **{f"{name}_THROTTLE": "" for name in RATES},
    }


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        command, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DrillRefusedError((done.stderr or done.stdout).strip()[-2000:])


@contextmanager
def _empty_redis() -> Iterator[str]:
    """Find a number of the shop's Redis that nobody uses, yield its address, and empty it again.

    Without one the drill is held without Redis, as the shop works without it.
    """
    parts = urlsplit(settings.REDIS_URL)
    service = f"/{sentinels.parse(settings.REDIS_URL).service}" if sentinels.is_watched(settings.REDIS_URL) else ""
    for number in REDIS_NUMBERS if parts.scheme != "unix" else ():
        url = urlunsplit(parts._replace(path=f"{service}/{number}"))
        client = connected(url)
        try:
            if client.dbsize() == 0:
                try:
                    yield url
                finally:
                    client.flushdb()
                return
        except redis.RedisError:
            continue
    yield NO_REDIS
