"""Celery tasks of chats: delete messages that were sent long ago."""

from celery import shared_task

from chats import services
from common import clock


@shared_task(acks_late=True)
def forget_old() -> int:
    """Forget messages that were sent long ago."""
    return services.forget_old(now=clock.now())
