"""Celery tasks of desk: delete the files that forms kept."""

from celery import shared_task

from common import clock
from desk import kept


@shared_task(acks_late=True)
def forget_files() -> int:
    """Delete files that forms kept long enough."""
    return kept.forget(now=clock.now())
