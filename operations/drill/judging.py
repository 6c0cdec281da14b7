"""The judge: reads a history and what is there at the end, and says what cannot be right. Pure.

Each claim is a function from both to violations, none where the claim holds. Time counts: what was answered before
something else was asked must be seen by it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter

from operations.drill.history import Operation
from operations.drill.state import Charge, PaymentRow, RefundRow, State

NOTHING = Decimal(0)
ENDED = ("cancelled", "expired")


@dataclass(frozen=True)
class Violation:
    """One thing that cannot be right: which claim it breaks, what it is about, and why."""

    claim: str
    about: str
    why: str


Claim = Callable[[Sequence[Operation], State], Iterable[tuple[str, str]]]


def judge(operations: Sequence[Operation], state: State) -> list[Violation]:
    """Return every violation of every claim."""
    return [
        Violation(claim=name, about=about, why=why)
        for name, (_sentence, claim) in CLAIMS.items()
        for about, why in claim(operations, state)
    ]


def no_accidents(operations: Sequence[Operation], state: State) -> Iterator[tuple[str, str]]:
    """Find answers that were accidents of ours."""
    for one in operations:
        if one.code.startswith("500"):
            yield _name(one), one.code


def zero_or_one(operations: Sequence[Operation], state: State) -> Iterator[tuple[str, str]]:
    """Find what happened more or less often than its answer says."""
    happened = _effects(state)
    returned = _sum((row.reason, row) for row in state.refunds)
    for one in operations:
        if one.kind == "refund" and returned[one.marker] not in (NOTHING, Decimal(one.wanted["amount"])):
            yield _name(one), f"{returned[one.marker]} went back instead of {one.wanted['amount']}"
        if one.kind not in happened:
            continue
        times = happened[one.kind][one.marker]
        most = 0 if one.outcome == "failed" else 1
        least = 1 if one.outcome == "ok" and one.kind != "cancel" else 0  # what was cancelled before is ok and no more
        if not least <= times <= most:
            yield _name(one), f"{one.outcome}, and happened {times} times"


def ok_is_there(operations: Sequence[Operation], state: State) -> Iterator[tuple[str, str]]:
    """Find what an ok answer named and is not there."""
    orders = {(order.number, order.email) for order in state.orders}
    cancelled = {order.number for order in state.orders if order.status == "cancelled"}
    payments = {payment.id for payment in state.payments}
    visits = {visit.id for visit in state.visits}
    called_off = (one for one in operations if one.kind == "call_off" and one.outcome != "failed")
    kept_or_gone = visits | {one.wanted["visit"] for one in called_off}
    holds: dict[str, Callable[[Operation], bool]] = {
        "order": lambda one: (one.found["number"], one.marker) in orders,
        "cancel": lambda one: one.wanted["order"] in cancelled,
        "begin": lambda one: one.found["payment"] in payments,
        "book": lambda one: one.found["visit"] in kept_or_gone,
        "call_off": lambda one: one.wanted["visit"] not in visits,
    }
    for one in operations:
        if one.outcome == "ok" and one.kind in holds and not holds[one.kind](one):
            yield _name(one), f"{one.wanted or one.found} is not so"


def nothing_uncaused(operations: Sequence[Operation], state: State) -> Iterator[tuple[str, str]]:
    """Find what nobody asked for."""
    asked = defaultdict(set)
    for one in operations:
        asked[one.kind].add(one.marker)
    for order in state.orders:
        if order.email not in asked["order"]:
            yield order.number, "an order that nobody placed"
    for visit in state.visits:
        if visit.email not in asked["book"]:
            yield visit.id, "a visit that nobody booked"


def seen_in_time(operations: Sequence[Operation], state: State) -> Iterator[tuple[str, str]]:
    """Find looks that did not see what was answered before them."""
    ended: dict[str, float] = {}
    looks: dict[str, list[Operation]] = defaultdict(list)
    for one in operations:
        if one.kind == "cancel" and one.outcome == "ok" and one.completed is not None:
            number = one.wanted["order"]
            ended[number] = min(one.completed, ended.get(number, one.completed))
        if one.kind == "look" and one.outcome != "unknown":
            looks[one.wanted["order"]].append(one)
    for number, found in looks.items():
        for one in found:
            if one.outcome == "failed":
                yield _name(one), f"{number} was placed, and is not there"
            elif number in ended and one.invoked > ended[number] and one.found["status"] != "cancelled":
                yield _name(one), f"{number} was cancelled before, and is {one.found['status']}"
        seen = [one for one in sorted(found, key=attrgetter("invoked")) if one.outcome == "ok"]
        for before, after in pairwise(seen):
            for column in ("paid", "refunded"):
                fell = Decimal(after.found[column]) < Decimal(before.found[column])
                if fell and before.completed is not None and after.invoked > before.completed:
                    yield _name(after), f"{column} of {number} fell from {before.found[column]}"


def no_oversell(operations: Sequence[Operation], state: State) -> Iterator[tuple[str, str]]:
    """Find SKUs of which more is promised than is there."""
    for shelf in state.shelves:
        if shelf.on_hand < max(shelf.reserved, shelf.ordered, 0):
            yield shelf.sku, f"{shelf.on_hand} on hand, {shelf.reserved} reserved, {shelf.ordered} ordered"
        if shelf.on_hand != shelf.moved:
            yield shelf.sku, f"{shelf.on_hand} on hand, {shelf.moved} moved"
        if shelf.reserved != shelf.kept or shelf.kept < shelf.ordered:
            yield shelf.sku, f"{shelf.reserved} reserved, {shelf.kept} kept, {shelf.ordered} ordered"


def no_double_booking(operations: Sequence[Operation], state: State) -> Iterator[tuple[str, str]]:
    """Find visits that meet."""
    taken = defaultdict(list)
    for visit in state.visits:
        taken["professional", visit.professional].append(visit)
        if visit.room is not None:
            taken["room", visit.room].append(visit)
    for (what, _key), visits in taken.items():
        for before, after in pairwise(sorted(visits, key=attrgetter("starts_at"))):
            if after.starts_at < before.ends_at:
                yield after.id, f"the {what} has {before.id} until {before.ends_at:%d %H:%M}"


def none_stranded(operations: Sequence[Operation], state: State) -> Iterator[tuple[str, str]]:
    """Find money that is only on one side, or twice."""
    known = Counter(row.gateway_reference for row in state.payments if row.status == "succeeded")
    came = {charge.reference: charge for charge in state.came if charge.status == "succeeded"}
    amounts = {row.gateway_reference: row.amount for row in state.payments}
    for reference, charge in came.items():
        aside = _is_aside(charge, state)
        if known[reference] + aside != 1:
            yield reference, f"{charge.amount} for {charge.order} is in the shop {known[reference]} times"
        elif not aside and amounts[reference] != charge.amount:
            yield reference, f"{charge.amount} came, {amounts[reference]} is written down"
    for row in state.payments:
        if row.status == "succeeded" and row.gateway_reference and row.gateway_reference not in came:
            yield row.id, "never came at the gateway"


def no_over_refund(operations: Sequence[Operation], state: State) -> Iterator[tuple[str, str]]:
    """Find what went back too much."""
    came = {charge.reference: charge.amount for charge in state.came if charge.status == "succeeded"}
    for reference, amount in _sum((charge.of, charge) for charge in _went(state)).items():
        if amount > came.get(reference, NOTHING):
            yield reference, f"{amount} went back of {came.get(reference, NOTHING)}"
    made = {row.id: row.amount for row in state.refunds}
    for refund, amount in _sum((charge.refund, charge) for charge in _went(state)).items():
        if amount > made.get(refund, NOTHING):
            yield refund, f"{amount} went back for a refund of {made.get(refund, NOTHING)}"
    owed = _sum((row.order, row) for row in state.refunds)
    for order in state.orders:
        if owed.get(order.number, NOTHING) > order.paid:
            yield order.number, f"{owed[order.number]} of {order.paid} goes back"


def refunds_agree(operations: Sequence[Operation], state: State) -> Iterator[tuple[str, str]]:
    """Find refunds on which both sides differ, or that nobody has finished."""
    went = _sum((charge.of, charge) for charge in _went(state))
    said = _sum((row.charge, row) for row in state.refunds if row.charge and row.status == "succeeded")
    for reference in {*went, *said}:
        if went.get(reference, NOTHING) != said.get(reference, NOTHING):
            yield reference, f"{went.get(reference, NOTHING)} went back, {said.get(reference, NOTHING)} is written down"
    for row in state.refunds:
        if row.charge and row.status in ("due", "sent"):
            yield row.id, f"still {row.status}"


def nobody_charged_twice(operations: Sequence[Operation], state: State) -> Iterator[tuple[str, str]]:
    """Find orders that keep more than they cost."""
    owed = _sum((row.order, row) for row in state.refunds if row.status != "succeeded")
    charges: dict[str, Decimal] = defaultdict(Decimal)
    of = {charge.reference: charge.order for charge in state.came}
    for charge in state.came:
        counts = charge.status == "succeeded" and not _is_aside(charge, state)
        charges[charge.order] += charge.amount if counts else NOTHING
    for charge in _went(state):
        charges[of.get(charge.of, "")] -= charge.amount
    for order in state.orders:
        most = NOTHING if order.status in ENDED else order.cost
        open_debt = owed.get(order.number, NOTHING)
        for kept in (order.paid - order.refunded - open_debt, charges[order.number] - open_debt):
            if kept > most:
                yield order.number, f"{order.status}, keeps {kept} of {most}"
        if order.status == "pending":
            yield order.number, "still pending"


def money_adds_up(operations: Sequence[Operation], state: State) -> Iterator[tuple[str, str]]:
    """Find orders whose sums are wrong, and attempts without an end."""
    paid = _sum((row.order, row) for row in state.payments if row.status == "succeeded")
    back = _sum((row.order, row) for row in state.refunds if row.status == "succeeded")
    for order in state.orders:
        if order.paid != paid.get(order.number, NOTHING) or order.refunded != back.get(order.number, NOTHING):
            yield (
                order.number,
                f"{order.paid}/{order.refunded} against {paid.get(order.number)}/{back.get(order.number)}",
            )
    for row in state.payments:
        if row.status == "pending":
            yield row.id, "still pending"


def examined(operations: Sequence[Operation], state: State) -> Iterator[tuple[str, str]]:
    """Return what the shop's own examination found."""
    for finding in state.findings:
        name, _colon, rows = finding.partition(":")
        yield name, rows.strip()[:500]


