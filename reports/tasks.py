"""Celery tasks of reports: sum past days."""

from celery import shared_task

from common import clock
from reports import services as reports
from shop import services as shop


@shared_task(acks_late=True)
def keep_days() -> int:
    """Sum the past days that have no sums or whose rows have changed; safe to repeat."""
    return reports.keep_days(timezone=shop.policy().timezone, now=clock.now())
