"""Celery tasks of customers: give new accounts a record."""

from celery import shared_task

from common import clock
from customers import services as customers


@shared_task(acks_late=True)
def take_in_accounts() -> int:
    """Give new accounts a record; safe to repeat."""
    return customers.swept(lambda: customers.take_in_accounts(now=clock.now()))
