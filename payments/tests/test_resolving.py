"""What people decide about the money inbox: each decision moves the money once, and settles its case with it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail

from common import outbox
from common.errors import InvalidTransition, NotFound
from inventory.tests.factories import stocked
from orders.models import Order
from orders.tests.factories import MONDAY, STAFF, cancel
from payments import services as payments
from payments.models import MoneyCase, Payment, Refund
from payments.tests.by_card import begin, by_card, cases, clean, refunds, relay, rows, stands, tell
from payments.tests.stand_in import StandIn, registered
from shop import services as shop

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
