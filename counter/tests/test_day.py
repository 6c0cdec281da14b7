"""The sheet of a day: each figure by hand, a fixed number of statements, and a close that nothing falls beside."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.actors import Actor
from common.testing import statements, undone
from counter import daysheet
from counter import services as counter
from counter.errors import DayAhead, DayClosed, DrawersOpen
from counter.tests.factories import MONDAY, STAFF, cash, goods, of, sell
from inventory.tests.factories import stocked
from operations.integrity import findings
from orders.models import Order
from orders.tests.factories import ALL, ordered
from payments import services as payments
from payments.errors import CountAgain, NoteRequired
from payments.models import Payment, Refund
from payments.selectors import drawer_sums
from till import services as till
from till.models import DayClose, DayCorrection, TillClose, TillCount, TillSession

pytestmark = pytest.mark.django_db
ZONE = "America/Sao_Paulo"
DAY = date(2026, 3, 2)
BIA = Actor(kind="staff", id="99", door="api")
CENTS = st.integers(min_value=1, max_value=99_999).map(lambda cents: Decimal(cents) / 100)


@pytest.fixture(autouse=True)
def _shelf(db: None) -> None:
    stocked(sku="PAO", price="0.80", units=1000)


def figures(day: date = DAY, now: Any = MONDAY + timedelta(hours=1)) -> dict[str, Any]:
    period = daysheet.period_of(day=day, timezone=ZONE, now=now)
    return daysheet.figures_of(period=period, timezone=ZONE)


def counted(session: TillSession, **other: str) -> TillCount:
    """Count exactly what is there, but for what is said to be different."""
    [sums] = drawer_sums(sessions=[session])
    amounts = sums.expected | {tender: Decimal(amount) for tender, amount in other.items()}
    return payments.count_session(session=session.public_id, counted=amounts, anybodys=True, actor=STAFF, now=MONDAY)


def close(session: TillSession, *, note: str = "", **other: str) -> TillClose:
    count = counted(session, **other)
    return counter.close_drawer(
        session=session.public_id, count=count.pk, note=note, anybodys=True, actor=STAFF, now=MONDAY
    )


def close_day(day: date = DAY, now: Any = MONDAY + timedelta(hours=1)) -> DayClose:
    return counter.close_day(day=day, note="", actor=STAFF, now=now)


def give_back(number: str, amount: str) -> None:
    payments.refund_order(
        number=number, amount=Decimal(amount), handed_back=[], restock=False, reason="Troca", access=ALL,
        actor=STAFF, now=MONDAY,
    )  # fmt: skip


def test_each_figure_of_a_day() -> None:
    session = till.open_session(till=None, opening_float=Decimal("50.00"), actor=STAFF, now=MONDAY)
    sell(cash("5.00"), of("card", "3.00"), goods=goods(PAO=10))
    sold = sell(of("pix", "4.00"), goods=goods(PAO=5))
    sell(cash("0.80"), goods=goods(PAO=1), actor=BIA)
    give_back(sold.numbers[0], "1.00")
    till.move_cash(
        session=session.public_id, kind="out", amount=Decimal("20.00"), reason="Banco", anybodys=False, actor=STAFF,
        now=MONDAY,
    )  # fmt: skip
    sent = ordered(units={"PAO": 2}, payment_method="transfer")
    payments.confirm_order(number=sent.number, amount=sent.total, reference="TED", access=ALL, actor=STAFF, now=MONDAY)
    found = figures()
    assert {name: found[name] for name in ("received", "given_back", "kept", "goods", "time", "discounts")} == {
        "received": "14.40", "given_back": "1.00", "kept": "13.40", "goods": "13.40", "time": "0.00",
        "discounts": "0.00",
    }  # fmt: skip
    assert {row["way"]: (row["received"], row["given_back"]) for row in found["by_way"]} == {
        "cash": ("5.80", "0.00"), "card": ("3.00", "0.00"), "pix": ("4.00", "1.00"), "transfer": ("1.60", "0.00"),
    }  # fmt: skip
    assert {row["actor_id"]: row["kept"] for row in found["by_person"]} == {STAFF.id: "12.60", "99": "0.80"}
    assert [row["kept"] for row in found["by_till"]] == ["11.80"]
    assert [one["expected"] for one in found["drawers"]] == [
        {"cash": "35.00", "card": "3.00", "pix": "3.00"},
        {"cash": "0.80", "card": "0.00", "pix": "0.00"},
    ]
    assert found["sold"] == {"count": 4, "total": "14.40"}


def test_what_is_owed_and_what_is_expected_tomorrow() -> None:
    order = ordered(units={"PAO": 10})  # the pickup is at the shop's next opening
    arrival = payments.Arrival.by_hand(method="on_site", amount=Decimal("9.00"), tender="cash")
    payments.record_arrival(number=order.number, arrival=arrival, actor=STAFF, now=MONDAY)
    waiting = ordered(units={"PAO": 3})
    day = waiting.pickup_starts_at.astimezone(ZoneInfo(ZONE)).date() if waiting.pickup_starts_at else DAY
    found = figures(day=day - timedelta(days=1))
    assert found["owed"] == {"count": 1, "amount": "1.00"}
    assert found["tomorrow"] == {
        "pickups": {"count": 1, "amount": "2.40"}, "visits": {"count": 0, "amount": "0.00"},
    }  # fmt: skip


def test_statements_do_not_grow_with_the_orders() -> None:
    costs = []
    for sales in (1, 4):
        for _sale in range(sales):
            sell(cash("0.80"), goods=goods(PAO=1))
            sell(cash("0.80"), goods=goods(PAO=1), actor=Actor(kind="staff", id=str(100 + _sale), door="api"))
        with statements() as found:
            figures()
        costs.append(len(found))
    assert costs == [6, 6]


def test_a_drawer_is_counted_and_signed() -> None:
    session = till.open_session(till=None, opening_float=Decimal("50.00"), actor=STAFF, now=MONDAY)
    sell(cash("0.80"), goods=goods(PAO=1))
    with pytest.raises(NoteRequired):
        close(session, cash="50.00")
    signed = close(session, cash="50.00", note="Faltou troco")
    assert (signed.difference, signed.note, signed.expected["cash"]) == (
        Decimal("-0.80"), "Faltou troco", Decimal("50.80"),
    )  # fmt: skip
    session.refresh_from_db()
    assert session.closed_at == MONDAY
    assert session.counts.count() == 2
    assert findings(now=MONDAY) == []


def test_money_that_moves_makes_a_count_worthless() -> None:
    session = till.open_session(till=None, opening_float=Decimal("0.00"), actor=STAFF, now=MONDAY)
    count = counted(session)
    sell(cash("0.80"), goods=goods(PAO=1))
    with pytest.raises(CountAgain):
        counter.close_drawer(
            session=session.public_id, count=count.pk, note="x", anybodys=True, actor=STAFF, now=MONDAY
        )
    assert TillClose.objects.count() == 0


def test_a_day_is_closed_once_its_drawers_are() -> None:
    sell(cash("0.80"), goods=goods(PAO=1))
    session = TillSession.objects.get()
    with pytest.raises(DrawersOpen) as refusal:
        close_day()
    assert refusal.value.data == {"count": 1, "drawers": [str(session.public_id)]}
    close(session, cash="1.00", note="Achado")
    day = close_day()
    assert (day.expected, day.counted, day.figures["kept"]) == (Decimal("0.80"), Decimal("1.00"), "0.80")
    assert day.digest == daysheet.digest_of(figures=DayClose.objects.get().figures)
    with pytest.raises(DayClosed):
        close_day()
    with pytest.raises(DayAhead):
        close_day(day=DAY + timedelta(days=1))
    assert findings(now=MONDAY) == []


def test_what_comes_after_an_early_close_counts_for_the_next_day() -> None:
    sell(cash("0.80"), goods=goods(PAO=1))
    close(TillSession.objects.get())
    close_day()
    late = MONDAY + timedelta(hours=2)
    sell(cash("1.60"), goods=goods(PAO=2), now=late)
    tomorrow = figures(day=DAY + timedelta(days=1), now=late + timedelta(days=1))
    assert (figures()["received"], tomorrow["received"]) == ("0.80", "1.60")


def test_who_opens_a_drawer_a_moment_too_late_opens_that_of_the_next_day() -> None:
    day = close_day()
    session = till.open_session(till=None, opening_float=Decimal("0.00"), actor=STAFF, now=MONDAY)
    session.refresh_from_db()
    assert session.opened_at == day.ends_at > MONDAY


def test_a_correction_is_an_entry_of_its_own() -> None:
    day = close_day()
    counter.correct_day(day=DAY, tender="cash", amount=Decimal("-2.00"), reason="Nota falsa", actor=STAFF, now=MONDAY)
    assert daysheet.corrections_of(day=DAY) == [
        {
            "tender": "cash", "amount": "-2.00", "reason": "Nota falsa", "actor_kind": "staff", "actor_id": STAFF.id,
            "at": MONDAY.isoformat(),
        }
    ]  # fmt: skip
    day.refresh_from_db()
    assert day.figures["corrections"] == []
    assert DayCorrection.objects.count() == 1


@pytest.mark.parametrize(
    ("statement", "judge"),
    [
        ("UPDATE till_dayclose SET figures = '{}'", "may not be changed"),
        ("DELETE FROM till_daycorrection", "may not be changed"),
        (
            """INSERT INTO till_dayclose (day, starts_at, ends_at, figures, digest, expected, counted, note, actor_kind,
                   actor_id, door, at)
               SELECT day + 1, starts_at, ends_at, '{}', '', 1, 1, '', 'staff', '', 'admin', at FROM till_dayclose""",
            "the drawers of 2026-03-03 have 0.80",
        ),
    ],
)
def test_the_database_refuses_what_does_not_add_up(statement: str, judge: str) -> None:
    sell(cash("0.80"), goods=goods(PAO=1))
    close(TillSession.objects.get())
    close_day()
    counter.correct_day(day=DAY, tender="cash", amount=Decimal("1.00"), reason="x", actor=STAFF, now=MONDAY)
    with pytest.raises(DatabaseError, match=judge), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


Act = tuple[str, Decimal]
ACTS = st.lists(
    st.tuples(st.sampled_from(["cash", "card", "pix", "split", "back", "in", "out"]), CENTS), min_size=1, max_size=8
)


@given(acts=ACTS, opening=CENTS, miscounted=st.integers(min_value=-500, max_value=500))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_payments_movements_and_closes_add_up_to_the_cent(acts: list[Act], opening: Decimal, miscounted: int) -> None:
    with undone():
        session = till.open_session(till=None, opening_float=opening, actor=STAFF, now=MONDAY)
        expected = {"cash": opening, "card": Decimal("0.00"), "pix": Decimal("0.00")}
        for kind, amount in acts:
            _act(session, expected, kind, amount)
        wrong = max(expected["cash"], Decimal(0)) + max(Decimal(miscounted) / 100, Decimal(0))
        signed = close(session, note="Contado às pressas", cash=f"{wrong:.2f}")
        day = close_day()
        assert signed.expected == expected
        assert signed.difference == signed.counted["cash"] - expected["cash"]
        assert (day.expected, day.counted) == (sum(expected.values()), sum(signed.counted.values()))
        kept = Decimal(day.figures["kept"])
        moved = sum((amount if kind == "in" else -amount for kind, amount in acts if kind in ("in", "out")), Decimal(0))
        assert day.expected == opening + kept + moved
        for figure in ("by_way", "by_person", "by_till"):
            assert sum(Decimal(row["kept"]) for row in day.figures[figure]) == kept
        assert Decimal(day.figures["goods"]) + Decimal(day.figures["time"]) == kept
        assert findings(now=MONDAY) == []


def _act(session: TillSession, expected: dict[str, Decimal], kind: str, amount: Decimal) -> None:
    """Do something with the money of a drawer, and count it by hand."""
    if kind in ("in", "out"):
        till.move_cash(
            session=session.public_id, kind=kind, amount=amount, reason="x", anybodys=False, actor=STAFF, now=MONDAY
        )
        expected["cash"] += amount if kind == "in" else -amount
    elif kind == "back":
        last = Order.objects.filter(paid__gt=0).last()
        if last is not None and last.paid > last.refunded:
            before = set(Refund.objects.values_list("pk", flat=True))
            give_back(last.number, str(min(amount, last.paid - last.refunded)))
            for refund in Refund.objects.exclude(pk__in=before):
                expected[refund.tender] -= refund.amount
    else:
        parts = (of("card", "0.80"), cash("0.80", received="5.00")) if kind == "split" else ()
        tenders = parts or (cash("1.60") if kind == "cash" else of(kind, "1.60"),)
        before = set(Payment.objects.values_list("pk", flat=True))
        sell(*tenders, goods=goods(PAO=2))
        for payment in Payment.objects.exclude(pk__in=before):
            expected[payment.tender] += payment.amount
