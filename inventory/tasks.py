"""The clock's door to the stock."""

from celery import shared_task

from common import clock
from inventory import services as inventory


@shared_task(acks_late=True)
def release_expired() -> int:
    """Will free reservations that ran out; safe to repeat."""
    return inventory.release_expired(now=clock.now())
