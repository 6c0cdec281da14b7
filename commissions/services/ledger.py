"""Writes the ledger: whatever happened to an order, what it has earned by now is compared with what is written.

The difference is written under the event that told of it, once. Events may come late, twice or in any order: the sum is
that of how things stand, and whoever comes last finds nothing to write.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from commissions import selectors
from commissions.earning import Key, Share, earned
from commissions.models import CommissionEntry
from common.transactions import locked
from common.use_cases import use_case
from orders import selectors as orders
from orders.models import Order
from payments.models import Payment, Refund

Kind = CommissionEntry.Kind
KINDS = {
    "order.cancelled": Kind.CALLED_OFF,
    "order.line_cancelled": Kind.CALLED_OFF,
}
"""What an event of an order is called in the ledger; the others changed something."""


def follow_payment(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Let the professionals earn of a payment that came. Called by the outbox; safe to repeat."""
    payment = Payment.objects.get(public_id=payload["payment"])
    settle(
        order_id=payment.order_id,
        kind=Kind.PAYMENT,
        cause=payment.public_id,
        of={"payment": payment},
        now=payment.received_at or now,
    )


def follow_refund(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Take back what was earned of money that went back, or give it again where it came back after all.

    Called by the outbox; safe to repeat.
    """
    refund = Refund.objects.get(public_id=payload["refund"])
    kind = Kind.REFUND if name == "refund.given_back" else Kind.CHANGED
    settle(order_id=refund.order_id, kind=kind, cause=event_id, of={"refund": refund}, now=now)


def follow_order(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Bring the ledger in line with what became of an order. Called by the outbox; safe to repeat."""
    order = Order.objects.values_list("pk", flat=True).get(number=payload["order"])
    settle(order_id=order, kind=KINDS.get(name, Kind.CHANGED), cause=event_id, now=now)


def follow_visit(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Let whoever performs a visit earn of it, and nobody else. Called by the outbox; safe to repeat."""
    line = orders.line_of_claim(claim=payload.get("claim"))
    if line is not None:
        settle(order_id=line.order_id, kind=Kind.CHANGED, cause=event_id, now=now)


def settle_differences(*, now: datetime) -> list[CommissionEntry]:
    """Write whatever the ledger lacks or has too much, of every order, and return the entries. Safe to repeat."""
    found = sorted({one.order_id for one in selectors.differences()})
    return [entry for order in found for entry in settle(order_id=order, kind=Kind.CHANGED, cause=uuid4(), now=now)]


@use_case()
def settle(
    *, order_id: int, kind: str, cause: UUID, now: datetime, of: dict[str, Any] | None = None
) -> list[CommissionEntry]:
    """Write what is missing in the ledger of an order, or too much in it, and return the entries.

    What this cause has written already it does not write again.
    """
    if not selectors.any_rules():
        return []
    order = locked(Order.objects.filter(pk=order_id)).get()
    [account] = selectors.accounts(orders=[order])
    so_far = _so_far(order=order)
    due = earned(account=account, rules=selectors.all_terms(), written=so_far)
    told = set(CommissionEntry.objects.filter(cause=cause, line__order=order).values_list(*_KEY))
    entries = []
    for key in sorted(due.keys() | so_far.keys(), key=lambda one: (one.line, one.position, one.professional, one.rule)):
        seq, there = so_far.get(key, (0, Share()))
        then = due.get(key, Share())
        missing = then.less(there)
        if missing == Share() or (key.line, key.position, key.professional, key.rule) in told:
            continue
        entries.append(
            CommissionEntry(
                professional_id=key.professional,
                line_id=key.line,
                position=key.position,
                rule_id=key.rule,
                seq=seq + 1,
                kind=kind,
                cause=cause,
                base=missing.base,
                amount=missing.amount,
                base_after=then.base,
                amount_after=then.amount,
                at=now,
                **(of or {}),
            )
        )
    return CommissionEntry.objects.bulk_create(entries)


_KEY = ("line", "position", "professional", "rule")


def _so_far(*, order: Order) -> dict[Key, tuple[int, Share]]:
    """Return the last number and what the entries come to, by what is earned apart."""
    last = (
        CommissionEntry.objects.filter(line__order=order)
        .order_by(*_KEY, "-seq")
        .distinct(*_KEY)
        .values_list(*_KEY, "seq", "base_after", "amount_after")
    )
    found: dict[Key, tuple[int, Share]] = {}
    for line, position, professional, rule, seq, base, amount in last:
        found[Key(line, position, professional, rule)] = (seq, Share(base=Decimal(base), amount=Decimal(amount)))
    return found
