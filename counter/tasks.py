"""Celery tasks of counter: end the sales that wait for a Pix."""

from celery import shared_task

from common import clock, workers
from counter import services as counter


@shared_task(acks_late=True)
def end_awaited() -> int:
    """Sell what was paid and give up what ran out of the sales that wait for a Pix; safe to repeat."""
    with workers.alone(workers.GATEWAYS) as is_free:
        return counter.end_awaited(now=clock.now()) if is_free else 0
