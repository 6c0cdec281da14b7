"""How a worker listens to its broker, where Celery's own way ends it."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from celery.worker.consumer import Consumer


class LastingConsumer(Consumer):
    """A worker's ear that outlives the broker also where it dies during a task.

    Celery then wants to tell the broker how the task ended, or to give its message back, through the connection that
    is gone (`kombu` 5.7 raises an AttributeError), and ends. Nothing is lost by leaving that out: whatever is not
    acknowledged is delivered again.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Let go of the connection, to make another."""
        with suppress(AttributeError):
            super().on_connection_error_after_connected(exc)

    def call_soon_ack(self, p: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Tell the broker how a task ended, if the connection that it came by is still there."""

        def tell() -> None:
            with suppress(AttributeError):
                p(*args, **kwargs)

        return super().call_soon_ack(tell)  # type: ignore[misc]
