"""A sale that waits for its Pix: what becomes of it, whoever brings the news.

Its order was placed and keeps the goods and the time (`charging`). The money is heard of by the event of its gateway,
by whoever asks how it stands, and by the clock; each locks the order and ends the sale here, once. What comes after it
was given up is late money like any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import structlog
from django.db.models import Q

from common import counters, outbox
from common.actors import Actor, Kind
from common.errors import NotFound, Refusal
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case
from counter.errors import PixAwaited, SalesWait
from counter.models import AwaitedPix, ParkedSale, Receipt
from counter.pricing import NOTHING
from counter.services import parking
from counter.services.commands import Sold, Tendered, Tip
from counter.services.paying import pay, sold_of, write_receipt
from orders import selectors as order_selectors
from orders import services as orders
from orders.amounts import amount_due, current_total
from orders.models import Order
from orders.selectors import Access
from payments import services as payments
from payments.models import Payment
from payments.services.arrivals import COUNTER
from scheduling import selectors as agenda
from scheduling import services as scheduling
from shop import services as shop
from till import services as till
from till.models import TillClose

log = structlog.get_logger(__name__)

STAFF = Access(staff=True)
PIX = Order.PaymentMethod.PIX.value
WAITING, SOLD, GIVEN_UP = AwaitedPix.Status.WAITING, AwaitedPix.Status.SOLD, AwaitedPix.Status.GIVEN_UP
RAN_OUT = "pix.ran_out"
BATCH = 50


@dataclass(frozen=True)
class Awaited:
    """A sale that waits for a Pix, as it stands. `text`: what the customer's bank reads, once the gateway gave it."""

    key: UUID
    number: str
    status: str
    amount: Decimal
    until: datetime
    text: str
    sold: Sold | None


def look_awaited(*, key: UUID, now: datetime) -> Awaited:
    """Return how a sale stands that waits for a Pix, having asked its gateway if that was not done just now.

    Raises NotFound, Busy.
    """
    row = _row(key=key)
    attempt = _attempt(row)
    if row.status == WAITING and attempt is not None and payments.look_now(attempts=[attempt], now=now):
        attempt.refresh_from_db()
    if row.status == WAITING and attempt is not None and attempt.status == Payment.Status.SUCCEEDED:
        conclude(key=key, number=row.order.number, door="admin", now=now)
        row = _row(key=key)
    return value(row=row, attempt=attempt)


def cancel_awaited(*, key: UUID, reason: str, actor: Actor, now: datetime) -> Awaited:
    """Wait no more, and return how the sale stands: sold if the money came first. Raises NotFound, Busy."""
    row = _row(key=key)
    _give_up(key=key, number=row.order.number, reason=reason, actor=actor, now=now)
    return value(row=_row(key=key), attempt=None)


