"""The Celery application: the janitor. Its schedule stands in the settings."""

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("balcao")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def send(name: str, **options: Any) -> object:
    """Will ask a worker to run a task by name."""
    return app.send_task(name, **options)
