"""Reads of money worth a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from django.db.models import Sum

from common import sql
from orders import selectors as orders
from orders.amounts import amount_due, given_back, net_paid
from orders.models import Order
from orders.selectors import Access
from payments.gateways.registry import for_method, static_pix
from payments.lifecycle import OWED, effective_status
from payments.models import GatewayEvent, MoneyCase, MoneyStep, Payment, Refund
from shop.policy import Policy
from till.models import TENDERS, TillSession

MOST_EVENTS = 100
SET_ASIDE = (MoneyCase.Kind.MISMATCH, MoneyCase.Kind.UNKNOWN)
"""The cases whose money waits for somebody to say what it is for."""


_DRAWERS = """
SELECT session.id, coalesce(taken.cash, 0), coalesce(taken.card, 0), coalesce(taken.pix, 0),
       coalesce(back.cash, 0), coalesce(back.card, 0), coalesce(back.pix, 0),
       coalesce(moved.put_in, 0), coalesce(moved.taken_out, 0)
FROM unnest(%(sessions)s::bigint[]) AS session(id)
LEFT JOIN LATERAL (
    SELECT sum(amount) FILTER (WHERE tender NOT IN ('card', 'pix')) AS cash,
           sum(amount) FILTER (WHERE tender = 'card') AS card, sum(amount) FILTER (WHERE tender = 'pix') AS pix
    FROM (
        SELECT tender, amount FROM payments_payment WHERE session_id = session.id
        UNION ALL SELECT tender, amount FROM payments_tip WHERE session_id = session.id AND amount > 0
    ) came
) taken ON true
LEFT JOIN LATERAL (
    SELECT sum(amount) FILTER (WHERE tender NOT IN ('card', 'pix')) AS cash,
           sum(amount) FILTER (WHERE tender = 'card') AS card, sum(amount) FILTER (WHERE tender = 'pix') AS pix
    FROM (
        SELECT tender, amount FROM payments_refund WHERE session_id = session.id
        UNION ALL SELECT tender, -amount FROM payments_tip WHERE session_id = session.id AND amount < 0
    ) went
) back ON true
LEFT JOIN LATERAL (
    SELECT sum(amount) FILTER (WHERE kind = 'in') AS put_in, sum(amount) FILTER (WHERE kind = 'out') AS taken_out
    FROM till_cashmovement WHERE session_id = session.id
) moved ON true
"""


@dataclass(frozen=True)
class DrawerSums:
    """What went through one drawer, tips too; money over the counter by tender, where what nobody said of is cash."""

    opening_float: Decimal
    taken: Mapping[str, Decimal]
    given_back: Mapping[str, Decimal]
    put_in: Decimal
    taken_out: Decimal

    @property
    def expected(self) -> dict[str, Decimal]:
        """What should be there, by tender: in cash the float and what was put in and taken out, too."""
        kept = {tender: self.taken[tender] - self.given_back[tender] for tender in TENDERS}
        return kept | {"cash": self.opening_float + kept["cash"] + self.put_in - self.taken_out}


@dataclass(frozen=True)
class Attempt:
    """A payment as it stands: its status by now, and until when it can be paid."""

    payment: Payment
    status: str
    until: datetime | None


def read_payments(*, number: str, access: Access) -> list[Payment]:
    """Return the order's payments, oldest first, each with its order. Raises NotFound."""
    order = orders.find(number=number, access=access)
    found = list(Payment.objects.filter(order=order).order_by("pk"))
    for payment in found:
        payment.order = order
    return found


def is_pix_awaited(*, policy: Policy) -> bool:
    """Say whether a gateway tells by itself that a Pix was paid."""
    gateway = for_method(method="pix", policy=policy) if "pix" in policy.payment_methods else None
    return gateway is not None and gateway.remote


def pix_at_counter(*, amount: Decimal, txid: str, policy: Policy) -> str | None:
    """Return the text of a Pix that somebody pays at the counter; None where the shop has no key to pay to."""
    pix = static_pix(policy=policy)
    return None if pix is None else pix.text(amount=amount, txid=txid)


def payable_until(*, payment: Payment) -> datetime | None:
    """Return until when a payment, read with its order, can be paid: no longer than its order waits for it."""
    order = payment.order
    if order.status == Order.Status.PENDING and order.expires_at and payment.expires_at:
        return min(payment.expires_at, order.expires_at)
    return payment.expires_at or (order.expires_at if order.status == Order.Status.PENDING else None)


def refundable(*, order: Order) -> Decimal:
    """Return what of the order's money can go back; a fee that is kept goes back only once it is waived."""
    return given_back(order=order, owed=_owed_back(order=order))


