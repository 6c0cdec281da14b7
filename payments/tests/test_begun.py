"""Payments that are begun: who may in which way, for how much, until when, and what becomes of the one before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from cart import services as carts
from cart.errors import MethodNotOffered
from common.errors import InvalidTransition, NotFound
from common.keys import IdempotencyKey
from common.testing import statements
from common.use_cases import only_once
from orders import services as orders
from orders.access import token_of
from orders.models import Order
from orders.selectors import Access
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, cancel, ordered, placement_of
from payments import services as payments
from payments.errors import GatewayBusy
from payments.models import MoneyStep, Payment
from payments.services import attempts
from payments.tests.by_card import DEADLINE, LATER, begin, by_card, cases, gateway, rows
from payments.tests.stand_in import NAME, StandIn
from scheduling.models import Service
from scheduling.tests.factories import at, salon, wish
from shop import services as shop

__all__ = ["gateway"]

pytestmark = pytest.mark.django_db


def ask(order: Order, method: str, *, access: Access = ALL, now: Any = MONDAY, **more: Any) -> Payment:
    """Begin to pay an order."""
    wanted: dict[str, Any] = {"number": order.number, "method": method, "access": access, "actor": STAFF, "now": now}
    return payments.begin_payment(**wanted | more)


def refused(kind: type[Exception], order: Order, method: str, **more: Any) -> Any:
    """Begin to pay an order, see it refused and nothing written down; return what comes along."""
    before = list(Payment.objects.order_by("pk").values())
    with pytest.raises(kind) as found:
        ask(order, method, **more)
    assert list(Payment.objects.order_by("pk").values()) == before
    return getattr(found.value, "data", None)


def steps(payment: Payment) -> Sequence[tuple[str, ...]]:
    columns = ("from_status", "to_status", "actor_kind", "door", "reason")
    return list(MoneyStep.objects.filter(payment=payment).order_by("pk").values_list(*columns))


class TestWays:
    """In which way, and by whom, an order is paid."""

    def test_what_is_not_offered_is_refused_with_what_is(self, gateway: StandIn) -> None:
        order, transfer = by_card(), ordered(units={"BOLO": 1}, payment_method="transfer")
        own = Access(token=token_of(order=order), now=MONDAY)
        assert refused(MethodNotOffered, order, "pix") == {"offered": ["card", "on_site"]}
        assert refused(MethodNotOffered, order, "on_site", access=own) == {"offered": ["card"]}
        assert refused(MethodNotOffered, order, "transfer") == {"offered": ["card", "on_site"]}
        assert refused(MethodNotOffered, transfer, "pix") == {"offered": ["transfer", "card", "on_site"]}
        assert refused(MethodNotOffered, order, "barter") == {"offered": ["card", "on_site"]}

    def test_a_way_that_is_offered_and_that_nothing_completes_is_refused(self, gateway: StandIn, settings: Any) -> None:
        order, policy = by_card(), shop.policy()
        with pytest.raises(MethodNotOffered) as found:
            attempts._offered(order=order, method="card", gateway=None, access=ALL, policy=policy)
        assert found.value.data == {"offered": ["card", "on_site"]}
        settings.PAYMENT_GATEWAYS = {"pix": "", "card": ""}
        assert refused(MethodNotOffered, order, "card") == {"offered": ["on_site"]}

    def test_a_card_is_not_begun_for_who_may_not_see_the_order_nor_where_it_is_not_offered(
        self, gateway: StandIn
    ) -> None:
        order = by_card()
        refused(NotFound, order, "card", access=Access())
        refused(NotFound, Order(number="NOBODY"), "card")
        refused(NotFound, order, "transfer", access=Access())
        shop.set_policy(key="payment_methods", value="on_site,transfer", actor=STAFF, now=MONDAY)
        assert refused(MethodNotOffered, order, "card") == {"offered": ["on_site"]}
        assert gateway.calls == []

    def test_what_waits_for_nothing_is_not_paid(self, gateway: StandIn) -> None:
        card, transfer = by_card(), ordered(units={"BOLO": 1}, payment_method="transfer")
        counter = ordered(units={"BOLO": 1})
        assert refused(InvalidTransition, card, "on_site")["from"] == "pending"
        assert refused(InvalidTransition, card, "card", now=DEADLINE) == {"from": "expired", "allowed": ["confirmed"]}
        until = transfer.expires_at
        assert refused(InvalidTransition, transfer, "transfer", now=until)["from"] == "expired"
        payments.confirm_order(
            number=transfer.number, amount=Decimal("10.00"), reference="", access=ALL, actor=STAFF, now=MONDAY
        )
        assert refused(InvalidTransition, transfer, "transfer") == {
            "from": "confirmed", "allowed": ["cancelled", "completed"],
        }  # fmt: skip
        assert ask(transfer, "card").amount == Decimal("49.90")
        assert ask(counter, "on_site").status == "succeeded"
        for method in ("on_site", "card"):
            assert refused(InvalidTransition, counter, method)["from"] == "confirmed"
        cancel(order=card)
        assert refused(InvalidTransition, card, "card") == {"from": "cancelled", "allowed": []}

    def test_money_at_the_counter_is_what_is_due_and_who_took_it(self, gateway: StandIn) -> None:
        order = ordered(units={"BOLO": 2})
        arrival = payments.Arrival.by_hand(method="on_site", amount=Decimal("100.00"))
        payments.record_arrival(number=order.number, arrival=arrival, actor=STAFF, now=MONDAY)
        taken = ask(order, "on_site", tender="pix", now=LATER)
        assert (taken.amount, taken.tender, taken.actor_id, taken.received_at, taken.method, taken.gateway) == (
            Decimal("19.80"), "pix", STAFF.id, LATER, "on_site", "counter",
        )  # fmt: skip

    def test_a_pix_to_the_shops_own_key_is_announced_with_its_text_and_again_the_same(
        self, gateway: StandIn, settings: Any
    ) -> None:
        settings.PAYMENT_GATEWAYS = {"pix": "pix", "card": NAME}
        for key, value in (("pix_key", "loja@balcao.example"), ("payment_methods", "on_site,pix,card")):
            shop.set_policy(key=key, value=value, actor=STAFF, now=MONDAY)
        order = by_card()
        first = ask(order, "pix")
        again = ask(order, "pix", now=LATER)
        again.refresh_from_db()
        assert (again.pk, list(again.given), again.answered_at, again.status) == (
            first.pk, ["pix_text"], MONDAY, "pending",
        )  # fmt: skip
        assert (first.given, first.gateway, first.amount) == (again.given, "pix", order.total)
        until = order.expires_at
        assert until is not None
        assert first.expires_at == until - timedelta(minutes=1)
        shop.set_policy(key="pix_hold_minutes", value=20, actor=STAFF, now=MONDAY)
        assert ask(ordered(units={"BOLO": 1}), "pix").expires_at == MONDAY + timedelta(minutes=19)


class TestAtTheGateway:
    """Attempts that are begun at a gateway."""

    def test_an_attempt_says_how_much_until_when_and_who_asked(self, gateway: StandIn) -> None:
        order = by_card()
        payment = ask(order, "card", return_url="https://loja.example/x", actor=GUEST)
        row = Payment.objects.values().get()
        assert row == row | {
            "order_id": order.pk, "gateway": NAME, "method": "card", "status": "pending", "amount": order.total,
            "currency": "BRL", "return_url": "https://loja.example/x", "actor_kind": "guest", "actor_id": "",
            "created_at": MONDAY, "expires_at": DEADLINE, "answered_at": MONDAY, "gateway_reference": "pay-1",
        }  # fmt: skip
        assert steps(payment) == [("", "pending", "guest", "api", "")]

    def test_staff_may_ask_for_a_part_and_never_for_more_than_is_due(self, gateway: StandIn) -> None:
        assert ask(by_card(), "card", amount=Decimal("10.00")).amount == Decimal("10.00")
        assert ask(by_card(), "card", amount=Decimal("60.00")).amount == Decimal("59.90")

    def test_first_the_deposit_is_asked_for_unless_somebody_asks_for_another_part(self, gateway: StandIn) -> None:
        salon(price="50.00")
        Service.objects.update(deposit_amount=Decimal("12.50"))
        cart = carts.open_cart(units=[], wishes=[wish(at(12, day=6))], customer_id=None, actor=GUEST, now=MONDAY)
        placement = replace(placement_of(cart=cart, payment_method="card"), fulfilment=None)
        order = orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY).order
        assert ask(order, "card").amount == Decimal("12.50")
        assert ask(order, "card", amount=Decimal("40.00")).amount == Decimal("40.00")
        assert ask(order, "card", amount=Decimal("60.00")).amount == Decimal("50.00")

    def test_the_answer_is_about_what_was_asked_whatever_comes_back_with_it(
        self, gateway: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = gateway.begin
        monkeypatch.setattr(gateway, "begin", lambda asked: replace(real(asked), payment=None, order=""))
        payment = begin(by_card())
        assert (payment.gateway_reference, payment.answered_at) == ("pay-1", MONDAY)

    def test_money_that_is_set_aside_at_once_leaves_the_attempt_as_it_stands(self, gateway: StandIn) -> None:
        order = by_card()
        gateway.lost.extend(["begin"] * 2)
        with pytest.raises(GatewayBusy):
            begin(order)
        attempt = Payment.objects.get()
        gateway.pay(attempt, currency="EUR")
        assert begin(order, now=LATER) == attempt
        assert (rows(), cases()) == ([("pending", "59.90")], ["mismatch"])

    def test_a_rest_of_a_confirmed_order_has_the_time_of_its_own_way(self, gateway: StandIn) -> None:
        order = ordered(units={"BOLO": 1})
        shop.set_policy(key="card_hold_minutes", value=20, actor=STAFF, now=MONDAY)
        assert ask(order, "card", now=LATER).expires_at == LATER + timedelta(minutes=20)

    def test_one_at_another_amount_is_closed_and_another_begun(self, gateway: StandIn) -> None:
        order = by_card()
        first = ask(order, "card", amount=Decimal("10.00"))
        second = ask(order, "card", now=LATER)
        assert rows() == [("cancelled", "10.00"), ("pending", "59.90")]
        assert steps(first)[-1] == ("pending", "cancelled", "system", STAFF.door, "")
        assert ask(order, "card", now=LATER).pk == second.pk

    def test_one_whose_time_is_over_is_expired_and_another_begun(self, gateway: StandIn) -> None:
        order = by_card()
        first = begin(order)
        Order.objects.update(expires_at=DEADLINE + timedelta(hours=1))
        assert ask(order, "card", now=DEADLINE - timedelta(seconds=1)).pk == first.pk
        second = ask(order, "card", now=DEADLINE)
        assert (second.pk != first.pk, second.expires_at) == (True, DEADLINE + timedelta(hours=1))
        assert steps(first)[-1] == ("pending", "expired", "system", STAFF.door, "")
        Payment.objects.filter(pk=second.pk).update(expires_at=None)
        assert ask(order, "card", now=DEADLINE + timedelta(minutes=1)).pk == second.pk

    def test_one_at_another_gateway_is_closed_and_another_begun(self, gateway: StandIn) -> None:
        order = by_card()
        old = Payment.objects.create(
            order=order, gateway="elsewhere", method="card", status="pending", amount=order.total, currency="BRL",
            actor_kind="guest", created_at=MONDAY, answered_at=MONDAY,
        )  # fmt: skip
        new = begin(order, now=LATER)
        old.refresh_from_db()
        assert (old.status, new.gateway) == ("cancelled", NAME)

    def test_who_comes_from_elsewhere_gets_a_page_that_they_can_open(self, gateway: StandIn) -> None:
        order, url = by_card(), "https://loja.example/x"
        form = begin(order)
        assert ask(order, "card", return_url=url).pk == form.pk  # it has a page after all
        Payment.objects.update(given={"client_secret": "s"})
        assert ask(order, "card").pk == form.pk
        page = ask(order, "card", return_url=url)
        form.refresh_from_db()
        assert (form.status, page.return_url, page.pk != form.pk) == ("cancelled", url, True)
        Payment.objects.filter(pk=page.pk).update(given={"client_secret": "s"})
        assert ask(order, "card", return_url=url).pk == page.pk  # begun for a page of its own

    @pytest.mark.parametrize(
        ("columns", "none"),
        [
            ({}, True), ({"given": {"client_secret": "s"}}, True), ({"given": {"checkout_url": "u"}}, False),
            ({"given": {"pix_text": "t"}}, False), ({"return_url": "u"}, False), ({"method": "pix"}, False),
        ],
    )  # fmt: skip
    def test_only_a_card_in_a_clients_own_form_has_no_page(self, columns: dict[str, Any], none: bool) -> None:
        assert attempts._has_no_page(Payment(**{"method": "card", "return_url": "", "given": {}} | columns)) is none

    def test_a_gateway_is_asked_by_all_that_it_is_known_by(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        payment.given = {"handle": "h-1"}
        sought = attempts.sought_of(payment=payment)
        assert (sought.reference, sought.payment, sought.handle) == ("pay-1", payment.public_id, "h-1")
        payment.given = {}
        assert attempts.sought_of(payment=payment).handle == ""

    def test_a_gateway_is_told_when_and_for_whom_it_was_begun(self, gateway: StandIn) -> None:
        payment = begin(by_card(), now=LATER)
        asked = attempts.asked_of(attempt=Payment.objects.select_related("order__contact").get(pk=payment.pk))
        assert (asked.begun_at, asked.return_url, asked.currency) == (LATER, "", "BRL")

    def test_what_is_declined_says_why_and_who_asked(self, gateway: StandIn) -> None:
        order = by_card()
        gateway.declines.append("begin")
        payment = begin(order, now=LATER)
        payment.refresh_from_db()
        assert (payment.status, payment.failure, payment.answered_at) == ("failed", "card_declined", LATER)
        assert steps(payment)[-1] == ("pending", "failed", "guest", "api", "card_declined")

    def test_an_attempt_that_ended_while_its_gateway_declined_it_stays_ended(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        Payment.objects.update(status="cancelled")
        wanted: dict[str, Any] = {"attempt": payment, "why": "w" * 201, "actor": GUEST, "now": LATER}
        assert attempts._declined(**wanted).status == "cancelled"
        other = begin(by_card())
        with statements() as said:
            found = attempts._declined(**wanted | {"attempt": other})
        assert (found.status, found.failure, found.order) == ("failed", "w" * 200, other.order)
        first, second = (sql.partition("FROM")[2].split()[0] for sql in said if "UPDATE" in sql and "SELECT" in sql)
        assert (first, second) == ('"orders_order"', '"payments_payment"')  # and nobody waits for the other

    def test_the_same_request_again_begins_nothing_though_the_first_was_declined(self, gateway: StandIn) -> None:
        order = by_card()
        once = IdempotencyKey(scope="test", key="k", fingerprint="f")
        wanted: dict[str, Any] = {"number": order.number, "method": "card", "access": ALL, "actor": GUEST}
        gateway.declines.append("begin")
        for now in (MONDAY, LATER):
            only_once(once, payments.begin_payment)(**wanted, now=now)
        assert (gateway.calls, rows()) == (["begin"], [("failed", "59.90")])


class TestClosing:
    """What can no longer be paid of an order is closed."""

    def close(self, order: Order, name: str = "order.cancelled") -> None:
        payments.close_attempts(name=name, payload={"order": order.number}, event_id=uuid4(), now=LATER)

    @pytest.mark.parametrize(("end", "name"), [("cancelled", "order.cancelled"), ("expired", "order.expired")])
    def test_attempts_end_as_their_order_did_and_name_what_ended_it(
        self, gateway: StandIn, end: str, name: str
    ) -> None:
        order, other = by_card(), by_card()
        payment, foreign = begin(order), begin(other)
        if end == "cancelled":
            cancel(order=order)
        else:
            orders.expire_due_orders(now=DEADLINE)
        self.close(order, name)
        payment.refresh_from_db()
        foreign.refresh_from_db()
        assert (payment.status, foreign.status) == (end, "pending")
        assert steps(payment)[-1] == ("pending", end, "system", "task", name)

    def test_attempts_of_an_order_that_waits_end_only_if_they_would_last_longer(self, gateway: StandIn) -> None:
        order = by_card()
        payment = begin(order)
        self.close(order)
        assert rows() == [("pending", "59.90")]
        Order.objects.update(expires_at=DEADLINE - timedelta(seconds=1))
        self.close(order, "order.deadline_moved")
        payment.refresh_from_db()
        assert (payment.status, steps(payment)[-1][-1]) == ("cancelled", "order.deadline_moved")

    def test_attempts_of_an_order_that_was_confirmed_stay_open(self, gateway: StandIn) -> None:
        order = ordered(units={"BOLO": 1})
        begin(order)
        self.close(order)
        assert rows() == [("pending", "59.90")]
