"""The judge of the race drill: content with a sound history, and of every claim it finds the one that breaks it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from operations.drill.gateway import DrillGateway
from operations.drill.history import History, Operation
from operations.drill.judging import CLAIMS, judge
from operations.drill.post import Post
from operations.drill.state import Charge, OrderRow, PaymentRow, RefundRow, ShelfRow, State, VisitRow
from payments.gateways.protocol import Asked

TEN = datetime(2027, 3, 2, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Day:
    """A day at the counter: what clients were told, and what is there in the evening."""

    operations: list[Operation]
    state: State

    def said(self, kind: str, *, marker: str = "", at: float, outcome: Any = "ok", code: str = "", **more: Any) -> None:
        self.operations.append(
            Operation(
                len(self.operations) + 1, "c1", kind, marker, at, more.get("wanted", {}), at + 0.5, outcome, code,
                more.get("found", {}), 1, int(outcome == "unknown"),
            )
        )  # fmt: skip

    def told(self, kind: str) -> Operation:
        return next(one for one in self.operations if one.kind == kind)

    def is_otherwise(self, **columns: Any) -> None:
        self.state = replace(self.state, **columns)

    def row(self, table: str, place: int = 0, **columns: Any) -> None:
        """Let one row of a table be otherwise."""
        rows = list(getattr(self.state, table))
        rows[place] = replace(rows[place], **columns)
        self.is_otherwise(**{table: rows})


def amount(text: str) -> Decimal:
    return Decimal(text)


def sound() -> Day:
    """One order paid by card of which a part went back, one that was cancelled after it had been paid, and a visit."""
    orders = [
        OrderRow("A", "a@x", "confirmed", amount("30"), amount("30"), amount("10")),
        OrderRow("B", "b@x", "cancelled", amount("5"), amount("5"), amount("5")),
    ]
    state = State(
        orders=orders,
        payments=[
            PaymentRow("p1", "A", "drill", "succeeded", amount("30"), "", "pay-1"),
            PaymentRow("p2", "B", "transfer", "succeeded", amount("5"), "c1-4", ""),
        ],
        refunds=[
            RefundRow("r1", "A", "pay-1", "succeeded", amount("10"), "c1-5"),
            RefundRow("r2", "B", "", "succeeded", amount("5"), "order.cancelled"),
        ],
        visits=[
            VisitRow("v1", "v@x", "confirmed", 1, 7, TEN, TEN + HOUR),
            VisitRow("v2", "w@x", "confirmed", 1, 7, TEN + HOUR, TEN + 2 * HOUR),
        ],
        shelves=[ShelfRow("BOLO", 5, 5, 3, 3, 2)],
        cancellations=["c1-6"],
        movements=["c1-7"],
        events=["evt-1"],
        came=[
            Charge("pay-1", "succeeded", amount("30"), order="A"),
            Charge("pay-2", "pending", amount("5"), order="B"),
        ],
        went=[Charge("back-1", "succeeded", amount("10"), of="pay-1", refund="r1")],
    )
    day = Day([], state)
    day.said("order", marker="a@x", at=1, found={"number": "A"})
    day.said("order", marker="b@x", at=2, found={"number": "B"})
    day.said("begin", at=3, wanted={"order": "A"}, found={"payment": "p1"})
    day.said("tell", marker="evt-1", at=4)
    day.said("confirm", marker="c1-4", at=5, wanted={"order": "B"})
    day.said("look", at=6, wanted={"order": "A"}, found={"status": "confirmed", "paid": "30.00", "refunded": "0.00"})
    day.said("refund", marker="c1-5", at=7, wanted={"order": "A", "amount": "10"})
    day.said("cancel", marker="c1-6", at=8, wanted={"order": "B"})
    day.said("restock", marker="c1-7", at=9, wanted={"sku": "BOLO"})
    day.said("book", marker="v@x", at=10, found={"visit": "v1"})
    day.said("book", marker="w@x", at=11, outcome="unknown")
    day.said("look", at=12, wanted={"order": "B"}, found={"status": "cancelled", "paid": "5.00", "refunded": "5.00"})
    day.said("order", marker="n@x", at=13, outcome="failed", code="409 out_of_stock")
    day.said("order", marker="u@x", at=14, outcome="unknown", code="503 busy")
    return day


def test_a_sound_day_is_sound() -> None:
    day = sound()
    assert judge(day.operations, day.state) == []


PLANTS: list[tuple[str, str, Callable[[Day], object]]] = [
    ("no_accidents", "3 begin", lambda day: day.told("begin").heard("unknown", code="500 internal_error")),
    ("zero_or_one", "an ok order that is not there", lambda day: day.is_otherwise(orders=day.state.orders[:1])),
    ("zero_or_one", "an unknown one twice", lambda day: day.is_otherwise(movements=["c1-7", "c1-7"])),
    ("zero_or_one", "a failed one that happened", lambda day: day.row("orders", 0, email="n@x")),
    ("zero_or_one", "half a refund", lambda day: day.row("refunds", 0, amount=amount("5"))),
    ("zero_or_one", "an event nobody has stored", lambda day: day.is_otherwise(events=[])),
    ("ok_is_there", "another order", lambda day: day.told("order").found.update(number="B")),
    ("ok_is_there", "a cancel without effect", lambda day: day.row("orders", 1, status="confirmed")),
    ("ok_is_there", "a payment that is gone", lambda day: day.told("begin").found.update(payment="p9")),
    ("ok_is_there", "a visit that is gone", lambda day: day.is_otherwise(visits=day.state.visits[1:])),
    ("ok_is_there", "a visit called off", lambda day: day.said("call_off", at=20, wanted={"visit": "v1"})),
    ("nothing_uncaused", "an order", lambda day: day.row("orders", 0, email="nobody@x")),
    ("nothing_uncaused", "a visit", lambda day: day.row("visits", 0, email="nobody@x")),
    ("seen_in_time", "back from the dead", lambda day: day.operations[11].found.update(status="confirmed")),
    ("seen_in_time", "no longer there", lambda day: day.operations[11].__dict__.update(outcome="failed")),
    (
        "seen_in_time",
        "money that falls",
        lambda day: day.said(
            "look", at=20, wanted={"order": "A"}, found={"status": "confirmed", "paid": "20.00", "refunded": "0.00"}
        ),
    ),
    ("no_oversell", "one unit too many", lambda day: day.row("shelves", on_hand=2, moved=2)),
    ("no_oversell", "a unit nobody moved", lambda day: day.row("shelves", on_hand=6)),
    ("no_oversell", "an order without its units", lambda day: day.row("shelves", ordered=4)),
    ("no_double_booking", "one professional", lambda day: day.row("visits", 1, starts_at=TEN, room=None)),
    ("no_double_booking", "one room", lambda day: day.row("visits", 1, starts_at=TEN, professional=2)),
    ("none_stranded", "never written down", lambda day: day.row("payments", status="pending")),
    ("none_stranded", "written down twice", lambda day: day.row("payments", 1, gateway_reference="pay-1")),
    ("none_stranded", "another amount", lambda day: day.row("payments", amount=amount("29"))),
    ("none_stranded", "never came", lambda day: day.row("came", status="pending")),
    ("no_over_refund", "more than came", lambda day: day.row("went", amount=amount("31"))),
    (
        "no_over_refund",
        "one refund twice",
        lambda day: day.is_otherwise(went=[*day.state.went, replace(day.state.went[0], reference="back-2")]),
    ),
    ("no_over_refund", "more than was paid", lambda day: day.row("refunds", 1, amount=amount("6"))),
    ("refunds_agree", "never went", lambda day: day.is_otherwise(went=[])),
    ("refunds_agree", "nobody sent it", lambda day: day.row("refunds", status="due")),
    (
        "nobody_charged_twice",
        "at the gateway",
        lambda day: day.is_otherwise(came=[*day.state.came, Charge("pay-3", "succeeded", amount("30"), order="A")]),
    ),
    ("nobody_charged_twice", "in the shop", lambda day: day.row("orders", 1, refunded=amount("0"))),
    ("nobody_charged_twice", "left open", lambda day: day.row("orders", 0, status="pending")),
    ("money_adds_up", "a sum", lambda day: day.row("orders", 0, paid=amount("31"))),
    ("money_adds_up", "an attempt", lambda day: day.row("payments", 1, status="pending")),
    ("examined", "a finding", lambda day: day.is_otherwise(findings=["money.paid_is_the_sum: [{}]"])),
]


@pytest.mark.parametrize(("claim", "what", "plant"), PLANTS, ids=[f"{claim}: {what}" for claim, what, _plant in PLANTS])
def test_of_every_claim_it_finds_what_breaks_it(claim: str, what: str, plant: Callable[[Day], object]) -> None:
    day = sound()
    plant(day)
    assert claim in {violation.claim for violation in judge(day.operations, day.state)}


def test_every_claim_is_broken_once() -> None:
    assert {claim for claim, _what, _plant in PLANTS} == set(CLAIMS)


def test_money_that_is_set_aside_waits_for_somebody_and_is_not_stranded() -> None:
    day = sound()
    day.is_otherwise(came=[*day.state.came, Charge("pay-9", "succeeded", amount("7"), order="A")], set_aside={"pay-9"})
    assert judge(day.operations, day.state) == []


def test_a_customer_who_pays_twice_changes_nothing_of_what_was_paid() -> None:
    gateway = DrillGateway(seed=1, troubled=False)
    asked = Asked(
        id=uuid4(), key="", order="A", method="card", amount=amount("30"), currency="BRL", expires_at=None,
        description="A", return_url="", notify_url="",
    )  # fmt: skip
    gateway.begin(replace(asked, key=f"payment:{asked.id}"))
    dice = random.Random(1)
    Post(gateway=gateway, troubled=False).pay(str(asked.id), dice=dice)
    for _time in range(500):
        Post(gateway=gateway, troubled=True).pay(str(asked.id), dice=dice)
    assert {fact.currency for fact in gateway.payments.values()} == {"BRL"}
    assert gateway.payments[f"payment:{asked.id}"].status == "succeeded"


def test_a_no_after_a_doubt_leaves_the_doubt() -> None:
    history = History()
    with history.invoked(client="c1", kind="order", marker="m") as one:
        assert (one.outcome, one.completed) == ("unknown", None)
        one.heard("unknown", code="lost: TimeoutError")
        one.heard("failed", code="409 out_of_stock")
    assert (one.outcome, one.tries, one.code) == ("unknown", 2, "409 out_of_stock")
    with history.invoked(client="c1", kind="order", marker="m") as one:
        one.heard("unknown", code="503 busy")
        one.heard("ok", number="A")
    assert (one.outcome, one.found, history.as_plain()[1]["number"]) == ("ok", {"number": "A"}, 2)
    assert one.completed is not None
    assert one.invoked <= one.completed
