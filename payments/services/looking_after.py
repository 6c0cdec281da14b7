"""What the clock sees to: attempts and refunds whose answer was lost, events nobody has handled, attempts that ran out.

The shop is right without it, only later: each finding is judged anew by the function that news of it would have called.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.db.models import F, Model, Q

from common import counters
from common.actors import Actor
from common.errors import Refusal
from common.transactions import locked, unit_of_work
from orders.models import Order
from payments.gateways import calls, registry
from payments.gateways.protocol import Declined, Unreachable
from payments.models import GatewayEvent, Payment, Refund
from payments.services import history
from payments.services.attempts import sought_of
from payments.services.events import handle_event
from payments.services.facts import take_in
from payments.services.refunds import send

log = structlog.get_logger(__name__)

T = TypeVar("T", bound=Model)

PATIENCE = timedelta(minutes=1)
"""How long whoever began something is left to finish it."""
LOOK_AGAIN = timedelta(minutes=5)
GLANCE, GLANCES_APART = timedelta(seconds=5), 4
"""Between two questions for somebody who waits: at least so long, and at least that part of the attempt's age."""
CLOSES_FOR = timedelta(hours=1)
"""How long after its end a gateway that does not answer is asked to close an attempt."""
BATCH = 50


def look_after_money(*, now: datetime) -> dict[str, int]:
    """See to everything that is overdue, and return how many of each kind were looked at; safe to run beside itself."""
    return {
        "events": _each(_events(now=now), lambda event: handle_event(event_id=event.public_id, now=now)),
        "attempts": _each(_attempts(now=now), lambda payment: look_up(payment=payment, now=now)),
        "expired": _each(_ran_out(now=now), lambda payment: expire(payment=payment, now=now)),
        "refunds": _each(_refunds(now=now), lambda refund: send(refund_id=refund.public_id, now=now)),
    }


def look_now(*, attempts: Sequence[Payment], now: datetime) -> bool:
    """Ask about the open attempts of an order that somebody waits at; returns whether anything was asked.

    Each is asked about once in a while, ever more seldom the older it is, however many pages look on.
    """
    due = [payment for payment in attempts if _is_awaited(payment, now=now)]
    return _each(due, lambda payment: _claim(payment, now=now) and look_up(payment=payment, now=now, tries=1)) > 0


def look_up(*, payment: Payment, now: datetime, tries: int = calls.TRIES) -> bool:
    """Ask a gateway how an attempt stands and do what follows; returns whether the gateway has answered.

    One that the gateway knows nothing of stays open for its customer to ask again, until its time is over.
    """
    gateway = registry.remote(payment.gateway)
    if gateway is None:
        return False
    actor = Actor(kind="gateway", id=gateway.name, door="task")
    sought = sought_of(payment=payment)
    over = payment.expires_at is not None and payment.expires_at <= now
    try:
        fact = calls.call(gateway, lambda: gateway.look_up(sought), tries=tries)
    except Unreachable:
        return False
    if fact is not None:
        take_in(gateway=gateway, fact=fact, attempt=payment, actor=actor, now=now)
    if over:  # open still where nothing came, and where what came was set aside
        expire(payment=payment, now=now)
    return True


