"""What goes wrong in a drill, again and again while it runs: time jumps, servers go away, a worker is killed."""

import random
import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from django.db import connection
from redis.exceptions import RedisError

from common import redis
from operations.drill import premises, worker
from operations.drill.gateway import DrillGateway, Exchange
from operations.drill.history import History

NAMES = ("answers", "database", "gateway", "redis", "webhooks", "worker")
"""`answers` and `webhooks` are the clients' own doing; the others are done here. Time passes in every drill."""
OPERATIONS_BETWEEN = (5, 35)
"""How many operations happen between two troubles, however fast the machine is."""
ODDS = {"time": 4, "database": 3, "gateway": 3, "redis": 3, "worker": 1}
BREATH_SECONDS = 0.02
AWAY_SECONDS = 0.7

_TERMINATE = """
SELECT pg_terminate_backend(pid) FROM (
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    ORDER BY random() LIMIT %s
) victims
"""


class Troublemaker(threading.Thread):
    """Makes trouble of the kinds it may, until it is told to stop; then everything is whole again."""

    def __init__(
        self,
        *,
        faults: frozenset[str],
        gateway: DrillGateway,
        exchange: Exchange,
        history: History,
        database_url: str,
        seed: int,
    ) -> None:
        super().__init__(daemon=True)
        self.done: Counter[str] = Counter()
        self._faults = faults
        self._gateway = gateway
        self._exchange = exchange
        self._history = history
        self._database_url = database_url
        self._dice = random.Random(f"trouble {seed}")  # noqa: S311
        self._over = threading.Event()
        self._worker: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Make trouble."""
        self._worker = worker.started(exchange=self._exchange, database_url=self._database_url)
        acts: dict[str, Callable[[], None]] = {
            "time": self._pass_time,
            "database": self._end_sessions,
            "gateway": self._send_gateway_away,
            "redis": self._take_redis_away,
            "worker": self._kill_worker,
        }
        possible = [name for name in acts if name == "time" or name in self._faults]
        odds = [ODDS[name] for name in possible]
        due = 0
        while not self._over.wait(BREATH_SECONDS):
            if len(self._history.operations) < due:
                continue
            due = len(self._history.operations) + self._dice.randint(*OPERATIONS_BETWEEN)
            name = self._dice.choices(possible, odds)[0]
            acts[name]()
            self.done[name] += 1
        connection.close()

    def stop(self) -> None:
        """End the trouble, and the worker."""
        self._over.set()
        self.join()
        if self._worker is not None:
            self._worker.kill()
            self._worker.wait()
        redis.breaker.reset()
        self._gateway.is_away = False
        self._gateway.troubled = False

    def _pass_time(self) -> None:
        premises.turn_clock(timedelta(seconds=self._dice.randint(30, 300)))

    def _end_sessions(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_TERMINATE, [self._dice.randint(1, 3)])

    def _send_gateway_away(self) -> None:
        self._gateway.is_away = True
        self._over.wait(AWAY_SECONDS)
        self._gateway.is_away = False

    def _take_redis_away(self) -> None:
        """Empty it, or let this process find nobody there: what a Redis that was killed looks like from here."""
        if self._dice.random() < 0.5:
            with suppress(RedisError):
                redis.client().flushdb()
        else:
            redis.breaker.trip()
            self._over.wait(AWAY_SECONDS)
            redis.breaker.reset()

    def _kill_worker(self) -> None:
        """Kill it wherever it is, and start another."""
        if self._worker is not None:
            self._worker.kill()
            self._worker.wait()
        self._worker = worker.started(exchange=self._exchange, database_url=self._database_url)
