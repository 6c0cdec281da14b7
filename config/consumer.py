"""How a worker listens to its broker, where Celery's own way ends it."""

from contextlib import suppress

from celery.worker.consumer import Consumer


class LastingConsumer(Consumer):
    """A worker's ear that outlives the broker also where it dies during a task.

    Celery then wants to give the task's message back through the connection that is gone (`kombu` 5.7 raises an
    AttributeError), and ends. Nothing is lost by leaving that out: whatever is not acknowledged is delivered again.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Let go of the connection, to make another."""
        with suppress(AttributeError):
            super().on_connection_error_after_connected(exc)
