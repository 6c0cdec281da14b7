"""Celery tasks of accounts: delete sessions that ended."""

from celery import shared_task

from accounts import services as accounts
from common import clock


@shared_task(acks_late=True)
def forget_sessions() -> int:
    """Delete sessions that ended and sign-ins that were recorded long ago; safe to repeat."""
    now = clock.now()
    return accounts.forget_sessions(now=now) + accounts.forget_attempts(now=now)
