"""The Celery application: the janitor. Its schedule stands in the settings."""

import os
from typing import Any

from celery import Celery
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("balcao")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)  # the request's id goes on in the lines of its tasks


def send(name: str, **options: Any) -> object:
    """Ask a worker to run a task by name."""
    return app.send_task(name, **options)
