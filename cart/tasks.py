"""Celery tasks of cart: close carts that ran out, delete old ones."""

from celery import shared_task

from cart import services as carts
from common import clock, heartbeats


@shared_task(acks_late=True)
def expire_carts() -> int:
    """Write down which carts ran out; safe to repeat."""
    now = clock.now()
    tidied = carts.expire_carts(now=now)
    heartbeats.beat(name="carts", now=now)
    return tidied


@shared_task(acks_late=True)
def forget_carts() -> int:
    """Delete carts that ran out long ago; safe to repeat."""
    return carts.forget_carts(now=clock.now())
