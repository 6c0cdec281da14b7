"""What people decide about the money inbox: each decision moves the money once, and settles its case with it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.urls import reverse

from backoffice.tests.desk import at_desk, text_of
from common import outbox
from common.errors import InvalidTransition, NotFound
from common.testing import statements
from inventory.tests.factories import stocked
from operations.tests.mixed import TEN, states, the_order
from orders import services as orders
from orders.models import Order
from orders.tests.factories import MONDAY, STAFF, cancel, ordered
from payments import services as payments
from payments.admin.cases import verbs_of
from payments.models import MoneyCase, MoneyStep, Payment, Refund
from payments.services import resolving
from payments.tests.by_card import begin, by_card, cases, clean, refunds, relay, rows, stands, tell
from payments.tests.leases import leased
from payments.tests.stand_in import NAME, StandIn, registered
from scheduling.models import Professional
from scheduling.tests.factories import book, salon, set_policy
from shop import services as shop

__all__ = ["leased"]  # the fixture

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(minutes=2)


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, settings: Any) -> StandIn:
    """There are cakes, and cards are taken."""
    stocked(sku="BOLO", units=5, price="59.90")
    found = registered(monkeypatch, settings)
    shop.set_policy(key="payment_methods", value="on_site,transfer,card", actor=STAFF, now=MONDAY)
    return found


def of(case: MoneyCase, **more: Any) -> dict[str, Any]:
    return {"case_id": case.public_id, "resolution": "ok", "actor": STAFF, "now": LATER, **more}


def wrong_amount(gateway: StandIn, order: Order, amount: str = "50.00") -> MoneyCase:
    tell(gateway, gateway.pay(begin(order), amount=Decimal(amount)))
    case = MoneyCase.objects.get()
    assert (case.kind, case.detail) == ("mismatch", f"amount: {amount} instead of 59.90")
    return case


def test_money_that_does_not_fit_is_accepted_for_its_order_once(gateway: StandIn) -> None:
    order = by_card()
    case = wrong_amount(gateway, order)
    settled = payments.take_case(**of(case, number=order.number))
    assert (settled.status, settled.resolution, settled.settled_at) == ("settled", "ok", LATER)
    assert stands(order) == ("confirmed", "50.00", "0.00")
    assert rows() == [("succeeded", "50.00")]
    with pytest.raises(InvalidTransition):
        payments.take_case(**of(case, number=order.number))
    with pytest.raises(InvalidTransition):
        payments.give_case_back(**of(case))
    assert rows() == [("succeeded", "50.00")]
    clean(LATER)


def test_it_is_taken_for_another_order_and_stays_there_when_told_again(gateway: StandIn) -> None:
    asked, meant = by_card(), by_card()
    case = wrong_amount(gateway, asked)
    with pytest.raises(NotFound):
        payments.take_case(**of(case, number="NOSUCH234"))
    assert MoneyCase.objects.get().status == "open"
    payments.take_case(**of(case, number=meant.number))
    assert stands(asked) == ("pending", "0.00", "0.00")
    assert stands(meant) == ("confirmed", "50.00", "0.00")
    assert rows() == [("cancelled", "59.90"), ("succeeded", "50.00")]
    payment = Payment.objects.get(status="succeeded")
    assert MoneyCase.objects.get().payment == payment
    tell(gateway, gateway.payments[Payment.objects.get(status="cancelled").key], now=LATER)
    assert stands(meant) == ("confirmed", "50.00", "0.00")
    assert begin(asked, now=LATER).status == "pending"
    clean(LATER)


def test_what_its_own_order_was_given_since_is_taken_for_no_other(gateway: StandIn) -> None:
    asked, meant = by_card(), by_card()
    case = wrong_amount(gateway, asked)
    tell(gateway, replace(gateway.payments[Payment.objects.get().key], amount=Decimal("59.90")))
    assert stands(asked) == ("confirmed", "59.90", "0.00")
    for number in (meant.number, asked.number):
        with pytest.raises(InvalidTransition):
            payments.take_case(**of(case, number=number))
    with pytest.raises(InvalidTransition):
        payments.give_case_back(**of(case))
    assert verbs_of(case) == ("settle",)
    page = at_desk(role="owner").get(reverse("admin:payments_moneycase_change", args=[case.pk]))
    assert "ele já está no pedido" in text_of(page)
    assert (stands(asked), stands(meant)) == (("confirmed", "59.90", "0.00"), ("pending", "0.00", "0.00"))
    payments.settle_case(**of(case))
    clean(LATER)


def test_it_goes_back_whole_and_the_order_stays_as_it_is(gateway: StandIn) -> None:
    order = by_card()
    case = wrong_amount(gateway, order)
    payments.give_case_back(**of(case))
    assert refunds() == [("due", "50.00", "payment.set_aside")]
    relay(LATER)
    assert refunds() == [("succeeded", "50.00", "payment.set_aside")]
    assert stands(order) == ("pending", "50.00", "50.00")
    clean(LATER)


def test_money_for_an_order_that_is_gone_is_taken_as_too_late_and_goes_back(gateway: StandIn) -> None:
    order = by_card()
    case = wrong_amount(gateway, order, "59.00")
    cancel(order=order, now=LATER)
    payments.take_case(**of(case, number=order.number))
    relay(LATER)
    assert stands(order) == ("cancelled", "59.00", "59.00")
    assert cases() == ["mismatch", "too_late"]
    clean(LATER)


def test_test_money_and_another_currency_are_never_taken(gateway: StandIn) -> None:
    order = by_card()
    tell(gateway, gateway.pay(begin(order), live=True))
    tell(gateway, gateway.pay_again(Payment.objects.get(), currency="USD"))
    assert MoneyCase.objects.count() == 2
    for case in MoneyCase.objects.all():
        with pytest.raises(InvalidTransition):
            payments.take_case(**of(case, number=order.number))
        with pytest.raises(InvalidTransition):
            payments.give_case_back(**of(case))
    assert stands(order) == ("pending", "0.00", "0.00")


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_refund_that_was_refused_is_given_by_hand_or_tried_again(gateway: StandIn, by_hand: bool) -> None:
    order = by_card()
    tell(gateway, gateway.pay(begin(order)))
    gateway.declines = ["refund"]
    cancel(order=order, now=LATER)
    relay(LATER)
    case = MoneyCase.objects.get(kind="refund_refused")
    assert Refund.objects.get().status == "refused"
    gateway.declines = []
    payments.settle_refused(**of(case, by_hand=by_hand))
    case.refresh_from_db()
    assert (case.status, Refund.objects.get().status) == ("settled", "succeeded")
    assert stands(order) == ("cancelled", "59.90", "59.90")
    assert gateway.calls.count("refund") == (1 if by_hand else 2)
    with pytest.raises(InvalidTransition):
        payments.settle_refused(**of(case, by_hand=by_hand))
    clean(LATER)


def test_the_shop_is_told_of_a_case_while_it_is_open(gateway: StandIn) -> None:
    shop.set_policy(key="email", value="loja@exemplo.com.br", actor=STAFF, now=MONDAY)
    order = by_card()
    wrong_amount(gateway, order)
    [letter] = [one for one in mail.outbox if one.to == ["loja@exemplo.com.br"] and order.number in one.subject][-1:]
    assert letter.subject == f"Pendência de dinheiro: não confere com o que foi pedido ({order.number})"
    assert "Chegaram 50,00 em vez de 59,90" in letter.body
    assert "R$ 50,00" in letter.body
    assert f"/admin/payments/moneycase/{MoneyCase.objects.get().pk}/change/" in letter.body


def test_a_case_settled_meanwhile_sends_nothing(gateway: StandIn) -> None:
    shop.set_policy(key="email", value="loja@exemplo.com.br", actor=STAFF, now=MONDAY)
    order = by_card()
    payments.receive_event(
        gateway="standin",
        delivery=gateway.event(gateway.pay(begin(order), amount=Decimal("1.00")), now=LATER),
        now=LATER,
    )
    outbox.relay(now=LATER)
    mail.outbox.clear()
    case = MoneyCase.objects.get()
    payments.settle_case(**of(case))
    payments.mail_shop(
        name="money.case_opened", payload={"case": str(case.public_id)}, event_id=case.public_id, now=LATER
    )
    assert mail.outbox == []


def settled_by_staff() -> dict[str, Any]:
    """Return how the only case was settled, once it was."""
    case = MoneyCase.objects.get()
    assert (case.status, case.resolution, case.settled_at) == ("settled", "ok", LATER)
    assert (case.actor_kind, case.actor_id) == (STAFF.kind, STAFF.id)
    found: Any = MoneyCase.objects.values().get()
    return dict(found)


class TestWhoseMoneyItIs:
    """Money that was set aside, and the attempt and the order that it is taken for."""

    def test_it_completes_the_attempt_it_was_asked_for_by(self, gateway: StandIn) -> None:
        order = by_card()
        case = wrong_amount(gateway, order)
        asked = Payment.objects.get()
        payments.take_case(**of(case, number=order.number))
        payment = Payment.objects.get()
        assert (payment.pk, payment.gateway, payment.method, payment.received_at) == (asked.pk, NAME, "card", LATER)
        assert (payment.gateway_reference, payment.actor_id) == ("pay-1", STAFF.id)
        assert settled_by_staff()["payment_id"] == payment.pk

    @pytest.mark.parametrize("ran_out", [False, True])
    def test_the_attempt_of_another_order_lets_go_of_it(self, gateway: StandIn, ran_out: bool) -> None:
        asked, meant = by_card(), ordered(units={"BOLO": 1}, payment_method="transfer")
        case = wrong_amount(gateway, asked)
        if ran_out:
            Payment.objects.update(status="expired")
        steps = MoneyStep.objects.count()
        payments.take_case(**of(case, number=meant.number))
        attempt, payment = Payment.objects.order_by("pk")
        assert (attempt.status, attempt.gateway_reference) == ("expired" if ran_out else "cancelled", "")
        assert (payment.order, payment.gateway, payment.method, payment.amount) == (
            meant, NAME, "transfer", Decimal("50.00"),
        )  # fmt: skip
        assert (payment.gateway_reference, payment.actor_id) == ("pay-1", STAFF.id)
        assert settled_by_staff()["payment_id"] == payment.pk
        found = MoneyStep.objects.filter(payment=attempt).order_by("pk").values_list("to_status", "reason", "actor_id")
        assert list(found[1:]) == ([] if ran_out else [("cancelled", "attached", STAFF.id)])
        assert MoneyStep.objects.count() == steps + 2 - ran_out

    def test_it_lets_go_as_well_of_money_that_is_too_late_for_the_other(self, gateway: StandIn) -> None:
        asked, meant = by_card(), ordered(units={"BOLO": 3}, payment_method="transfer")
        case, late = wrong_amount(gateway, asked), MONDAY + timedelta(days=2)
        ordered(units={"BOLO": 3}, now=late)
        payments.take_case(**of(case, number=meant.number, now=late))
        attempt, payment = Payment.objects.order_by("pk")
        step = MoneyStep.objects.filter(payment=attempt).order_by("-pk")[0]
        assert (step.to_status, step.reason, step.actor_id, step.at) == ("cancelled", "attached", STAFF.id, late)
        assert (payment.order, stands(meant)) == (meant, ("expired", "50.00", "0.00"))
        assert refunds() == [("due", "50.00", "order.paid_too_late")]

    def test_a_payment_that_has_its_own_money_keeps_it(self, gateway: StandIn) -> None:
        order, meant = by_card(), by_card()
        tell(gateway, gateway.pay(begin(order)))
        tell(gateway, gateway.pay_again(Payment.objects.get(), account="acct-2"))
        case = MoneyCase.objects.get()
        assert (case.detail, case.payment) == ("another account of the gateway", Payment.objects.get())
        payments.take_case(**of(case, number=meant.number))
        assert list(Payment.objects.order_by("pk").values_list("order", "status", "gateway_reference")) == [
            (order.pk, "succeeded", "pay-1"), (meant.pk, "succeeded", "pay-again-1"),
        ]  # fmt: skip
        assert (stands(order), stands(meant)) == (("confirmed", "59.90", "0.00"), ("confirmed", "59.90", "0.00"))

    @pytest.mark.parametrize("of_another", [False, True])
    def test_an_attempt_that_still_waits_for_its_own_money_goes_on_waiting(
        self, gateway: StandIn, of_another: bool
    ) -> None:
        order, other = ordered(units={"BOLO": 1}, payment_method="transfer"), by_card()
        asked = begin(order)
        tell(gateway, gateway.pay_again(asked, account="acct-2"))
        case, meant = MoneyCase.objects.get(), other if of_another else order
        assert (case.order, case.payment) == (order, asked)
        payments.take_case(**of(case, number=meant.number))
        attempt, payment = Payment.objects.order_by("pk")
        assert (attempt.status, attempt.gateway_reference) == ("pending", "pay-1")
        assert (payment.order, payment.method, payment.gateway_reference) == (meant, "card", "pay-again-1")
        assert stands(meant) == ("confirmed", "59.90", "0.00")

    def test_money_of_no_order_is_taken_for_one_and_cannot_go_back(self, gateway: StandIn) -> None:
        order = by_card()
        begin(order)
        [fact] = gateway.payments.values()
        tell(
            gateway,
            type(fact)(**{**vars(fact), "status": "succeeded", "reference": "x-1", "payment": None, "order": ""}),
        )
        case = MoneyCase.objects.get()
        assert (case.kind, case.order, case.payment) == ("unknown", None, None)
        with pytest.raises(NotFound):
            payments.give_case_back(**of(case))
        payments.take_case(**of(case, number=order.number))
        assert stands(order) == ("confirmed", "59.90", "0.00")
        attempt, payment = Payment.objects.order_by("pk")
        assert (attempt.status, attempt.gateway_reference) == ("pending", "pay-1")
        assert (payment.gateway, payment.method, payment.gateway_reference) == (NAME, "card", "x-1")
        assert settled_by_staff()["payment_id"] == payment.pk

    def test_the_order_it_was_asked_for_waits_while_it_is_taken_for_another(self, gateway: StandIn) -> None:
        asked, meant = by_card(), by_card()
        case = wrong_amount(gateway, asked)
        with statements() as made:
            payments.take_case(**of(case, number=meant.number))
        first = next(sql for sql in made if "FOR NO KEY UPDATE" in sql)
        assert 'FROM "orders_order"' in first
        both = f'"orders_order"."id" = {asked.pk} OR "orders_order"."number" = \'{meant.number}\''
        assert both in first
        assert 'ORDER BY "orders_order"."id" ASC' in first

    def test_what_goes_back_is_of_the_payment_that_came(self, gateway: StandIn) -> None:
        order = by_card()
        case = wrong_amount(gateway, order)
        payments.give_case_back(**of(case))
        refund, payment = Refund.objects.get(), Payment.objects.get()
        assert (refund.order, refund.payment, refund.cause, refund.created_at) == (
            order,
            payment,
            case.public_id,
            LATER,
        )
        assert (payment.status, payment.gateway_reference, payment.received_at) == ("succeeded", "pay-1", LATER)
        assert settled_by_staff()["payment_id"] == payment.pk

    def test_it_goes_back_by_its_own_payment_whichever_came_since(self, gateway: StandIn) -> None:
        order = by_card()
        case = wrong_amount(gateway, order)
        asked = Payment.objects.get()
        tell(gateway, gateway.pay_again(asked, amount=Decimal("59.90")))
        assert Payment.objects.order_by("-pk")[0].status == "succeeded"
        payments.give_case_back(**of(case))
        assert Refund.objects.get().payment == asked


class TestTime:
    """Money for orders with a visit, which keep a time as well as goods."""

    @pytest.mark.parametrize("is_gone", [False, True])
    def test_it_is_taken_under_the_lease_of_the_time(
        self, gateway: StandIn, leased: list[list[str]], is_gone: bool
    ) -> None:
        salon()
        set_policy(transfer_hold_minutes=60)
        order = the_order(payment_method="transfer")
        tell(gateway, gateway.pay(begin(order), amount=Decimal("50.00")))
        case, late = MoneyCase.objects.get(), MONDAY + timedelta(minutes=61)
        if is_gone:
            book(TEN, now=late)
        else:
            orders.expire_due_orders(now=late)
        leased.clear()
        payments.take_case(**of(case, number=order.number, now=late))
        assert leased == [[f"professional:{Professional.objects.get().pk}"]] * (2 if is_gone else 1)
        case.refresh_from_db()
        assert (case.status, case.resolution, case.settled_at, case.actor_id) == ("settled", "ok", late, STAFF.id)
        assert case.payment == Payment.objects.get()
        assert stands(order) == ("expired" if is_gone else "confirmed", "50.00", "0.00")
        assert states() == (["expired", "confirmed"] if is_gone else ["confirmed"])
        assert refunds() == ([("due", "50.00", "order.paid_too_late")] if is_gone else [])


class TestRefused:
    """Refunds that a gateway refused."""

    def refused(self, gateway: StandIn) -> MoneyCase:
        tell(gateway, gateway.pay(begin(by_card())))
        gateway.declines = ["refund"]
        cancel(order=Order.objects.get(), now=LATER)
        relay(LATER)
        return MoneyCase.objects.get(kind="refund_refused")

    def test_a_case_that_is_of_no_refund_or_of_nobody_changes_nothing(self, gateway: StandIn) -> None:
        case = wrong_amount(gateway, by_card())
        with pytest.raises(InvalidTransition) as caught:
            payments.settle_refused(**of(case, by_hand=True))
        assert caught.value.data == {"from": "open", "allowed": ["settled"]}
        with pytest.raises(NotFound):
            payments.settle_refused(**{**of(case, by_hand=True), "case_id": uuid4()})
        with pytest.raises(NotFound):
            payments.take_case(**{**of(case, number=case.order and case.order.number), "case_id": uuid4()})
        assert MoneyCase.objects.get().status == "open"

    def test_money_that_is_settled_or_none_is_not_taken(self, gateway: StandIn) -> None:
        case = self.refused(gateway)
        order = Order.objects.get()
        with pytest.raises(InvalidTransition) as caught:
            payments.take_case(**of(case, number=order.number))
        assert caught.value.data == {"from": "open", "allowed": ["settled"]}
        payments.settle_case(**of(case))
        with pytest.raises(InvalidTransition) as caught:
            payments.settle_refused(**of(case, by_hand=True))
        assert caught.value.data == {"from": "settled", "allowed": []}
        assert Refund.objects.get().status == "refused"

    def test_what_an_earlier_click_has_given_back_is_only_settled(self, gateway: StandIn) -> None:
        case = self.refused(gateway)
        payments.settle_refund(refund_id=Refund.objects.get().public_id, actor=STAFF, now=LATER)
        payments.settle_refused(**of(case, by_hand=False))
        assert gateway.calls.count("refund") == 1
        assert (settled_by_staff()["refund_id"], refunds()) == (
            Refund.objects.get().pk, [("succeeded", "59.90", "order.cancelled")],
        )  # fmt: skip

    def test_a_gateway_that_refuses_again_opens_another_case(self, gateway: StandIn) -> None:
        case = self.refused(gateway)
        payments.settle_refused(**of(case, by_hand=False))
        assert list(MoneyCase.objects.order_by("pk").values_list("kind", "status")) == [
            ("refund_refused", "settled"), ("refund_refused", "open"),
        ]  # fmt: skip
        assert Refund.objects.get().status == "refused"


@pytest.mark.parametrize("step", ["_both_locked", "_freed", "_let_go"])
def test_each_step_refuses_to_run_alone_and_says_which(step: str) -> None:
    with pytest.raises(RuntimeError, match=f"^{step} must run within a unit of work"):
        getattr(resolving, step)()
