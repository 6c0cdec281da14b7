"""Celery tasks of common: relay the outbox and the e-mails, beat, delete old rows."""

from celery import shared_task

from common import clock, heartbeats, idempotency, letters, outbox, workers
from common.outbox import Kind


@shared_task(acks_late=True)
def relay_outbox() -> int:
    """Deliver what waits in the outbox and is no letter, and ask for letters; safe to repeat and beside itself."""
    now, delivered = clock.now(), 0
    with workers.alone(workers.GATEWAYS) as is_free:
        if is_free:
            delivered = outbox.relay(now=now, kind=Kind.STEPS)
            heartbeats.beat(name="outbox", now=now)
    outbox.ask_for_letters(now=clock.now())
    return delivered


@shared_task(acks_late=True)
def relay_letters() -> int:
    """Deliver the letters that wait in the outbox; safe to repeat and to run beside itself."""
    now = clock.now()
    delivered = outbox.relay(now=now, kind=Kind.LETTERS)
    heartbeats.beat(name="mail", now=now)
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
def forget_messages() -> int:
    """Delete messages of the outbox that were delivered, or given up, long ago."""
    return outbox.forget(now=clock.now())


@shared_task(acks_late=True)
def forget_letters() -> int:
    """Forget which letters were sent long ago."""
    return letters.forget(now=clock.now())
