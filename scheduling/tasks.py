"""Celery tasks of scheduling: release what ran out, send reminders."""

from celery import shared_task

from common import clock, heartbeats
from scheduling import services as scheduling


@shared_task(acks_late=True)
def release_expired() -> int:
    """Write down which holds and requests ran out; safe to repeat."""
    now = clock.now()
    tidied = scheduling.release_expired(now=now)
    heartbeats.beat(name="holds", now=now)
    return tidied


@shared_task(acks_late=True)
def send_reminders() -> int:
    """Remind customers of tomorrow's visits; safe to repeat."""
    return scheduling.send_reminders(now=clock.now())
