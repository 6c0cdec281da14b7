"""The clock's door to orders."""

from celery import shared_task

from common import clock, heartbeats
from orders import services as orders


@shared_task(acks_late=True)
def settle_missed_visits() -> int:
    """Settle the visits that nobody came to before today; safe to repeat."""
    return orders.settle_missed_visits(now=clock.now())


@shared_task(acks_late=True)
def expire_due_orders() -> int:
    """Write down which pending orders ran out; safe to repeat."""
    now = clock.now()
    tidied = orders.expire_due_orders(now=now)
    heartbeats.beat(name="orders", now=now)
    return tidied