def follow_money(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Sell what waited for money that has come. Called by the outbox; safe to repeat."""
    paid = Payment.objects.filter(public_id=payload["payment"]).values("order")
    waiting = AwaitedPix.objects.filter(order__in=paid, status=WAITING)
    for row in waiting.select_related("order"):
        conclude(key=row.key, number=row.order.number, door="task", now=now)


def end_awaited(*, now: datetime) -> int:
    """Sell what was paid and give up what ran out; returns how many were seen to. Safe beside itself."""
    over = AwaitedPix.objects.filter(status=WAITING, until__lte=now).select_related("order").order_by("until")
    done = 0
    for row in over[:BATCH]:
        try:
            if look_awaited(key=row.key, now=now).status == WAITING:
                actor = Actor.system(door="task")
                _give_up(key=row.key, number=row.order.number, reason=RAN_OUT, actor=actor, now=now)
            done += 1
        except Refusal as refusal:  # busy now; the next round sees
            log.info("awaited_left_for_later", row=row.pk, code=refusal.code)
        except Exception:  # whatever is wrong with one sale is not the others' trouble
            counters.increment("awaited_sweep_failed")
            log.warning("awaited_sweep_failed", row=row.pk, exc_info=True)
    return done


@within_unit_of_work
def refuse_awaited(*, orders: Sequence[Order]) -> None:
    """Refuse locked orders that wait for a Pix at the counter. Raises PixAwaited."""
    if orders and AwaitedPix.objects.filter(order__in=list(orders), status=WAITING).exists():
        raise PixAwaited()


@use_case()
def close_drawer(*, session: UUID, count: int, note: str, anybodys: bool, actor: Actor, now: datetime) -> TillClose:
    """Close an open drawer with its last count, unless a sale waits whose other part goes into it.

    Raises NotFound, SessionClosed, SalesWait, CountAgain (another count was made since, or money has moved),
    NoteRequired.
    """
    return shut_drawer(session=session, count=count, note=note, anybodys=anybodys, actor=actor, now=now)


@within_unit_of_work
def shut_drawer(*, session: UUID, count: int, note: str, anybodys: bool, actor: Actor, now: datetime) -> TillClose:
    """Do what `close_drawer` does, as a part of the caller's unit of work. Raises the same."""
    row = till.locked_session(session=session, of=None if anybodys else actor)
    if AwaitedPix.objects.filter(session=row, status=WAITING).exists():
        raise SalesWait()
    return payments.close_within(session=row, count=count, note=note, actor=actor, now=now)


def _lease(*, number: str, **_others: Any) -> list[str]:
    return orders.lease_of_order(number=number)


@use_case(lease=_lease)
def conclude(*, key: UUID, number: str, door: Any, now: datetime) -> None:
    """Sell what waits for its Pix if that has come, once, in the name of whoever began it."""
    order, row = _locked(key=key, number=number)
    if row.status == WAITING and _is_there(row=row, order=order):
        _sell(row=row, order=order, door=door, now=now)


@use_case(lease=_lease)
def _give_up(*, key: UUID, number: str, reason: str, actor: Actor, now: datetime) -> None:
    """End the attempt, and take apart what was ordered for it; sell it if the money is there."""
    order, row = _locked(key=key, number=number)
    if row.status != WAITING:
        return
    if _is_there(row=row, order=order):
        _sell(row=row, order=order, door=actor.door, now=now)
        return
    payments.give_up_attempts(order=order, method=PIX, reason=reason, actor=actor, now=now)
    policy = shop.policy()
    if row.own and order.status == Order.Status.CONFIRMED:
        orders.unmake(order=order, reason=reason, policy=policy, actor=actor, now=now)
    if row.parked_id is not None:
        waiting = locked(ParkedSale.objects.filter(pk=row.parked_id)).get()
        parking.reopen(row=waiting, policy=policy, actor=actor, now=now)
    _end(row=row, status=GIVEN_UP, reason=reason, now=now)
    outbox.wake()


@within_unit_of_work
def _locked(*, key: UUID, number: str) -> tuple[Order, AwaitedPix]:
    order = orders.locked_order(number=number, access=STAFF)
    return order, locked(AwaitedPix.objects.filter(key=key)).get()


def _is_there(*, row: AwaitedPix, order: Order) -> bool:
    """Say whether the awaited money has come: nothing but the other parts is due."""
    rest = sum((part.amount for part in parts_of(row)), NOTHING)
    return order.status in (Order.Status.CONFIRMED, Order.Status.COMPLETED) and amount_due(order=order) <= rest


@within_unit_of_work
def _sell(*, row: AwaitedPix, order: Order, door: Any, now: datetime) -> None:
    """Take the other parts, hand over, close, complete. Somebody else may have done any of it meanwhile."""
    actor = Actor(kind=cast(Kind, row.actor_kind), id=row.actor_id, door=door)
    parts, tips = _still_due(parts_of(row), due=amount_due(order=order)), tips_of(row)
    if parts or tips:
        pay(orders=[order], parts=parts, tips=tips, actor=actor, now=now)
    if row.own and order.status == Order.Status.CONFIRMED and order_selectors.goods_of(order=order):
        orders.hand_over(order=order, actor=actor, now=now)
    for visit in [agenda.appointment(public_id=UUID(one)) for one in row.visits]:
        if visit.starts_at <= now and visit.state == "confirmed":
            scheduling.close(plain=visit, target="completed", actor=actor, now=now)
    orders.complete_if_done(order=order, actor=actor, now=now)
    write_receipt(orders=[order], parts=parts, tips=tips, key=row.key, actor=actor, now=now)
    if row.parked_id is not None:
        parking.forget_people(rows=locked(ParkedSale.objects.filter(pk=row.parked_id)))
    _end(row=row, status=SOLD, reason="", now=now)
    outbox.wake()


def _end(*, row: AwaitedPix, status: str, reason: str, now: datetime) -> None:
    row.status, row.reason, row.ended_at = status, reason[:200], now
    row.save(update_fields=["status", "reason", "ended_at"])


def _still_due(parts: Sequence[Tendered], *, due: Decimal) -> list[Tendered]:
    """Return the parts without what was paid otherwise meanwhile; of cash that was handed over more goes back."""
    taken: list[Tendered] = []
    for part in parts:
        amount = min(part.amount, due - sum((one.amount for one in taken), NOTHING))
        if amount > 0:
            taken.append(replace(part, amount=amount))
    return taken


def parts_of(row: AwaitedPix) -> list[Tendered]:
    """Return what is paid otherwise once the Pix has come."""
    return [
        Tendered(
            tender=one["tender"],
            amount=Decimal(one["amount"]),
            received=Decimal(one["received"]) if one["received"] is not None else None,
        )
        for one in row.parts
    ]


def tips_of(row: AwaitedPix) -> list[Tip]:
    """Return what is given beside the price once the Pix has come."""
    return [
        Tip(professional=UUID(one["professional"]), tender=one["tender"], amount=Decimal(one["amount"]))
        for one in row.tips
    ]


def value(*, row: AwaitedPix, attempt: Payment | None) -> Awaited:
    """Return how a sale stands that waits or waited for a Pix."""
    return Awaited(
        key=row.key,
        number=row.order.number,
        status=row.status,
        amount=row.amount,
        until=row.until,
        text=str(attempt.given.get("pix_text", "")) if attempt and row.status == WAITING else "",
        sold=_sold_of(row) if row.status == SOLD else None,
    )


def _sold_of(row: AwaitedPix) -> Sold:
    """Return what was sold, with the parts that were taken and the change of its receipt."""
    taken = Payment.objects.filter(order=row.order, gateway=COUNTER, received_at=row.ended_at)
    parts = [Tendered(tender=one.tender, amount=one.amount) for one in taken]
    parts.append(Tendered(tender=Payment.Tender.PIX.value, amount=row.amount))
    sold = sold_of(orders=[row.order], total=current_total(order=row.order), parts=parts, tips=tips_of(row))
    return replace(sold, change=Receipt.objects.get(sale=row.key).change)


def _row(*, key: UUID) -> AwaitedPix:
    row = AwaitedPix.objects.select_related("order").filter(key=key).first()
    if row is None:
        raise NotFound()
    return row


def _attempt(row: AwaitedPix) -> Payment | None:
    """Return the attempt at a sale's Pix that was begun last; the customer may have begun it before the sale."""
    begun = Payment.objects.filter(order=row.order, method=PIX)
    begun = begun.filter(Q(status=Payment.Status.PENDING) | Q(created_at__gte=row.at))
    return begun.select_related("order__contact").order_by("-pk").first()
