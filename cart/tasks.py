"""The clock's door to carts."""

from celery import shared_task

from cart import services as carts
from common import clock


@shared_task(acks_late=True)
def expire_carts() -> int:
    """Will write down which carts ran out; safe to repeat."""
    return carts.expire_carts(now=clock.now())
