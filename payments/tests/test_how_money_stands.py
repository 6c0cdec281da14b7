"""How the money of an order stands, as it is read: its attempts, what is left of it, and what a drawer should hold."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from common.actors import Actor
from common.errors import NotFound
from common.transactions import run_unit_of_work
from orders.access import token_of
from orders.models import Order
from orders.selectors import Access
from orders.tests.factories import ALL, MONDAY, STAFF, ordered, stocked
from payments import selectors
from payments import services as payments
from payments.models import GatewayEvent, MoneyCase, Payment, Refund
from payments.selectors import Attempt, DrawerSums
from payments.services.cases import open_case
from payments.tests.brcodes import fields_of
from payments.tests.by_card import DEADLINE, LATER, begin, by_card, gateway, paid_by_card, tell
from payments.tests.stand_in import StandIn
from shop import services as shop
from till import services as till

__all__ = ["gateway"]

pytestmark = pytest.mark.django_db

BIA = Actor(kind="staff", id="99", door="api")


def announced(order: Order) -> Payment:
    return payments.begin_payment(number=order.number, method="transfer", access=ALL, actor=STAFF, now=MONDAY)


class TestReading:
    """Whose payments are shown, and to whom."""

    def test_an_order_shows_its_own_payments_the_oldest_first_and_no_others(self, gateway: StandIn) -> None:
        order, other = by_card(), by_card()
        first, _foreign = begin(order), begin(other)
        tell(gateway, gateway.pay(first))
        tell(gateway, gateway.pay_again(first))
        Payment.objects.filter(pk=first.pk).update(looked_at=LATER)  # it lies behind the other now
        found = selectors.read_payments(number=order.number, access=ALL)
        assert [(payment.order_id, payment.gateway_reference) for payment in found] == [
            (order.pk, "pay-1"), (order.pk, "pay-again-2"),
        ]  # fmt: skip
        assert [payment.order.contact.email for payment in found] == [order.contact.email] * 2

    def test_payments_are_for_those_who_may_see_the_order(self, gateway: StandIn) -> None:
        order, other = by_card(), by_card()
        begin(order)
        own = Access(token=token_of(order=order), now=MONDAY)
        assert len(selectors.read_payments(number=order.number, access=own)) == 1
        for number, access in ((other.number, own), (order.number, Access()), ("NOBODY", ALL)):
            with pytest.raises(NotFound):
                selectors.read_payments(number=number, access=access)

    def test_history_and_news_are_those_of_the_one_payment(self, gateway: StandIn) -> None:
        order = paid_by_card(gateway)
        paid_by_card(gateway)
        payment = Payment.objects.get(order=order)
        [refund] = payments.refund_order(
            number=order.number, amount=Decimal("1.00"), handed_back=[], restock=False, reason="-", access=ALL,
            actor=STAFF, now=LATER,
        ).refunds  # fmt: skip
        tell(gateway, gateway.payments[payment.key])
        steps = selectors.steps_of(payment=payment)
        assert [(step.payment_id, step.to_status) for step in steps] == [
            (payment.pk, "pending"), (payment.pk, "succeeded"),
        ]  # fmt: skip
        assert next(step.to_status for step in selectors.steps_of(refund=refund)) == "due"
        assert {step.refund_id for step in selectors.steps_of(refund=refund)} == {refund.pk}
        news = selectors.events_of(payment=payment)
        assert [(event.payment_id, event.get_deferred_fields()) for event in news] == [(payment.pk, {"body"})] * 2
        assert news[0].pk < news[1].pk

    def test_of_many_news_the_oldest_hundred_are_shown(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        GatewayEvent.objects.bulk_create(
            GatewayEvent(
                gateway=payment.gateway, event_id=f"evt-{number}", kind="x", body=b"", status="handled", payment=payment,
                received_at=LATER, handled_at=LATER,
            )
            for number in range(101)
        )  # fmt: skip
        GatewayEvent.objects.filter(event_id="evt-0").update(looked_at=LATER)  # it lies behind the others now
        assert [event.event_id for event in selectors.events_of(payment=payment)] == [f"evt-{n}" for n in range(100)]


class TestAttempts:
    """Until when each attempt can be paid, and which is shown."""

    def test_an_attempt_can_be_paid_until_it_ends_and_no_longer_than_its_order_waits(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        order = payment.order
        sooner, later = DEADLINE - timedelta(minutes=1), DEADLINE + timedelta(minutes=1)
        for ends, status, waits, until in [
            (DEADLINE, "pending", sooner, sooner),
            (DEADLINE, "pending", later, DEADLINE),
            (DEADLINE, "pending", None, DEADLINE),
            (None, "pending", sooner, sooner),
            (DEADLINE, "confirmed", sooner, DEADLINE),
            (None, "confirmed", sooner, None),
            (None, "pending", None, None),
        ]:
            payment.expires_at, order.status, order.expires_at = ends, status, waits
            assert selectors.payable_until(payment=payment) == until

    def test_attempts_stand_as_they_are_at_that_moment(self, gateway: StandIn) -> None:
        order = by_card()
        gateway.declines.append("begin")
        failed = begin(order)
        gateway.declines.clear()
        waiting = begin(order)
        begin(by_card())
        Payment.objects.filter(pk=failed.pk).update(looked_at=LATER)  # it lies behind the others now
        before, after = DEADLINE - timedelta(seconds=1), DEADLINE
        for now, status in ((before, "pending"), (after, "expired")):
            found = selectors.attempts_of(order=order, now=now)
            assert [(one.payment, one.status, one.until) for one in found] == [
                (failed, "failed", DEADLINE), (waiting, status, DEADLINE),
            ]  # fmt: skip
            assert [one.payment.order for one in found] == [order, order]
        order.expires_at = before
        assert [one.until for one in selectors.attempts_of(order=order, now=before)] == [before, before]
        assert [one.status for one in selectors.attempts_of(order=order, now=before)] == ["failed", "expired"]

    def test_the_open_attempt_in_the_chosen_way_is_shown_or_else_the_last_open_one(self) -> None:
        def attempt(method: str, status: str = "pending") -> Attempt:
            return Attempt(payment=Payment(method=method), status=status, until=None)

        over, card, pix, transfer = attempt("pix", "expired"), attempt("card"), attempt("pix"), attempt("transfer")
        every = [over, card, pix, transfer]

        def shown(method: str, *ways: str, of: Any = every) -> Attempt | None:
            return selectors.chosen(attempts=of, method=method, ways=ways)

        assert shown("pix", "pix", "card") is pix
        assert shown("card", "pix", "card") is card
        assert shown("transfer", "pix", "card") is pix
        assert shown("other", "card") is card
        assert shown("pix", "pix", of=[over]) is None
        assert shown("pix", of=every) is None

    def test_only_the_last_attempt_says_that_a_card_was_turned_down(self) -> None:
        failed, waiting = (Attempt(payment=Payment(), status=status, until=None) for status in ("failed", "pending"))
        assert selectors.last_failed(attempts=[waiting, failed])
        assert not selectors.last_failed(attempts=[failed, waiting])
        assert selectors.last_failed(attempts=[]) is False

    def test_the_mark_changes_with_the_order_its_money_and_each_attempt(self, gateway: StandIn) -> None:
        order = by_card()
        payment = begin(order)
        one = Attempt(payment=payment, status="pending", until=None)

        def mark(**differs: Any) -> str:
            given: dict[str, Any] = {"order": order, "status": "pending", "attempts": [one], "questioned": False}
            return selectors.mark_of(**given | differs)

        marks = [mark(), mark(status="confirmed"), mark(questioned=True), mark(attempts=[]), mark(attempts=[one, one])]
        marks.append(mark(attempts=[replace(one, status="expired")]))
        for column in ("total", "cancelled", "late_fee", "paid", "refunded"):
            was = getattr(order, column)
            setattr(order, column, was + 1)
            marks.append(mark())
            setattr(order, column, was)
        for column, value in (("answered_at", LATER), ("given", {"pix_text": "x"}), ("pk", payment.pk + 1)):
            was = getattr(payment, column)
            setattr(payment, column, value)
            marks.append(mark())
            setattr(payment, column, was)
        assert len(set(marks)) == len(marks) == 14
        assert (mark(), len(mark())) == (marks[0], 16)
        other = sorted(payment.given.items(), reverse=True)
        payment.given = dict(other)
        assert mark() == marks[0]


class TestWhatIsLeft:
    """What of an order's money can still go back, and how the order stands."""

    def test_what_is_owed_already_cannot_go_back_again(self) -> None:
        stocked(sku="BOLO", units=9, price="59.90")
        order, other = (ordered(units={"BOLO": 1}, payment_method="transfer") for _time in range(2))
        for one in (order, other):
            payments.confirm_order(
                number=one.number, amount=one.total, reference="", access=ALL, actor=STAFF, now=MONDAY
            )
        order.refresh_from_db()
        assert selectors.refundable(order=order) == selectors.not_owed_back(order=order) == Decimal("59.90")
        for status, amount in (("due", "5.00"), ("sent", "4.00"), ("refused", "3.00")):
            Refund.objects.create(
                order=order, status=status, amount=Decimal(amount), currency="BRL", reason="-", actor_kind="staff",
                created_at=MONDAY,
            )  # fmt: skip
        assert selectors.refundable(order=order) == selectors.not_owed_back(order=order) == Decimal("47.90")
        other.refresh_from_db()
        assert selectors.refundable(order=other) == selectors.not_owed_back(order=other) == Decimal("59.90")
        order.refunded = Decimal("10.00")
        assert selectors.not_owed_back(order=order) == Decimal("37.90")
        order.late_fee = Decimal("7.00")
        assert (selectors.refundable(order=order), selectors.not_owed_back(order=order)) == (
            Decimal("30.90"), Decimal("37.90"),
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("status", "paid", "refunded", "end"),
        [
            ("expired", "0", "0", "expired"),
            ("cancelled", "0", "0", "cancelled"),
            ("expired", "10", "10", "refunded"),
            ("cancelled", "10", "10", "refunded"),
            ("cancelled", "10", "9", "cancelled"),
            ("cancelled", "1", "1", "refunded"),
            ("confirmed", "10", "0", "paid"),
            ("confirmed", "10", "10", "counter"),
            ("confirmed", "9.01", "0", "counter"),
            ("pending", "0", "0", "counter"),
        ],
    )
    def test_how_an_order_stands_that_is_not_to_be_paid_online(
        self, status: str, paid: str, refunded: str, end: str
    ) -> None:
        order = Order(total=Decimal(10), cancelled=Decimal(0), late_fee=Decimal(0))
        order.paid, order.refunded = Decimal(paid), Decimal(refunded)
        assert selectors.end_of(order=order, status=status) == end

    def test_only_money_of_this_order_that_does_not_fit_and_is_undecided_is_a_question(self, gateway: StandIn) -> None:
        order, other = by_card(), by_card()
        for kind, of in (("mismatch", other), ("too_much", order)):
            run_unit_of_work(open_case, kind=kind, about="x", order=of, now=MONDAY)
        assert not selectors.is_questioned(order=order)
        tell(gateway, gateway.pay(begin(order), amount=Decimal("1.00")))
        assert selectors.is_questioned(order=order)
        case = MoneyCase.objects.get(order=order, kind="mismatch")
        payments.settle_case(case_id=case.public_id, resolution="-", actor=STAFF, now=LATER)
        assert not selectors.is_questioned(order=order)

    def test_only_money_that_was_set_aside_in_the_same_currency_can_be_taken(self) -> None:
        def can(currency: str = "BRL", **columns: Any) -> bool:
            given = {"kind": "mismatch", "amount": Decimal("1.00"), "currency": "BRL", "detail": "amount: 1"} | columns
            return selectors.can_take(case=MoneyCase(**given), currency=currency) is True

        assert can()
        assert can(kind="unknown")
        assert not can(kind="dispute")
        assert not can(kind="too_much")
        assert not can(amount=None)
        assert not can("EUR")
        assert not can(detail="mode: test instead of live")

    def test_what_the_gateway_calls_the_money_of_a_case(self) -> None:
        case = MoneyCase(kind="mismatch", gateway="x", cause="mismatch:x:pay:1")
        assert selectors.reference_of(case=case) == "pay:1"


