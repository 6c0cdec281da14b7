"""Celery tasks of spreadsheets: read long files, take in rows, delete old ones."""

from uuid import UUID

from celery import shared_task

from common import clock
from spreadsheets import services


@shared_task(acks_late=True)
def prepare(public_id: str) -> None:
    """Read a file that is too long to be read while somebody waits for a page."""
    services.prepare(public_id=UUID(public_id), now=clock.now())


@shared_task(acks_late=True)
def take_in(public_id: str) -> None:
    """Take in what somebody confirmed."""
    services.take_in(public_id=UUID(public_id), now=clock.now())


@shared_task(acks_late=True)
def forget_rows() -> int:
    """Delete what was brought long enough ago."""
    return services.forget(now=clock.now())
