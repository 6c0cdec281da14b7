"""The clock's door to the grammar."""

from celery import shared_task

from common import clock, heartbeats, idempotency, letters, outbox


@shared_task(acks_late=True)
def relay_outbox() -> int:
    """Deliver what waits in the outbox; safe to repeat and to run beside itself."""
    now = clock.now()
    delivered = outbox.relay(now=now)
    heartbeats.beat(name="outbox", now=now)
    return delivered


@shared_task(acks_late=True)
def beat() -> None:
    """Show that beat and a worker live."""
    heartbeats.beat(name="worker", now=clock.now())


@shared_task(acks_late=True)
def purge_idempotency() -> int:
    """Forget old answers."""
    return idempotency.purge(now=clock.now())


@shared_task(acks_late=True)
def forget_letters() -> int:
    """Forget which letters were sent long ago."""
    return letters.forget(now=clock.now())
