"""What workers do in a drill, and the settings under which everybody works there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db import connections

from cart import services as carts
from common import outbox
from inventory import services as inventory
from operations.drill.gateway import NAME
from orders import services as orders
from payments import services as payments
from payments.gateways import calls, registry
from payments.gateways.protocol import PaymentGateway
from scheduling import services as scheduling


def relay(now: datetime) -> object:
    """Deliver the outbox."""
    return outbox.relay(now=now)


def expire(now: datetime) -> object:
    """Write down what has run out."""
    return (
        orders.expire_due_orders(now=now),
        carts.expire_carts(now=now),
        inventory.release_expired(now=now),
        scheduling.release_expired(now=now),
    )


def look_after_money(now: datetime) -> object:
    """Ask about what was left open."""
    return payments.look_after_money(now=now)


def reconcile(now: datetime) -> object:
    """Compare with the gateway."""
    return payments.reconcile_payments(now=now)


ALL: list[Callable[[datetime], object]] = [relay, expire, relay, look_after_money]


@contextmanager
def come_what_may() -> Iterator[None]:
    """Let a chore fail, as it does while the database ends sessions; the next round does what this one did not."""
    try:
        yield
    except Exception:  # noqa: BLE001
        connections.close_all()


@contextmanager
def gateway_in_place(build: Callable[[], PaymentGateway]) -> Iterator[None]:
    """Let cards be paid by the drill's gateway, wake nobody and write to nobody, until the block ends."""
    changed = {
        "PAYMENT_GATEWAYS": {"pix": "", "card": NAME},
        "PAYMENT_ACCESS": {},  # the shop's own gateways hear nothing of a drill
        "MAIL_DELIVERY": "django.core.mail.backends.dummy.EmailBackend",
        "OUTBOX_WAKE": False,
    }
    before = {name: getattr(settings, name) for name in changed}
    patience = calls.BREAK_SECONDS
    for name, value in changed.items():
        setattr(settings, name, value)
    registry.REMOTE[NAME] = build
    calls.BREAK_SECONDS = 0.5  # of a drill, whose minutes are seconds
    try:
        yield
    finally:
        calls.BREAK_SECONDS = patience
        del registry.REMOTE[NAME]
        for name, value in before.items():
            setattr(settings, name, value)
