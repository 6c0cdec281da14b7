"""The clock's door to orders."""

from celery import shared_task

from common import clock
from orders import services as orders


@shared_task(acks_late=True)
def expire_orders() -> int:
    """Will write down which pending orders ran out; safe to repeat."""
    return orders.expire_orders(now=clock.now())