CLAIMS: dict[str, tuple[str, Claim]] = {
    "no_accidents": ("No answer was an accident of ours.", no_accidents),
    "zero_or_one": ("What was ok has happened once, what failed never, what is unknown once or never.", zero_or_one),
    "ok_is_there": ("What an ok answer named is there, as it said.", ok_is_there),
    "nothing_uncaused": ("Nothing is there that nobody asked for.", nothing_uncaused),
    "seen_in_time": (
        "Who looks sees everything that was answered before, and nothing that was there goes away again.",
        seen_in_time,
    ),
    "no_oversell": (
        "No more units are promised than are on the shelf, and all three ways to count them agree.",
        no_oversell,
    ),
    "no_double_booking": ("Nobody and no room has two visits at one time.", no_double_booking),
    "none_stranded": (
        "Money that came at the gateway is in the shop exactly once, and the shop has none that did not come.",
        none_stranded,
    ),
    "no_over_refund": (
        "No more goes back than came: of a charge, of an order, and of a refund, which goes back once.",
        no_over_refund,
    ),
    "refunds_agree": (
        "What the shop says went back through the gateway went back there, and the other way round; nothing waits.",
        refunds_agree,
    ),
    "nobody_charged_twice": (
        "What the shop keeps of an order, in its own rows and in the gateway's books, is at most what the order costs.",
        nobody_charged_twice,
    ),
    "money_adds_up": (
        "What orders count as paid and given back is the sum of their payments and refunds.",
        money_adds_up,
    ),
    "examined": ("The shop's own examination finds nothing.", examined),
}
"""Each with the sentence that it holds."""


def _effects(state: State) -> dict[str, Counter[str]]:
    """Return how much there is of each kind, by marker."""
    return {
        "order": Counter(order.email for order in state.orders),
        "confirm": Counter(row.reference for row in state.payments),
        "refund": Counter({row.reason for row in state.refunds}),
        "cancel": Counter(state.cancellations),
        "restock": Counter(state.movements),
        "tell": Counter(state.events),
    }


def _is_aside(charge: Charge, state: State) -> bool:
    """Say whether the money waits in the inbox for somebody to decide what it is."""
    return charge.reference in state.set_aside


def _went(state: State) -> list[Charge]:
    return [charge for charge in state.went if charge.status != "refused"]


def _sum(rows: Iterable[tuple[str, Charge | PaymentRow | RefundRow]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for name, row in rows:
        found[name] += row.amount
    return found


def _name(one: Operation) -> str:
    return f"{one.number} {one.kind} {one.marker}".strip()
