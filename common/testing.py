"""Tools for tests: races with real threads, and counted statements."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections
from django.test.utils import CaptureQueriesContext


def race(*, workers: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work(0)`..`work(workers - 1)` in threads let loose at one moment; returns results and exceptions."""
    barrier = threading.Barrier(workers)

    def run(number: int) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            return work(number)
        except Exception as problem:
            return problem
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(run, range(workers)))


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the SQL of the block, BEGIN and COMMIT included, in order."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    found.extend(query["sql"] for query in captured.captured_queries)
