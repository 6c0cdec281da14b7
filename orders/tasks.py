"""Celery tasks of orders: expire orders, settle missed visits, file orders under customers."""

from celery import shared_task

from common import clock, heartbeats
from customers import services as customers
from orders import services as orders
from scheduling import services as scheduling


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


@shared_task(acks_late=True)
def know_customers() -> int:
    """Put new visits and orders under the records of their customers; safe to repeat."""
    visits = customers.swept(lambda: scheduling.know_visitors(now=clock.now()))
    return visits + customers.swept(lambda: orders.know_buyers(now=clock.now()))
