"""Celery tasks of operations: run the integrity check at night."""

from celery import shared_task

from common import clock
from operations import services as operations
from shop import services as shop


@shared_task(acks_late=True)
def examine() -> bool:
    """Look at every promise once a night; safe to repeat and to run beside itself."""
    return operations.examine_by_night(timezone=shop.policy().timezone, now=clock.now())
