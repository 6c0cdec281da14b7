"""The Celery application: the janitor. Its schedule stands in the settings."""

import os
import time
from typing import Any

from celery import Celery, Task, bootsteps
from django_structlog.celery.steps import DjangoStructLogInitStep

from common import counters, tallies, traces

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

FIRST_HEARTBEAT_EXPIRES = 30


class CountedTask(Task):  # type: ignore[type-arg]
    """A task that counts how it ended and how long it took, and tells what was counted while nobody waits for it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task."""
        began, outcome = time.perf_counter(), "failed"
        try:
            with traces.writer.task(self.name, parent=self.request.get("traceparent")):
                result = self.run(*args, **kwargs)
            outcome = "done"
            return result
        finally:
            microseconds = int((time.perf_counter() - began) * 1_000_000)
            counters.count_all(
                {("task", self.name, outcome): 1, ("task_microseconds", self.name): microseconds},
            )

    def after_return(self, *args: Any, **kwargs: Any) -> None:
        """Tell what this process has counted."""
        tallies.tell()


app = Celery("balcao", task_cls=CountedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)  # the request's id goes on in the lines of its tasks


class FirstHeartbeat(bootsteps.StartStopStep):
    """Ask for both heartbeats as soon as a worker takes tasks, so that a shop just opened is not called silent."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: Any) -> None:
        """Put the tasks where this worker, or another, takes them up at once."""
        for name in ("common.tasks.beat", "common.tasks.relay_letters"):
            send(name, expires=FIRST_HEARTBEAT_EXPIRES)


app.steps["consumer"].add(FirstHeartbeat)


def send(name: str, **options: Any) -> object:
    """Ask a worker to run a task by name."""
    return app.send_task(name, headers=traces.writer.carried(), **options)
