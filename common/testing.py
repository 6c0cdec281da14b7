"""Tools for tests: races with real threads, and counted statements."""

import io
import json
import logging
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


class Lines:
    """What has been logged, as a reader of the log sees it."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        """Everything, as it was written."""
        return self.stream.getvalue()

    def of(self, logger: str) -> list[dict[str, Any]]:
        """Return the lines of one logger, in order."""
        found = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in found if line["logger"] == logger]


@contextmanager
def logged() -> Iterator[Lines]:
    """Collect the lines that the block logs, from INFO on, in the form in which they go out."""
    root = logging.getLogger()
    lines = Lines()
    handler = logging.StreamHandler(lines.stream)
    handler.setFormatter(next(own.formatter for own in root.handlers if own.get_name() == "stderr"))
    level = root.level
    root.addHandler(handler)
    root.setLevel("INFO")
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the SQL of the block, BEGIN and COMMIT included, in order."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    found.extend(query["sql"] for query in captured.captured_queries)
