"""Celery tasks of payments: see to overdue money, compare with the gateways."""

from celery import shared_task

from common import clock, heartbeats, workers
from payments import services as payments


@shared_task(acks_late=True)
def look_after_money() -> int:
    """See to attempts, refunds and events that are overdue; safe to repeat."""
    now = clock.now()
    with workers.alone(workers.GATEWAYS) as is_free:
        seen = payments.look_after_money(now=now) if is_free else {}
    heartbeats.beat(name="money", now=now)
    return sum(seen.values())


@shared_task(acks_late=True)
def reconcile_payments() -> int:
    """Compare what gateways know with what we know; safe to repeat."""
    now = clock.now()
    found = payments.reconcile_payments(now=now)
    heartbeats.beat(name="reconciliation", now=now)
    return len(found)
