"""What to say to a customer about an order, decided from all the facts: which sentences, in which order.

Pure: words for the decision, never the text itself, which `wording` holds in every language. What an order costs and
what is asked next comes from `amounts`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from orders.amounts import amount_due, asked_first, current_total, net_paid

CAUSES = (
    "placed",
    "confirmed",
    "line_cancelled",
    "pickup_moved",
    "ready",
    "shipped",
    "cancelled",
    "fee_waived",
    "expired",
    "paid_too_late",
    "link_renewed",
)
STANDS = "stands"
"""Not a message but a page: how the order stands, whatever happened last."""

LIVE = ("pending", "confirmed", "completed")
PLACES = ("collect", "come", "counter")


@dataclass(frozen=True)
class OrderFacts:
    """Everything that decides what is said.

    `asked`: whether it was to be paid before it was confirmed, and still was when it ran out. `first`: what the
    confirmation still asks, `due`: what is still to be paid in all, `kept`: received and not given back, `current`:
    what the order costs now. `place`: what the customer comes for: to collect goods, to a visit, or to the counter for
    both. `fee`: what is kept for calling off late or not coming, `at_stake`: what that may still cost, unless the order
    is called off before `free_until`.
    """

    cause: str
    status: str
    method: str
    asked: bool
    first: Decimal
    due: Decimal
    kept: Decimal
    refunded: Decimal
    current: Decimal
    place: str
    awaits_shop: bool
    by_customer: bool
    fee: Decimal = Decimal("0.00")
    at_stake: Decimal = Decimal("0.00")
    free_until: datetime | None = None
    is_late: bool = False

    @property
    def is_live(self) -> bool:
        """Whether the order still stands."""
        return self.status in LIVE

    @property
    def by_transfer(self) -> bool:
        """Whether a transfer is what the order waits for."""
        return self.status == "pending" and self.first > 0 and self.method == "transfer"

    @property
    def rest(self) -> Decimal:
        """What is to be paid after the confirmation."""
        return self.due - self.first

    @property
    def back(self) -> Decimal:
        """What the customer has paid for nothing and gets back."""
        return self.kept if self.status == "expired" else max(self.kept - self.current, Decimal("0.00"))


def facts_from(
    *,
    cause: str,
    status: str,
    order: Any,
    kinds: Collection[str],
    awaits_shop: bool,
    by_customer: bool,
    at_stake: Decimal = Decimal("0.00"),
    free_until: datetime | None = None,
    is_late: bool = False,
) -> OrderFacts:
    """Return the facts of an order from its amounts; `kinds`: of the lines that still count ("goods", "visit")."""
    places: Mapping[tuple[str, ...], str] = {("goods",): "collect", ("visit",): "come"}
    had_a_price = status != "expired" or current_total(order=order) > 0
    return OrderFacts(
        cause=cause,
        status=status,
        method=order.payment_method,
        asked=order.amount_due_now > 0 and order.payment_method != "on_site" and had_a_price,
        first=asked_first(order=order),
        due=amount_due(order=order),
        kept=net_paid(order=order),
        refunded=order.refunded,
        current=current_total(order=order),
        place=places.get(tuple(sorted(set(kinds))), "counter"),
        awaits_shop=awaits_shop,
        by_customer=by_customer,
        fee=order.late_fee,
        at_stake=at_stake,
        free_until=free_until,
        is_late=is_late,
    )


def sentences(*, facts: OrderFacts) -> tuple[str, ...]:
    """Return the names of the sentences that are true and worth saying, in order."""
    said = [_opening(facts=facts)]
    said += _waiting(facts=facts) + _to_pay(facts=facts) + _fee_terms(facts=facts) if facts.is_live else []
    return tuple(said + _given_back(facts=facts))


def _opening(*, facts: OrderFacts) -> str:
    cause = facts.status if facts.cause == STANDS and facts.status in ("cancelled", "expired") else facts.cause
    if cause == STANDS:
        return f"is_{facts.status}"
    if cause == "confirmed":
        return "payment_received" if facts.kept > 0 else "confirmed"
    if cause == "cancelled":
        return "cancelled_by_customer" if facts.by_customer else "cancelled"
    if cause == "expired":
        return "expired_unpaid" if facts.asked else "expired_unanswered"
    return cause


def _waiting(*, facts: OrderFacts) -> list[str]:
    """Say what the order waits for: its money, the shop's answer, or both.

    Money may be waited for longer than a time the shop has not confirmed is kept.
    """
    said = []
    if facts.status == "pending" and facts.first > 0:
        name = "transfer" if facts.by_transfer else "pay_first"
        said.append(f"{name}_by" if facts.awaits_shop else name)
    if facts.awaits_shop:
        said.append("awaits_shop")
    elif facts.status == "pending" and facts.first <= 0:
        said.append("awaits_us")
    elif facts.status == "confirmed" and facts.cause == "placed":
        said.append("is_kept")
    return said


def _to_pay(*, facts: OrderFacts) -> list[str]:
    """Say what is to be paid where, or that nothing is."""
    if facts.rest > 0:
        return [f"{'rest' if facts.kept > 0 or facts.first > 0 else 'pay'}_{facts.place}"]
    if facts.due > 0 or facts.back > 0:
        return []
    return ["all_paid"] if facts.kept > 0 else ["nothing_to_pay"]


def _fee_terms(*, facts: OrderFacts) -> list[str]:
    """Say what calling the order off costs, now or later, where a fee was agreed and it can still be called off."""
    speaks = facts.cause in ("placed", "confirmed", "line_cancelled", "pickup_moved", STANDS)
    if not speaks or facts.status not in ("pending", "confirmed") or facts.at_stake <= 0 or facts.free_until is None:
        return []
    return ["fee_late" if facts.is_late else "fee_free"]


def _given_back(*, facts: OrderFacts) -> list[str]:
    if facts.fee > 0 and (facts.cause in ("line_cancelled", "cancelled", STANDS)):
        more = ["money_returned"] if facts.refunded > 0 else []
        return ["fee_kept", *(["rest_back"] if facts.back > 0 else more)]
    if facts.back > 0:
        return ["money_back"]
    if facts.is_live:
        return []
    if facts.refunded > 0:
        return ["money_returned"]
    return ["paid_meanwhile"] if facts.asked else ["nothing_to_pay"]
