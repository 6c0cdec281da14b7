"""The Celery application: the janitor. Its schedule stands in the settings."""

import os
from typing import Any

from celery import Celery, bootsteps
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

FIRST_HEARTBEAT_EXPIRES = 30

app = Celery("balcao")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)  # the request's id goes on in the lines of its tasks


class FirstHeartbeat(bootsteps.StartStopStep):
    """Ask for a heartbeat as soon as the worker takes tasks, so that a shop just opened is not called silent."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: Any) -> None:
        """Put the task where this worker, or another, takes it up at once."""
        send("common.tasks.beat", expires=FIRST_HEARTBEAT_EXPIRES)


app.steps["consumer"].add(FirstHeartbeat)


def send(name: str, **options: Any) -> object:
    """Ask a worker to run a task by name."""
    return app.send_task(name, **options)
