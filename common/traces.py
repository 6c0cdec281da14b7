"""Spans: how long a request, a task and each of their statements took, for a collector that the shop names.

Without one nobody writes spans, and what writes and sends them is not loaded. With one, `common.telemetry` takes the
place of `writer`.
"""

from contextlib import AbstractContextManager, nullcontext


class Untraced:
    """Writes nothing down."""

    def task(self, name: str, *, parent: str | None) -> AbstractContextManager[object]:
        """Return the span of a task; `parent` is what `carried` told whoever asked for it."""
        return nullcontext()

    def carried(self) -> dict[str, str]:
        """Return the headers under which a task belongs to what runs now."""
        return {}

    def end(self) -> None:
        """Send what waits to be sent, before the process ends."""


writer = Untraced()


def begin(by: Untraced) -> None:
    """Write spans from now on, in this process and its forks."""
    global writer  # noqa: PLW0603 - decided once, while the settings are read
    writer = by
