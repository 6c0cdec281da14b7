"""Money that a bank statement shows: judged line by line, taken in by the order's number, proposed by what it is like.

A line that names an order is taken in, whatever it is for: in time, too late, a second time, too much. Less than an
order waits for goes into the money inbox. What staff has recorded by hand already is only noted. A line without a
number is never taken in by itself. Each line is known by its reference afterwards (`StatementLine`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from common.actors import Actor
from common.dates import midnight
from common.errors import Busy
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from inventory.errors import OutOfStock
from orders import services as orders
from orders.amounts import amount_due, asked_now
from orders.lifecycle import effective_status
from orders.models import Order
from orders.selectors import Access
from orders.services.place_order import NUMBER_ALPHABET, NUMBER_LENGTH
from payments.likeness import likeness
from payments.models import MoneyCase, Payment, StatementLine
from payments.services.arrivals import Arrival, arrive, take_in_too_late
from payments.services.cases import open_case
from payments.statements import Line, numbers_in
from scheduling.errors import SlotTaken
from shop import services as shop

What = Literal[
    "match", "late", "surplus", "less", "by_hand", "elsewhere", "known", "several", "proposed", "unmatched", "ignored",
]  # fmt: skip
TAKEN = ("match", "late", "surplus", "less", "by_hand", "elsewhere")
"""What is taken in without asking anybody: the line names the order. `by_hand`, `elsewhere`: staff has recorded it, or
a file of the other form has shown it; it is noted, and no money moves."""
FOR_PEOPLE = ("less", "several", "proposed")
STAFF = Access(staff=True)
CURRENCY = "BRL"
BEFORE, AFTER = timedelta(days=10), timedelta(days=1)
"""How long before a line its order may have been placed, and how much later clocks and banks may have it."""
MOST_WAITING, MOST_PROPOSED = 1000, 3
ALIKE = 0.5


@dataclass(frozen=True)
class Judged:
    """What a line of a statement turned out to be; `orders`: whose it is or may be, the likeliest first."""

    line: Line
    what: What
    orders: tuple[Order, ...] = ()
    expected: Decimal | None = None


@dataclass
class _Before:
    """What earlier lines of the same file will have done, so that a preview says what will happen."""

    came: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    noted: set[int] = field(default_factory=set)
    alike: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def judge_statement(*, lines: Sequence[Line], now: datetime) -> list[Judged]:
    """Return what each line of a statement is, and change nothing."""
    known = {
        row.reference: row
        for row in StatementLine.objects.filter(reference__in=[line.reference for line in lines]).select_related(
            "order__contact"
        )
    }
    incoming = [line for line in lines if line.amount > 0]
    named, waiting = _named(incoming), _waiting(lines=incoming)
    before = _Before()
    return [_judged(line=line, known=known, named=named, waiting=waiting, before=before, now=now) for line in lines]


def take_statement(*, lines: Sequence[Line], actor: Actor, now: datetime) -> list[Judged]:
    """Take in every line that names its order, each by itself, and return what each line was. Raises Busy."""
    found = judge_statement(lines=lines, now=now)
    return [
        take_line(line=one.line, number=one.orders[0].number, actor=actor, now=now) if one.what in TAKEN else one
        for one in found
    ]


def take_line(*, line: Line, number: str, actor: Actor, now: datetime) -> Judged:
    """Take the money of a line in for the order of that number, once, and return what it was. Raises NotFound, Busy."""
    try:
        return _take(number=number, line=line, actor=actor, now=now)
    except (OutOfStock, SlotTaken):
        return _take_too_late(number=number, line=line, actor=actor, now=now)


@use_case(lease=orders.lease_of_order)
def _take(*, number: str, line: Line, actor: Actor, now: datetime) -> Judged:
    order, judged = _locked(number=number, line=line, now=now)
    if judged.what == "known":
        return judged
    payment: Payment | None = None
    if judged.what in ("by_hand", "elsewhere"):
        payment = _as_recorded(order=order, line=line, what=judged.what)
    elif judged.what == "less":
        _set_aside(order=order, judged=judged, now=now)
    else:
        payment = arrive(order=order, arrival=_arrival(order=order, line=line), actor=actor, now=now)
    _write(order=order, line=line, payment=payment, actor=actor, now=now)
    return judged


@use_case(lease=orders.lease_of_order)
def _take_too_late(*, number: str, line: Line, actor: Actor, now: datetime) -> Judged:
    order, judged = _locked(number=number, line=line, now=now)
    if judged.what != "late":
        raise Busy()  # somebody moved it in between; who asks again is told how it stands
    arrival = _arrival(order=order, line=line)
    payment = take_in_too_late(order=order, arrival=arrival, actor=actor, now=now)
    _write(order=order, line=line, payment=payment, actor=actor, now=now)
    return judged


@within_unit_of_work
def _locked(*, number: str, line: Line, now: datetime) -> tuple[Order, Judged]:
    """Return the order, locked, and what the line is for it now."""
    order = orders.locked_order(number=number, access=STAFF)
    if StatementLine.objects.filter(reference=line.reference).exists():
        return order, Judged(line=line, what="known", orders=(order,))
    return order, _of_order(order=order, line=line, before=_Before(), now=now)


def _judged(
    *,
    line: Line,
    known: dict[str, StatementLine],
    named: dict[str, Order],
    waiting: Sequence[tuple[date, Order]],
    before: _Before,
    now: datetime,
) -> Judged:
    if line.amount <= 0:
        return Judged(line=line, what="ignored")
    row = known.get(line.reference)
    if row is not None:
        return Judged(line=line, what="known", orders=(row.order,))
    mine = [named[number] for number in _numbers(line) if number in named]
    if len(mine) == 1:
        return _of_order(order=mine[0], line=line, before=before, now=now)
    if mine:
        return Judged(line=line, what="several", orders=tuple(mine))
    likely = _likely(line=line, waiting=waiting)
    return Judged(line=line, what="proposed" if likely else "unmatched", orders=likely)


def _of_order(*, order: Order, line: Line, before: _Before, now: datetime) -> Judged:
    """Return what a line is that belongs to this order."""
    if _seen_elsewhere(order=order, line=line, before=before):
        return Judged(line=line, what="elsewhere", orders=(order,))
    noted = _by_hand(order=order, line=line, besides=before.noted)
    if noted is not None:
        before.noted.add(noted.pk)
        return Judged(line=line, what="by_hand", orders=(order,))
    status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    earlier = before.came[order.number]
    due = max(amount_due(order=order) - earlier, Decimal(0))
    expected = due if earlier else _expected(order=order)
    what: What = "match"
    if order.currency != CURRENCY or (status in ("pending", "expired") and line.amount < expected and not earlier):
        return Judged(line=line, what="less", orders=(order,), expected=expected)
    if status == "expired" and not earlier:
        what = "late"
    elif line.amount > due:
        what = "surplus"
    before.came[order.number] += line.amount
    return Judged(line=line, what=what, orders=(order,), expected=expected)


def _expected(*, order: Order) -> Decimal:
    """Return what the customer was asked for: by the attempt that waits, or else by the order."""
    asked = _attempt(order=order)
    return asked.amount if asked is not None else asked_now(order=order)


def _attempt(*, order: Order) -> Payment | None:
    """Return the last payment to the shop's own key or account that was begun and brought no money."""
    begun = Payment.objects.filter(order=order, gateway__in=("pix", "transfer"))
    return begun.exclude(status=Payment.Status.SUCCEEDED).last()


