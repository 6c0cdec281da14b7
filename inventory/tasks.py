"""Celery tasks of inventory: free reservations that ran out."""

from celery import shared_task

from common import clock, heartbeats
from inventory import services as inventory


@shared_task(acks_late=True)
def release_expired() -> int:
    """Free reservations that ran out; safe to repeat."""
    now = clock.now()
    tidied = inventory.release_expired(now=now)
    heartbeats.beat(name="release", now=now)
    return tidied