def close_at_gateway(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """See to it that an attempt which was given up cannot be paid any more. Called by the outbox; safe to repeat.

    Money that came all the same is taken in as late. Raises Unreachable, to be called again for an hour; after that
    the attempt is left to end by itself.
    """
    payment = Payment.objects.get(public_id=UUID(payload["payment"]))
    gateway = registry.remote(payment.gateway)
    if gateway is None or payment.status == Payment.Status.SUCCEEDED:
        return
    sought = sought_of(payment=payment)
    try:
        fact = calls.call(gateway, lambda: gateway.close(sought, now=now), tries=1)
    except Declined as declined:
        log.info("payment_not_closed", gateway=gateway.name, payment=str(payment.public_id), why=str(declined)[:100])
        return
    except Unreachable:
        if payment.expires_at is not None and now - payment.expires_at > CLOSES_FOR:
            return
        raise
    if fact is not None:
        actor = Actor(kind="gateway", id=gateway.name, door="task")
        take_in(gateway=gateway, fact=fact, attempt=payment, actor=actor, now=now)


def expire(*, payment: Payment, now: datetime) -> bool:
    """Write down that an attempt ran out. Money that comes by it all the same is taken in as late."""
    with unit_of_work():
        locked(Order.objects.filter(pk=payment.order_id)).get()
        row = locked(Payment.objects.filter(pk=payment.pk)).get()
        if row.status == Payment.Status.PENDING and row.expires_at is not None and row.expires_at <= now:
            history.move(row=row, target=Payment.Status.EXPIRED.value, actor=Actor.system(door="task"), now=now)
    return True


def _is_awaited(payment: Payment, *, now: datetime) -> bool:
    """Say whether it is time to ask about an attempt for somebody who waits for it."""
    if payment.status != Payment.Status.PENDING or not registry.is_remote(payment.gateway):
        return False
    pause = max(GLANCE, (now - payment.created_at) / GLANCES_APART)
    return now - (payment.looked_at or payment.created_at) >= pause


def _claim(payment: Payment, *, now: datetime) -> bool:
    """Write down that an attempt is being asked about; False where somebody else has just done so."""
    seen = Payment.objects.filter(pk=payment.pk, status=Payment.Status.PENDING, looked_at=payment.looked_at)
    return seen.update(looked_at=now) > 0


def _events(*, now: datetime) -> list[GatewayEvent]:
    waiting = GatewayEvent.objects.filter(status=GatewayEvent.Status.RECEIVED, received_at__lte=now - PATIENCE)
    return list(waiting.filter(_not_since(now - PATIENCE)).defer("body").order_by("pk")[:BATCH])


def _attempts(*, now: datetime) -> list[Payment]:
    """Return open attempts at gateways to be asked about, each once in a while, and once more when it is over."""
    waiting = Payment.objects.filter(status=Payment.Status.PENDING, created_at__lte=now - PATIENCE)
    waiting = waiting.filter(gateway__in=[gateway.name for gateway in registry.all_remote()])
    due = Q(_not_since(now - LOOK_AGAIN)) | Q(expires_at__lte=now, looked_at__lt=F("expires_at"))
    return _taken(rows=list(waiting.filter(due).select_related("order").order_by("pk")[:BATCH]), now=now)


def _ran_out(*, now: datetime) -> list[Payment]:
    """Return announced payments that nobody outside can be asked about and whose time is over."""
    over = Payment.objects.filter(status=Payment.Status.PENDING, expires_at__lte=now)
    return list(over.exclude(gateway__in=[gateway.name for gateway in registry.all_remote()]).order_by("pk")[:BATCH])


def _refunds(*, now: datetime) -> list[Refund]:
    owed = Refund.objects.filter(status__in=[Refund.Status.DUE, Refund.Status.SENT], created_at__lte=now - PATIENCE)
    owed = owed.filter(payment__gateway__in=[gateway.name for gateway in registry.all_remote()])
    return list(owed.filter(_not_since(now - LOOK_AGAIN)).order_by("pk")[:BATCH])


def _not_since(moment: datetime) -> Q:
    return Q(looked_at__isnull=True) | Q(looked_at__lte=moment)


def _taken(*, rows: list[Payment], now: datetime) -> list[Payment]:
    """Write down that these are being asked about, so that no other sweep asks too soon."""
    Payment.objects.filter(pk__in=[row.pk for row in rows]).update(looked_at=now)
    return rows


def _each(rows: Sequence[T], work: Callable[[T], bool]) -> int:
    """Do the work for every row, one's trouble being no other's; returns how many were seen to."""
    done = 0
    for row in rows:
        try:
            done += work(row)
        except Refusal as refusal:  # busy now, or no longer so; the next round sees
            log.info("money_left_for_later", row=row.pk, code=refusal.code)
        except Exception:  # whatever is wrong with one row is not the others' trouble
            counters.increment("money_sweep_failed")
            log.warning("money_sweep_failed", kind=type(row).__name__, row=row.pk, exc_info=True)
    return done
