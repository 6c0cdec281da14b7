"""The clock's door to the grammar."""

from celery import shared_task

from common import clock, heartbeats, idempotency, outbox


@shared_task(acks_late=True)
def relay_outbox() -> int:
    """Will deliver what waits in the outbox; safe to repeat and to run beside itself."""
    now = clock.now()
    delivered = outbox.relay(now=now)
    heartbeats.beat(name="outbox", now=now)
    return delivered


@shared_task(acks_late=True)
def beat() -> None:
    """Will show that beat and a worker live."""
    heartbeats.beat(name="worker", now=clock.now())


@shared_task(acks_late=True)
def purge_idempotency() -> int:
    """Will forget old answers."""
    return idempotency.purge(now=clock.now())