class TestPix:
    """Who tells that a Pix was paid, and what is shown at the counter."""

    def test_a_pix_is_awaited_where_the_shop_takes_it_and_a_gateway_tells_of_it(
        self, gateway: StandIn, settings: Any
    ) -> None:
        def awaited(through: str, *methods: str) -> bool:
            settings.PAYMENT_GATEWAYS = {"pix": through, "card": ""}
            policy = replace(shop.policy(), pix_key="loja@balcao.example", payment_methods=methods)
            return selectors.is_pix_awaited(policy=policy)

        assert awaited(gateway.name, "on_site", "pix")
        assert not awaited(gateway.name, "on_site", "transfer")
        assert not awaited("pix", "on_site", "pix")
        assert awaited("", "on_site", "pix") is False

    def test_a_pix_at_the_counter_is_to_the_shops_key_and_names_the_sale(self) -> None:
        assert selectors.pix_at_counter(amount=Decimal("1.50"), txid="VENDA1", policy=shop.policy()) is None
        shop.set_policy(key="pix_key", value="loja@balcao.example", actor=STAFF, now=MONDAY)
        text = selectors.pix_at_counter(amount=Decimal("1.50"), txid="VENDA1", policy=shop.policy())
        found = fields_of(text or "")
        assert (found["26-01"], found["54"], found["62-05"]) == ("loja@balcao.example", "1.50", "VENDA1")