def _by_hand(*, order: Order, line: Line, besides: Iterable[int] = ()) -> Payment | None:
    """Return the payment that staff has recorded of this money without the statement, if they have."""
    at_hand = Payment.objects.filter(
        order=order, status=Payment.Status.SUCCEEDED, amount=line.amount, gateway_reference=""
    )
    told = at_hand.filter(gateway__in=("pix", "transfer")) | at_hand.filter(gateway="counter", tender="pix")
    noted = StatementLine.objects.filter(order=order, payment__isnull=False).values("payment")
    return told.exclude(pk__in=noted).exclude(pk__in=list(besides)).first()


def _seen_elsewhere(*, order: Order, line: Line, before: _Before) -> bool:
    """Say whether a file of the other form has shown this line: one of its like there for each of its like here."""
    alike = StatementLine.objects.filter(order=order, day=line.day, amount=line.amount)
    there = alike.exclude(source=line.source).count()
    key = (order.number, line.day.isoformat(), str(line.amount))
    if there <= alike.filter(source=line.source).count() + before.alike[key]:
        return False
    before.alike[key] += 1
    return True


def _as_recorded(*, order: Order, line: Line, what: str) -> Payment | None:
    """Return the payment that a line is which has been counted before."""
    if what == "by_hand":
        return _by_hand(order=order, line=line)
    alike = StatementLine.objects.filter(order=order, day=line.day, amount=line.amount).exclude(source=line.source)
    row = alike.last()
    return row.payment if row is not None else None


