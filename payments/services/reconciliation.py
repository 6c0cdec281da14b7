"""Gateways and database compared, for days in which nothing reached us: what is safe is repaired, the rest is reported.

Everything that the gateways have told since is pulled and handled like what they tell by themselves, every open attempt
is asked about, and payments of the time are compared one by one. Doing it twice finds nothing the second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from common import milestones
from common.transactions import run_unit_of_work
from payments.gateways import calls, registry
from payments.gateways.protocol import PaymentFact, PaymentGateway, Unreachable
from payments.models import GatewayEvent, Payment
from payments.services.attempts import sought_of
from payments.services.events import handle_event, store
from payments.services.facts import is_known, what_does_not_fit
from payments.services.looking_after import look_up

LOOK_BACK = timedelta(days=3)
MOST_DAYS = timedelta(days=30)
OVERLAP = timedelta(hours=1)


@dataclass(frozen=True)
class Finding:
    """What was found of one thing. `repaired`: whether it is right now; what is not needs people."""

    gateway: str
    what: str
    about: str
    repaired: bool = False


def reconcile_payments(*, now: datetime, dry_run: bool = False, since: datetime | None = None) -> list[Finding]:
    """Compare what gateways know with what we know, repair what is safe, and return what was found.

    `dry_run`: look and write nothing. `since`: how far back; without it, since the last time, at most a month.
    """
    found: list[Finding] = []
    for gateway in registry.all_remote():
        begun = since or _since(gateway=gateway, now=now)
        try:
            found += _events(gateway=gateway, since=begun, dry_run=dry_run, now=now)
            found += _payments(gateway=gateway, since=begun, dry_run=dry_run, now=now)
        except Unreachable as lost:
            found.append(Finding(gateway=gateway.name, what="unreachable", about=str(lost)[:200]))
            continue
        if not dry_run:
            milestones.reach(name=_milestone(gateway), now=now)
    return found


def _events(*, gateway: PaymentGateway, since: datetime, dry_run: bool, now: datetime) -> Iterator[Finding]:
    """Pull what the gateway has told and we have not heard."""
    told = calls.call(gateway, lambda: list(gateway.list_events(since=since)))
    ids = [event.id[:200] for event in told]
    known = GatewayEvent.objects.filter(gateway=gateway.name, event_id__in=ids)
    heard = set(known.values_list("event_id", flat=True))
    for event in told:
        if event.id[:200] in heard or (event.standing and is_known(gateway=gateway, event=event)):
            continue
        if not dry_run:
            run_unit_of_work(store, gateway=gateway, event=event, pulled=True, now=now)
            stored = GatewayEvent.objects.filter(gateway=gateway.name, event_id=event.id[:200])
            handle_event(event_id=stored.values_list("public_id", flat=True).get(), now=now)
        yield Finding(
            gateway=gateway.name, what="event_not_heard", about=f"{event.kind} {event.id}", repaired=not dry_run
        )


def _payments(*, gateway: PaymentGateway, since: datetime, dry_run: bool, now: datetime) -> Iterator[Finding]:
    """Ask about every payment of the time, and compare."""
    ours = Payment.objects.filter(gateway=gateway.name, created_at__gte=since).select_related("order")
    for payment in ours.order_by("pk").iterator(chunk_size=200):
        sought = sought_of(payment=payment)
        fact = calls.call(gateway, lambda sought=sought: gateway.look_up(sought))  # type: ignore[misc]
        if _agree(payment=payment, fact=fact):
            continue
        repaired = False
        if fact is not None and fact.status == "succeeded" and payment.status != Payment.Status.SUCCEEDED:
            repaired = not dry_run and look_up(payment=payment, now=now) and _came(payment)
        stands = fact.status if fact else "unknown"
        wrong = what_does_not_fit(gateway=gateway, fact=fact, payment=payment, order=payment.order) if fact else ""
        about = f"{payment.order.number} {payment.public_id}: {payment.status} here, {stands} there {wrong}".strip()
        yield Finding(gateway=gateway.name, what="payment_differs", about=about, repaired=repaired)


def _agree(*, payment: Payment, fact: PaymentFact | None) -> bool:
    """Say whether both sides tell the same: the money is there, and how much, or it is not."""
    came = payment.status == Payment.Status.SUCCEEDED
    if fact is None or fact.status != "succeeded":
        return not came
    return came and fact.amount == payment.amount and fact.currency == payment.currency


def _came(payment: Payment) -> bool:
    return Payment.objects.filter(pk=payment.pk, status=Payment.Status.SUCCEEDED).exists()


def _since(*, gateway: PaymentGateway, now: datetime) -> datetime:
    last = milestones.reached().get(_milestone(gateway))
    return max(last - OVERLAP, now - MOST_DAYS) if last is not None else now - LOOK_BACK


def _milestone(gateway: PaymentGateway) -> str:
    return f"reconciled:{gateway.name}"