class TestDrawers:
    """What went through each drawer, and what should lie in it."""

    def test_what_should_be_there_is_what_came_less_what_went_by_tender(self) -> None:
        sums = DrawerSums(
            opening_float=Decimal(1000),
            taken={"cash": Decimal(100), "card": Decimal(50), "pix": Decimal(7)},
            given_back={"cash": Decimal(10), "card": Decimal(5), "pix": Decimal(3)},
            put_in=Decimal("0.50"),
            taken_out=Decimal("0.20"),
        )
        assert sums.expected == {"cash": Decimal("1090.30"), "card": Decimal(45), "pix": Decimal(4)}

    def test_each_drawer_has_its_own_sums_in_the_order_asked_for(self) -> None:
        stocked(sku="PAO", price="0.80", units=1000)
        mine, hers, empty = (
            till.open_session(till=None, opening_float=Decimal(float_), actor=actor, now=MONDAY)
            for actor, float_ in ((STAFF, 50), (BIA, 20), (Actor(kind="staff", id="98", door="api"), 5))
        )
        for tender, amount, actor in [
            ("cash", "5.00", STAFF), ("", "1.00", STAFF), ("card", "3.00", STAFF), ("pix", "2.00", STAFF),
            ("cash", "0.80", BIA),
        ]:  # fmt: skip
            arrival = payments.Arrival.by_hand(method="on_site", amount=Decimal(amount), tender=tender)
            number = ordered(units={"PAO": 10}).number
            payments.record_arrival(number=number, arrival=arrival, actor=actor, now=MONDAY)
            if tender == "card":
                payments.refund_order(
                    number=number, amount=Decimal("1.50"), handed_back=[], restock=False, reason="-", access=ALL,
                    actor=STAFF, now=MONDAY,
                )  # fmt: skip
        for kind, amount in (("in", "4.00"), ("out", "20.00")):
            till.move_cash(
                session=mine.public_id, kind=kind, amount=Decimal(amount), reason="-", anybodys=False, actor=STAFF,
                now=MONDAY,
            )  # fmt: skip
        nothing = {"cash": Decimal(0), "card": Decimal(0), "pix": Decimal(0)}
        assert selectors.drawer_sums(sessions=[hers, mine, empty]) == [
            DrawerSums(Decimal(20), nothing | {"cash": Decimal("0.80")}, nothing, Decimal(0), Decimal(0)),
            DrawerSums(
                Decimal(50),
                {"cash": Decimal("6.00"), "card": Decimal("3.00"), "pix": Decimal("2.00")},
                nothing | {"card": Decimal("1.50")},
                Decimal("4.00"),
                Decimal("20.00"),
            ),
            DrawerSums(Decimal(5), nothing, nothing, Decimal(0), Decimal(0)),
        ]
        assert selectors.drawer_sums(sessions=[]) == []