def _arrival(*, order: Order, line: Line) -> Arrival:
    attempt = _attempt(order=order)
    by_transfer = attempt.gateway == "transfer" if attempt else order.payment_method == "transfer"
    way = "transfer" if by_transfer else "pix"
    return Arrival(
        amount=line.amount,
        gateway=way,
        method=way,
        reference=f"{line.day:%d/%m/%Y} {line.id}".strip(),
        gateway_reference=line.reference,
        attempt=attempt.public_id if attempt else None,
    )


@within_unit_of_work
def _set_aside(*, order: Order, judged: Judged, now: datetime) -> None:
    """Put money that does not fit into the inbox, as any gateway's."""
    arrival = _arrival(order=order, line=judged.line)
    detail = f"amount: {judged.line.amount} instead of {judged.expected}"
    if order.currency != CURRENCY:
        detail = f"currency: {CURRENCY} instead of {order.currency}"
    open_case(
        kind=MoneyCase.Kind.MISMATCH,
        about=f"{arrival.gateway}:{arrival.gateway_reference}",
        order=order,
        payment=_attempt(order=order),
        gateway=arrival.gateway,
        amount=arrival.amount,
        currency=CURRENCY,
        detail=detail,
        now=now,
    )


@within_unit_of_work
def _write(*, order: Order, line: Line, payment: Payment | None, actor: Actor, now: datetime) -> None:
    StatementLine.objects.create(
        reference=line.reference,
        source=line.source,
        day=line.day,
        amount=line.amount,
        order=order,
        payment=payment,
        actor_kind=actor.kind,
        actor_id=actor.id,
        taken_at=now,
    )


def _numbers(line: Line) -> list[str]:
    return numbers_in(line.text, alphabet=NUMBER_ALPHABET, length=NUMBER_LENGTH)


def _named(lines: Iterable[Line]) -> dict[str, Order]:
    """Return the orders that lines name."""
    wanted = {number for line in lines for number in _numbers(line)}
    return {order.number: order for order in Order.objects.filter(number__in=wanted).select_related("contact")}


def _waiting(*, lines: Sequence[Line]) -> list[tuple[date, Order]]:
    """Return the orders that money of these days can be for: placed before, paid from afar, with something due.

    Each with the shop's day on which it was placed, since a bank's days are those of the wall clock.
    """
    if not lines:
        return []
    zone = ZoneInfo(shop.policy().timezone)
    days = [line.day for line in lines]
    begin = midnight(min(days) - BEFORE, zone=zone)
    end = midnight(max(days) + AFTER + timedelta(days=1), zone=zone)
    found = Order.objects.filter(
        status__in=("pending", "expired", "confirmed"),
        payment_method__in=("pix", "transfer"),
        placed_at__gte=begin,
        placed_at__lt=end,
    )
    newest = found.select_related("contact").order_by("-placed_at", "-pk")[:MOST_WAITING]
    due = [order for order in newest if amount_due(order=order) > 0]
    return [(order.placed_at.astimezone(zone).date(), order) for order in due]


def _likely(*, line: Line, waiting: Sequence[tuple[date, Order]]) -> tuple[Order, ...]:
    """Return the orders of the same amount and a similar name that were placed near the line, likeliest first."""
    scored = [
        (likeness(name=order.contact.shown_name, text=line.text), order.placed_at, order)
        for placed_on, order in waiting
        if asked_now(order=order) == line.amount and line.day - BEFORE <= placed_on <= line.day + AFTER
    ]
    alike = sorted((one for one in scored if one[0] >= ALIKE), key=lambda one: (one[0], one[1]), reverse=True)
    return tuple(order for _score, _placed, order in alike[:MOST_PROPOSED])
