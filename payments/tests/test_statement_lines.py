"""Lines of statements: each judged beside the others of its file, and every column that taking one in writes."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest

from common.errors import Busy, NotFound
from operations.tests.mixed import TEN, states, the_order
from orders import services as orders
from orders.models import Order, OrderContact
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, cancel, ordered, stocked
from payments import services as payments
from payments.admin.statements import COLOURS, LABELS
from payments.models import MoneyCase, Payment, Refund, StatementLine
from payments.services import Arrival, Judged
from payments.services import statements as judging
from payments.statements import Line
from payments.tests.leases import leased
from payments.tests.stand_in import NAME, registered
from payments.tests.test_reconcile_pix import LATER, by_pix, pix_shop, relay, stands
from payments.wording import LINES
from scheduling.models import Professional
from scheduling.tests.factories import book, salon, set_policy
from shop import services as shop

__all__ = ["leased", "pix_shop"]  # the fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pix_shop")]
TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


def line(
    order: Order | None,
    amount: str = "59.90",
    number: str = "A1",
    *,
    text: str = "",
    day: date = TODAY,
    source: str = "ofx",
) -> Line:
    """Return a line that names its order, where it is of one."""
    said = f"PIX {order.number} {text}" if order else text
    name = f"{day}:{amount}:{source}{number}"
    return Line(source=source, day=day, amount=Decimal(amount), text=said, id=number, reference=name)


def judged(*lines: Line, now: datetime = LATER) -> list[tuple[str, str]]:
    """Return what each line is, and what was expected where that matters."""
    found = payments.judge_statement(lines=lines, now=now)
    assert [one.line for one in found] == list(lines)
    return [(one.what, "" if one.expected is None else f"{one.expected:.2f}") for one in found]


def take(*lines: Line, now: datetime = LATER) -> list[str]:
    """Take a file in, which has to do what its preview says."""
    told = [what for what, _expected in judged(*lines, now=now)]
    done = payments.take_statement(lines=lines, actor=STAFF, now=now)
    assert [one.what for one in done] == told
    return told


def recorded(order: Order, amount: str, *, method: str = "pix", tender: str = "", now: datetime = MONDAY) -> Payment:
    """Have staff record money that came without a statement."""
    arrival = Arrival.by_hand(method=method, amount=Decimal(amount), reference="visto", tender=tender)
    return payments.record_arrival(number=order.number, arrival=arrival, actor=STAFF, now=now)


def row(**which: Any) -> dict[str, Any]:
    found: Any = StatementLine.objects.values().get(**which)
    return {name: value for name, value in found.items() if name != "id"}


def test_whatever_a_line_turns_out_to_be_has_words_a_label_and_somebody_who_sees_to_it() -> None:
    known = set(get_args(judging.What))
    assert known == set(LINES) == {*LABELS, "ignored"} == {*COLOURS, "ignored"}
    assert known == {*payments.TAKEN, *payments.FOR_PEOPLE, "known", "unmatched", "ignored"}


class TestJudging:
    """What a line is, before anything is written."""

    @pytest.mark.parametrize(
        ("amount", "what"),
        [
            ("-59.90", ("ignored", "")),
            ("0.00", ("ignored", "")),
            ("0.01", ("less", "59.90")),
            ("59.89", ("less", "59.90")),
            ("59.90", ("match", "59.90")),
            ("59.91", ("surplus", "59.90")),
        ],
    )
    def test_a_cent_decides(self, amount: str, what: tuple[str, str]) -> None:
        order = by_pix()
        assert judged(line(order, amount)) == [what]
        assert take(line(order, amount)) == [what[0]]

    @pytest.mark.parametrize("begun", [True, False])
    def test_what_the_customer_was_asked_for_is_expected(self, begun: bool) -> None:
        order = by_pix(begun=begun)
        Order.objects.filter(pk=order.pk).update(cancelled=Decimal("9.90"))  # called off since
        assert judged(line(order, "50.00")) == ([("less", "59.90")] if begun else [("match", "50.00")])

    def test_lines_of_one_order_are_judged_after_each_other(self) -> None:
        order = by_pix(units=2)
        recorded(order, "100.00")
        lines = [line(order, amount, f"A{place}") for place, amount in enumerate(("10.00", "9.80", "0.01", "100.00"))]
        assert judged(*lines) == [("match", "19.80"), ("match", "9.80"), ("surplus", "0.00"), ("by_hand", "")]
        assert take(*lines) == ["match", "match", "surplus", "by_hand"]
        assert stands(order) == ("confirmed", "119.81", "0.00")

    def test_after_a_late_line_the_order_waits_for_the_rest(self) -> None:
        order, late = by_pix(), MONDAY + DAY
        lines = [line(order), line(order, number="A2"), line(order, "59.80", "A3")]
        assert judged(*lines, now=late) == [("late", "59.90"), ("surplus", "0.00"), ("surplus", "0.00")]
        assert judged(*reversed(lines), now=late) == [("less", "59.90"), ("late", "59.90"), ("surplus", "0.00")]
        assert take(*lines, now=late) == ["late", "surplus", "surplus"]

    def test_a_cancelled_order_takes_nothing_however_little_it_is(self) -> None:
        order = by_pix()
        cancel(order=order, now=MONDAY)
        assert judged(line(order, "5.00")) == [("surplus", "59.90")]

    def test_nothing_came_or_nothing_is_there(self) -> None:
        assert judged() == []
        went = line(by_pix(), "-59.90")
        assert payments.judge_statement(lines=[went], now=LATER) == [Judged(line=went, what="ignored", orders=())]

    def test_orders_are_named_in_their_order_and_a_number_of_none_names_none(self) -> None:
        one, two = by_pix(), by_pix()
        both, first = line(two, text=one.number), line(one, text="ABCDEFGH2", number="A2")
        assert payments.judge_statement(lines=[both, first], now=LATER) == [
            Judged(line=both, what="several", orders=(two, one)),
            Judged(line=first, what="match", orders=(one,), expected=Decimal("59.90")),
        ]

    def test_what_was_taken_in_tells_its_order(self) -> None:
        order = by_pix()
        take(line(order))
        [found] = payments.judge_statement(lines=[line(order)], now=LATER)
        assert found == Judged(line=line(order), what="known", orders=(order,))
        assert payments.take_line(line=line(order), number=order.number, actor=STAFF, now=LATER) == found


class TestProposing:
    """Lines that name no order, and those they may be of."""

    def named(self, name: str, **options: Any) -> Order:
        order = by_pix(**options)
        OrderContact.objects.filter(order=order).update(name=name)
        return order

    def proposed(self, one: Line, *, now: datetime = LATER) -> list[Order]:
        [found] = payments.judge_statement(lines=[one], now=now)
        assert found.what == ("proposed" if found.orders else "unmatched")
        return list(found.orders)

    @pytest.mark.parametrize(("days", "is_near"), [(-2, False), (-1, True), (0, True), (10, True), (11, False)])
    def test_an_order_is_proposed_from_a_day_before_to_ten_days_after_it(self, days: int, is_near: bool) -> None:
        order = self.named("Ana Lima")
        one = line(None, text="ANA LIMA", day=TODAY + days * DAY)
        assert self.proposed(one) == ([order] if is_near else [])
        lines = [line(None, "1.00", f"B{far}", day=TODAY + far * DAY, text="ANA LIMA") for far in (-40, 40)]
        whole = payments.judge_statement(lines=[lines[0], one, lines[1]], now=LATER)
        assert [list(found.orders) for found in whole] == [[], [order] if is_near else [], []]

    def test_the_likeliest_come_first_then_the_newest_and_no_more_than_three(self) -> None:
        half = self.named("Ana Lima")
        old, new = (self.named("Ana", now=MONDAY + timedelta(minutes=minutes)) for minutes in (1, 2))
        self.named("Bia Lima")
        whole = self.named("Ana Souza")
        one = line(None, text="PIX ANA SOUZA")
        assert self.proposed(one) == [whole, new, old]
        cancel(order=new, now=LATER)
        assert self.proposed(one) == [whole, old, half]

    def test_a_third_of_a_name_is_too_little(self) -> None:
        self.named("Ana Lima Souza")
        assert self.proposed(line(None, text="PIX ANA")) == []

    @pytest.mark.parametrize(("method", "is_awaited"), [("pix", True), ("transfer", True), ("on_site", False)])
    def test_money_from_afar_is_proposed_for_orders_that_await_it(self, method: str, is_awaited: bool) -> None:
        if method == "pix":
            by_pix()
        else:
            ordered(units={"BOLO": 1}, payment_method=method)
        assert len(self.proposed(line(None, text="ANA LIMA"))) == int(is_awaited)

    def test_what_an_order_still_waits_for_is_proposed_for_it(self) -> None:
        stocked(sku="BALA", units=9, price="0.60")
        order = ordered(units={"BALA": 1}, payment_method="transfer")
        assert self.proposed(line(None, "0.60", text="ANA LIMA")) == [order]
        recorded(order, "0.10", method="transfer")
        assert self.proposed(line(None, "0.60", text="ANA LIMA")) == []
        assert self.proposed(line(None, "0.50", text="ANA LIMA")) == [order]
        recorded(order, "0.50", method="transfer")
        assert self.proposed(line(None, "0.50", text="ANA LIMA")) == []

    def test_an_order_that_expired_is_proposed_and_one_that_was_called_off_is_not(self) -> None:
        order, late = by_pix(), MONDAY + DAY
        assert self.proposed(line(None, text="ANA LIMA"), now=late) == [order]
        orders.expire_due_orders(now=late)
        assert self.proposed(line(None, text="ANA LIMA"), now=late) == [order]
        other = by_pix(now=late)
        cancel(order=other, now=late)
        assert self.proposed(line(None, text="ANA LIMA"), now=late) == [order]

    def test_of_very_many_orders_the_newest_are_looked_at(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = [by_pix(now=MONDAY + timedelta(minutes=minutes)) for minutes in (0, 2, 1, 2)]
        by_pix(now=MONDAY + 2 * DAY)  # after the line's days, so that it takes nobody's place
        for most in (1, 2, 3):
            monkeypatch.setattr(judging, "MOST_WAITING", most)
            assert self.proposed(line(None, text="ANA LIMA")) == [found[3], found[1], found[2]][:most]

    def test_a_long_file_costs_no_more_statements_than_a_short_one(self, django_assert_num_queries: Any) -> None:
        taken, open_ones = [by_pix() for _order in range(2)], [by_pix() for _order in range(3)]
        known = [line(order, number=f"A{place}") for place, order in enumerate(taken)]
        take(*known)
        many = [line(None, number=f"B{place}", text="ANA LIMA") for place in range(3)]
        with django_assert_num_queries(4):
            found = payments.judge_statement(lines=[*known, *many], now=LATER)
            names = {order.contact.name for one in found for order in one.orders}
        assert (names, len(found[-1].orders)) == ({"Ana Lima"}, len(open_ones))


class TestSeenBefore:
    """Money that staff has recorded, or that a file of the other form has shown, counts once."""

    def test_each_record_of_staff_is_one_line(self) -> None:
        order, other = by_pix(), by_pix()
        first, second = recorded(order, "59.90"), recorded(order, "59.90", method="transfer")
        recorded(other, "10.00")
        assert take(*(line(order, number=f"A{place}") for place in range(3))) == ["by_hand", "by_hand", "surplus"]
        found = list(StatementLine.objects.order_by("pk").values_list("payment", flat=True))
        assert (found[:2], len(set(found))) == ([first.pk, second.pk], 3)
        assert judged(line(other, number="A9")) == [("surplus", "49.90")]

    @pytest.mark.parametrize(("tender", "what"), [("pix", "by_hand"), ("cash", "surplus"), ("card", "surplus")])
    def test_a_pix_at_the_counter_is_on_the_statement_and_nothing_else_of_it(self, tender: str, what: str) -> None:
        order = ordered(units={"BOLO": 1})
        payment = recorded(order, "59.90", method="on_site", tender=tender)
        assert take(line(order)) == [what]
        assert (row()["payment_id"] == payment.pk) is (what == "by_hand")

    def test_a_line_of_the_other_form_is_the_payment_that_it_was(self) -> None:
        order, other = by_pix(), by_pix()
        first = line(order)
        shown = [first, line(other, number="A2"), line(order, "10.00", "A3"), line(order, number="A4", day=TODAY + DAY)]
        take(*shown)
        assert Payment.objects.filter(status="succeeded").count() == 4
        assert take(line(order, number="B1", source="csv")) == ["elsewhere"]
        kept = [row(reference=one.reference)["payment_id"] for one in (first, line(order, number="B1", source="csv"))]
        assert kept == [Payment.objects.order_by("pk")[0].pk] * 2

    def test_what_is_alike_is_counted_by_order_day_and_amount(self) -> None:
        order, other = by_pix(), by_pix()
        of = [(order, "59.90", TODAY), (other, "59.90", TODAY), (order, "9.00", TODAY), (order, "59.90", TODAY + DAY)]
        take(*(line(one, amount, f"A{place}", day=day) for place, (one, amount, day) in enumerate(of)))
        again = [line(one, amount, f"B{place}", day=day, source="csv") for place, (one, amount, day) in enumerate(of)]
        assert take(*again) == ["elsewhere"] * 4
        assert take(line(order, number="B9", source="csv")) == ["surplus"]

    def test_as_many_lines_of_the_other_form_are_known_as_it_has_shown(self) -> None:
        order = by_pix()
        take(*(line(order, number=number) for number in ("A1", "A2")))
        again = [line(order, number=number, source="csv") for number in ("B1", "B2", "B3")]
        assert take(*again) == ["elsewhere", "elsewhere", "surplus"]

    def test_another_day_or_amount_of_the_other_form_is_other_money(self) -> None:
        order = by_pix()
        take(line(order))
        others = [line(order, number="B1", source="csv", day=TODAY + DAY), line(order, "59.80", "B2", source="csv")]
        assert take(*others) == ["surplus", "surplus"]


class TestTaking:
    """What is written for a line."""

    @pytest.mark.parametrize("number", ["A1", ""])
    @pytest.mark.parametrize("begun", [True, False])
    @pytest.mark.parametrize("method", ["pix", "transfer"])
    def test_the_payment_and_the_line(self, method: str, begun: bool, number: str) -> None:
        order = by_pix(begun=False) if method == "pix" else ordered(units={"BOLO": 1}, payment_method="transfer")
        if begun:
            payments.begin_payment(number=order.number, method=method, access=ALL, actor=GUEST, now=MONDAY)
        asked = list(Payment.objects.values_list("pk", flat=True))
        one = line(order, number=number)
        assert take(one) == ["match"]
        payment = Payment.objects.get()
        assert asked in ([], [payment.pk])
        assert (payment.gateway, payment.method, payment.status) == (method, method, "succeeded")
        assert (payment.reference, payment.gateway_reference) == (f"02/03/2026 {number}".strip(), one.reference)
        assert (payment.actor_kind, payment.actor_id, payment.received_at) == ("staff", STAFF.id, LATER)
        assert row() == {
            "reference": one.reference, "source": "ofx", "day": TODAY, "amount": Decimal("59.90"),
            "order_id": order.pk, "payment_id": payment.pk, "actor_kind": "staff", "actor_id": STAFF.id,
            "taken_at": LATER,
        }  # fmt: skip

    @pytest.mark.parametrize("begun", [True, False])
    @pytest.mark.parametrize("method", ["pix", "transfer"])
    def test_what_is_too_little_is_set_aside_and_says_everything(self, method: str, begun: bool) -> None:
        order = by_pix(begun=False) if method == "pix" else ordered(units={"BOLO": 1}, payment_method="transfer")
        if begun:
            payments.begin_payment(number=order.number, method=method, access=ALL, actor=GUEST, now=MONDAY)
        asked = Payment.objects.values_list("pk", flat=True).first()
        one = line(order, "50.00")
        assert take(one) == ["less"]
        case = MoneyCase.objects.values().get()
        assert case == case | {
            "kind": "mismatch", "cause": f"mismatch:{method}:{one.reference}", "status": "open", "order_id": order.pk,
            "payment_id": asked, "refund_id": None, "event_id": None, "gateway": method, "amount": Decimal("50.00"),
            "currency": "BRL", "detail": "amount: 50.00 instead of 59.90", "opened_at": LATER,
        }  # fmt: skip
        assert (row()["order_id"], row()["payment_id"], row()["amount"]) == (order.pk, None, Decimal("50.00"))

    def test_reais_for_an_order_in_another_currency_are_set_aside_however_many(self) -> None:
        shop.set_policy(key="currency", value="EUR", actor=STAFF, now=MONDAY)
        order = ordered(units={"BOLO": 1}, payment_method="transfer")
        assert judged(line(order)) == [("less", "59.90")]
        assert take(line(order)) == ["less"]
        case = MoneyCase.objects.get()
        assert (case.detail, case.currency, str(case.amount)) == ("currency: BRL instead of EUR", "BRL", "59.90")
        assert stands(order) == ("pending", "0.00", "0.00")

    def test_what_was_begun_by_card_is_not_what_a_pix_pays(
        self, monkeypatch: pytest.MonkeyPatch, settings: Any
    ) -> None:
        gateway = registered(monkeypatch, settings)
        shop.set_policy(key="payment_methods", value="on_site,transfer,pix,card", actor=STAFF, now=MONDAY)
        order = by_pix(begun=False)
        gateway.down = ["begin"]
        with pytest.raises(Busy):
            payments.begin_payment(number=order.number, method="card", access=ALL, actor=GUEST, now=MONDAY)
        assert take(line(order)) == ["match"]
        assert list(Payment.objects.order_by("pk").values_list("gateway", "status")) == [
            (NAME, "pending"), ("pix", "succeeded"),
        ]  # fmt: skip

    def test_a_line_that_somebody_clicks_is_taken_for_that_order_or_for_none(self) -> None:
        order = by_pix()
        with pytest.raises(NotFound):
            payments.take_line(line=line(None), number="NOSUCH234", actor=STAFF, now=LATER)
        assert not StatementLine.objects.exists()
        assert payments.take_line(line=line(None), number=order.number, actor=STAFF, now=LATER).what == "match"
        relay()
        assert stands(order) == ("confirmed", "59.90", "0.00")


class TestTime:
    """Lines for orders with a visit, which keep a time as well as goods."""

    @pytest.fixture
    def order(self) -> Order:
        salon()
        set_policy(transfer_hold_minutes=60)
        return the_order(payment_method="transfer")

    def time_of_somebody(self) -> list[str]:
        return [f"professional:{Professional.objects.get().pk}"]

    def test_money_is_taken_in_under_the_lease_of_the_time(self, order: Order, leased: list[list[str]]) -> None:
        late = MONDAY + timedelta(minutes=61)
        orders.expire_due_orders(now=late)
        leased.clear()
        assert take(line(order, str(order.total)), now=late) == ["late"]
        assert (stands(order)[0], states()) == ("confirmed", ["confirmed"])
        assert leased == [self.time_of_somebody()]

    def test_money_for_a_time_that_is_gone_is_owed_back_once(self, order: Order, leased: list[list[str]]) -> None:
        late = MONDAY + timedelta(minutes=61)
        book(TEN, now=late)
        leased.clear()
        one = line(order, str(order.total))
        assert take(one, now=late) == ["late"]
        assert leased == [self.time_of_somebody()] * 2
        assert (stands(order), states()) == (("expired", "109.90", "0.00"), ["expired", "confirmed"])
        payment = Payment.objects.get()
        assert (row()["payment_id"], row()["taken_at"], row()["actor_id"]) == (payment.pk, late, STAFF.id)
        assert (payment.gateway_reference, payment.received_at) == (one.reference, late)
        assert list(Refund.objects.values_list("status", "amount", "payment")) == [("due", order.total, payment.pk)]
        with pytest.raises(Busy):
            judging._take_too_late(number=order.number, line=one, actor=STAFF, now=late)
        assert take(one, now=late) == ["known"]
        assert (Payment.objects.count(), StatementLine.objects.count(), Refund.objects.count()) == (1, 1, 1)

    def test_what_somebody_settled_meanwhile_is_not_taken_in_as_too_late(self, order: Order) -> None:
        one, late = line(order, str(order.total)), MONDAY + timedelta(minutes=61)
        with pytest.raises(Busy):
            judging._take_too_late(number=order.number, line=one, actor=STAFF, now=LATER)
        assert (stands(order)[0], StatementLine.objects.count(), Payment.objects.count()) == ("pending", 0, 0)
        book(TEN, now=late)
        recorded(order, str(order.total), method="transfer", now=late)
        with pytest.raises(Busy):
            judging._take_too_late(number=order.number, line=one, actor=STAFF, now=late)
        assert (stands(order), Payment.objects.count()) == (("expired", "109.90", "0.00"), 1)
        assert take(one, now=late) == ["by_hand"]


@pytest.mark.parametrize("step", ["_locked", "_set_aside", "_write"])
def test_each_step_refuses_to_run_alone_and_says_which(step: str) -> None:
    with pytest.raises(RuntimeError, match=f"^{step} must run within a unit of work"):
        getattr(judging, step)()