def not_owed_back(*, order: Order) -> Decimal:
    """Return what of the order's money has neither gone back nor is already owed back."""
    return net_paid(order=order) - _owed_back(order=order)


def _owed_back(*, order: Order) -> Decimal:
    due = Refund.objects.filter(order=order, status__in=OWED)
    owed: Decimal = due.aggregate(sum=Sum("amount"))["sum"] or Decimal("0.00")
    return owed


def attempts_of(*, order: Order, now: datetime) -> list[Attempt]:
    """Return the payments of an order as they stand at `now`, oldest first."""
    found = []
    for payment in Payment.objects.filter(order=order).order_by("pk"):
        payment.order = order
        until = payable_until(payment=payment)
        status = effective_status(status=payment.status, expires_at=until, now=now)
        found.append(Attempt(payment=payment, status=status, until=until))
    return found


def chosen(*, attempts: Sequence[Attempt], method: str, ways: Sequence[str]) -> Attempt | None:
    """Return the open attempt in the chosen way, or else the last one that is open; None where none is."""
    waiting = [one for one in attempts if one.status == "pending" and one.payment.method in ways]
    return next((one for one in waiting if one.payment.method == method), waiting[-1] if waiting else None)


def last_failed(*, attempts: Sequence[Attempt]) -> bool:
    """Say whether the last attempt was turned down by its gateway."""
    return bool(attempts) and attempts[-1].status == "failed"


def end_of(*, order: Order, status: str) -> str:
    """Return how an order that is not to be paid online stands: paid, refunded, expired, cancelled, or at the counter.

    One that ended says first that its money went back, if all of it did.
    """
    if status in ("expired", "cancelled"):
        return "refunded" if 0 < order.paid <= order.refunded else status
    return "counter" if amount_due(order=order) > 0 else "paid"


def is_questioned(*, order: Order) -> bool:
    """Say whether money came for the order that does not fit and waits for somebody to decide."""
    waiting = MoneyCase.objects.filter(order=order, kind=MoneyCase.Kind.MISMATCH, status=MoneyCase.Status.OPEN)
    return waiting.exists()


def mark_of(*, order: Order, status: str, attempts: Sequence[Attempt], questioned: bool) -> str:
    """Return a short text that differs as soon as the order's money, its status or one of its payments does."""
    parts = [status, order.total, order.cancelled, order.late_fee, order.paid, order.refunded, questioned]
    for one in attempts:
        parts += [one.payment.pk, one.status, one.payment.answered_at, sorted(one.payment.given)]
    return sha256("|".join(map(str, parts)).encode()).hexdigest()[:16]


def drawer_sums(*, sessions: Sequence[TillSession]) -> list[DrawerSums]:
    """Return what went through each of these drawers, in their order; one statement however many there are."""
    found = {row[0]: row[1:] for row in sql.rows(_DRAWERS, {"sessions": [session.pk for session in sessions]})}
    return [
        DrawerSums(
            opening_float=session.opening_float,
            taken=dict(zip(TENDERS, found[session.pk][:3], strict=True)),
            given_back=dict(zip(TENDERS, found[session.pk][3:6], strict=True)),
            put_in=found[session.pk][6],
            taken_out=found[session.pk][7],
        )
        for session in sessions
    ]


def steps_of(*, payment: Payment | None = None, refund: Refund | None = None) -> list[MoneyStep]:
    """Return every step of a payment or a refund, oldest first."""
    return list(MoneyStep.objects.filter(payment=payment, refund=refund).order_by("pk"))


def events_of(*, payment: Payment) -> list[GatewayEvent]:
    """Return what gateways told of a payment, oldest first, without what they wrote letter by letter."""
    return list(GatewayEvent.objects.filter(payment=payment).defer("body").order_by("pk")[:MOST_EVENTS])


def reference_of(*, case: MoneyCase) -> str:
    """Return what the gateway calls the money of a case that was set aside."""
    return case.cause.removeprefix(f"{case.kind}:{case.gateway}:")


def is_counted(*, case: MoneyCase) -> bool:
    """Say whether money that was set aside stands with an order by now: its gateway has told of it anew since."""
    if case.kind not in SET_ASIDE:
        return False
    known = Payment.objects.filter(gateway=case.gateway, gateway_reference=reference_of(case=case))
    return known.filter(status=Payment.Status.SUCCEEDED).exists()


def can_take(*, case: MoneyCase, currency: str) -> bool:
    """Say whether the money of a case was set aside and can be taken for an order in `currency`.

    Test money cannot, and neither can what stands with an order by now.
    """
    set_aside = case.kind in SET_ASIDE and bool(case.amount) and not case.detail.startswith("mode:")
    return set_aside and case.currency == currency and not is_counted(case=case)
