"""Payments through a gateway: begun once, taken in however the news comes, given back through it, never lost."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from common import outbox
from common.errors import InvalidTransition, NotFound
from common.models import OutboxMessage
from common.transactions import in_unit_of_work
from inventory.tests.factories import stocked
from operations.integrity import examine
from orders import services as orders
from orders.models import Order
from orders.selectors import Access
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, cancel, cart_with, late_pickup, ordered, placement_of
from payments import services as payments
from payments.errors import GatewayBusy, InvalidSignature, RefundExceedsPaid
from payments.gateways.protocol import DisputeFact, PaymentFact, RefundFact
from payments.models import GatewayEvent, MoneyCase, MoneyStep, Payment, Refund
from payments.tests.stand_in import NAME, StandIn, registered
from shop import services as shop

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(minutes=1)
DEADLINE = MONDAY + timedelta(minutes=15)


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, settings: Any) -> StandIn:
    """There are cakes, and cards are taken."""
    stocked(sku="BOLO", units=5, price="59.90")
    found = registered(monkeypatch, settings)
    shop.set_policy(key="payment_methods", value="on_site,transfer,card", actor=STAFF, now=MONDAY)
    return found


def by_card(*, units: int = 1, now: datetime = MONDAY) -> Order:
    wish = placement_of(
        cart=cart_with(units={"BOLO": units}, now=now), payment_method="card", pickup_at=late_pickup(now=now)
    )
    placed = orders.place_order(placement=wish, customer_id=None, actor=GUEST, now=now)
    return Order.objects.select_related("contact").get(number=placed.order.number)


def begin(order: Order, *, now: datetime = MONDAY, access: Access = ALL) -> Payment:
    return payments.begin_payment(number=order.number, method="card", access=access, actor=GUEST, now=now)


def tell(gateway: StandIn, about: PaymentFact | RefundFact, *, now: datetime = LATER, **options: Any) -> None:
    payments.receive_event(gateway=NAME, delivery=gateway.event(about, now=now, **options), now=now)
    relay(now)


def relay(now: datetime) -> None:
    while outbox.relay(now=now):
        pass


def stands(order: Order) -> tuple[str, str, str]:
    order.refresh_from_db()
    return order.status, str(order.paid), str(order.refunded)


def rows() -> list[tuple[str, str]]:
    return [(row.status, str(row.amount)) for row in Payment.objects.order_by("pk")]


def refunds() -> list[tuple[str, str, str]]:
    return [(row.status, str(row.amount), row.reason) for row in Refund.objects.order_by("pk")]


def cases() -> list[str]:
    return list(MoneyCase.objects.order_by("pk").values_list("kind", flat=True))


def clean(now: datetime) -> None:
    """Assert that nothing the shop promises of its data is broken."""
    found = examine(now=now)
    assert [
        (result.check.name, result.rows) for result in found.findings if not result.check.name.startswith("schema")
    ] == []


def test_a_card_is_begun_paid_and_the_order_confirmed(gateway: StandIn) -> None:
    order = by_card()
    assert (order.status, order.expires_at) == ("pending", DEADLINE)
    payment = begin(order)
    assert (payment.status, payment.gateway, payment.expires_at) == ("pending", NAME, DEADLINE)
    assert payment.given == {"checkout_url": "https://gateway.example/pay-1", "client_secret": "pay-1-secret"}
    tell(gateway, gateway.pay(payment))
    assert stands(order) == ("confirmed", "59.90", "0.00")
    payment.refresh_from_db()
    assert (payment.status, payment.received_at, payment.actor_kind) == ("succeeded", LATER, "gateway")
    steps = list(MoneyStep.objects.values_list("from_status", "to_status", "actor_kind"))
    assert steps == [("", "pending", "guest"), ("pending", "succeeded", "gateway")]
    assert (GatewayEvent.objects.get().status, cases(), refunds()) == ("handled", [], [])
    clean(LATER)


@pytest.mark.fault("C11")
def test_the_same_open_attempt_is_answered_again(gateway: StandIn) -> None:
    order = by_card()
    first, again = begin(order), begin(order, now=LATER)
    assert (first.public_id, first.given) == (again.public_id, again.given)
    assert (gateway.calls, len(gateway.payments), Payment.objects.count()) == (["begin"], 1, 1)


@pytest.mark.fault("C11")
@pytest.mark.parametrize("trouble", ["lost", "down"])
def test_an_answer_that_was_lost_is_unknown_and_asking_again_begins_nothing_new(gateway: StandIn, trouble: str) -> None:
    order = by_card()
    getattr(gateway, trouble).extend(["begin"] * 2)  # both tries
    with pytest.raises(GatewayBusy):
        begin(order)
    assert rows() == [("pending", "59.90")]
    assert Payment.objects.get().answered_at is None
    gateway.down.clear()
    payment = begin(order, now=LATER)
    assert (payment.given["client_secret"], len(gateway.payments), Payment.objects.count()) == ("pay-1-secret", 1, 1)


def test_an_answer_that_was_lost_is_completed_by_the_sweep(gateway: StandIn) -> None:
    order = by_card()
    gateway.lost.extend(["begin"] * 2)
    with pytest.raises(GatewayBusy):
        begin(order)
    gateway.pay(Payment.objects.get())  # and the customer has paid what we know nothing of
    assert payments.look_after_money(now=MONDAY + timedelta(seconds=59))["attempts"] == 0
    assert payments.look_after_money(now=LATER)["attempts"] == 1
    assert (stands(order), rows()) == (("confirmed", "59.90", "0.00"), [("succeeded", "59.90")])
    clean(LATER)


def test_a_dead_gateway_is_not_asked_for_a_while(gateway: StandIn) -> None:
    order = by_card()
    gateway.down.append("begin")
    for _time in range(4):
        with pytest.raises(GatewayBusy):
            begin(order)
    assert len(gateway.calls) == 5  # and then the breaker is open
    transfer = ordered(units={"BOLO": 1}, payment_method="transfer")
    announced = payments.begin_payment(number=transfer.number, method="transfer", access=ALL, actor=GUEST, now=MONDAY)
    assert announced.status == "pending"


def test_what_the_gateway_declines_has_failed_and_the_next_is_another_attempt(gateway: StandIn) -> None:
    order = by_card()
    gateway.declines.append("begin")
    failed = begin(order)
    assert (failed.status, failed.failure) == ("failed", "card_declined")
    gateway.declines.clear()
    assert begin(order).public_id != failed.public_id
    assert [status for status, _amount in rows()] == ["failed", "pending"]


@pytest.mark.fault("L9")
def test_no_gateway_is_called_with_a_transaction_open(gateway: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    real = gateway.called

    def watched(name: str) -> None:
        seen.append(in_unit_of_work())
        real(name)

    monkeypatch.setattr(gateway, "called", watched)
    order = by_card()
    payment = begin(order)
    tell(gateway, gateway.pay(payment))
    cancel(order=order, now=LATER)
    relay(LATER)
    payments.look_after_money(now=LATER)
    payments.reconcile_payments(now=LATER)
    assert set(seen) == {False}
    assert len(seen) == 4


@pytest.mark.fault("C2")
@pytest.mark.fault("C3")
def test_one_payment_told_of_many_times_is_one(gateway: StandIn) -> None:
    order = by_card()
    fact = gateway.pay(begin(order))
    delivery = gateway.event(fact, now=LATER, event_id="evt-1")
    for _time in range(3):
        payments.receive_event(gateway=NAME, delivery=delivery, now=LATER)
    tell(gateway, fact, event_id="evt-2")
    payments.look_after_money(now=LATER)
    assert (stands(order), rows()) == (("confirmed", "59.90", "0.00"), [("succeeded", "59.90")])
    events = list(GatewayEvent.objects.order_by("pk").values_list("event_id", "status"))
    assert events == [("evt-1", "handled"), ("evt-2", "handled")]


@pytest.mark.fault("C4")
def test_news_out_of_order_never_leads_back(gateway: StandIn) -> None:
    order = by_card()
    payment = begin(order)
    waiting = gateway.payments[payment.key]
    tell(gateway, gateway.pay(payment))
    for status in ("pending", "failed", "expired", "cancelled"):
        tell(gateway, PaymentFact(**{**vars(waiting), "status": status}))
    assert (stands(order), rows()) == (("confirmed", "59.90", "0.00"), [("succeeded", "59.90")])
    assert set(GatewayEvent.objects.values_list("status", flat=True)) == {"handled"}


@pytest.mark.fault("C5")
def test_an_event_before_our_own_answer_finds_the_attempt(gateway: StandIn) -> None:
    order = by_card()
    gateway.lost.extend(["begin"] * 2)
    with pytest.raises(GatewayBusy):
        begin(order)
    tell(gateway, gateway.pay(Payment.objects.get()))
    assert (stands(order), rows()) == (("confirmed", "59.90", "0.00"), [("succeeded", "59.90")])


@pytest.mark.fault("C6")
@pytest.mark.parametrize("signature", ["", "whsec-of-somebody-else"])
def test_what_is_forged_is_refused_and_leaves_nothing(gateway: StandIn, signature: str) -> None:
    fact = gateway.pay(begin(by_card()))
    signed = gateway.event(fact, now=LATER)
    forged = type(signed)(body=signed.body, headers={"X-Signature": signature}, query={})
    with pytest.raises(InvalidSignature):
        payments.receive_event(gateway=NAME, delivery=forged, now=LATER)
    with pytest.raises(NotFound):
        payments.receive_event(gateway="counter", delivery=signed, now=LATER)
    assert (GatewayEvent.objects.count(), rows()) == (0, [("pending", "59.90")])


@pytest.mark.fault("C8")
@pytest.mark.fault("C22")
@pytest.mark.parametrize(
    ("differs", "detail"),
    [
        ({"amount": Decimal("1.00")}, "amount: 1.00 instead of 59.90"),
        ({"amount": Decimal("59.91")}, "amount: 59.91 instead of 59.90"),
        ({"currency": "USD"}, "currency: USD instead of BRL"),
        ({"account": "acct-2"}, "another account of the gateway"),
        ({"live": True}, "mode: live instead of test"),
    ],
)
def test_money_that_does_not_fit_is_set_aside(gateway: StandIn, differs: dict[str, Any], detail: str) -> None:
    order = by_card()
    fact = gateway.pay(begin(order), **differs)
    tell(gateway, fact)
    tell(gateway, fact)
    assert (stands(order), rows()) == (("pending", "0.00", "0.00"), [("pending", "59.90")])
    assert set(GatewayEvent.objects.values_list("status", "note")) == {("quarantined", detail)}
    assert list(MoneyCase.objects.values_list("kind", "detail")) == [("mismatch", detail)]
    clean(LATER)


def test_money_of_no_order_is_set_aside(gateway: StandIn) -> None:
    stray = PaymentFact(
        reference="pay-9", status="succeeded", amount=Decimal("10.00"), currency="BRL", order="NOBODY", account="acct-1",
        live=False,
    )  # fmt: skip
    tell(gateway, stray)
    assert (cases(), GatewayEvent.objects.get().status) == (["unknown"], "quarantined")
    tell(gateway, PaymentFact(**{**vars(stray), "status": "failed", "reference": "pay-10"}))
    assert (cases(), GatewayEvent.objects.order_by("pk").last().status) == (["unknown"], "ignored")  # type: ignore[union-attr]


@pytest.mark.fault("L2")
@pytest.mark.fault("C13")
def test_late_money_takes_the_units_again_if_they_are_free(gateway: StandIn) -> None:
    order = by_card()
    payment = begin(order)
    orders.expire_due_orders(now=DEADLINE)
    relay(DEADLINE)
    assert rows() == [("expired", "59.90")]
    tell(gateway, gateway.pay(payment), now=DEADLINE)
    assert (stands(order), rows()) == (("confirmed", "59.90", "0.00"), [("succeeded", "59.90")])
    assert (cases(), refunds()) == (["revived"], [])
    clean(DEADLINE)


@pytest.mark.fault("L2")
@pytest.mark.fault("C13")
def test_late_money_for_units_that_are_gone_goes_back_by_itself(gateway: StandIn) -> None:
    order = by_card(units=3)
    payment = begin(order)
    ordered(units={"BOLO": 5}, now=DEADLINE)
    tell(gateway, gateway.pay(payment), now=DEADLINE)
    assert stands(order) == ("expired", "179.70", "179.70")
    assert refunds() == [("succeeded", "179.70", "order.paid_too_late")]
    assert (cases(), len(gateway.refunds)) == (["too_late"], 1)
    clean(DEADLINE)


@pytest.mark.fault("L2")
def test_money_for_a_cancelled_order_goes_back_by_itself(gateway: StandIn) -> None:
    order = by_card()
    payment = begin(order)
    cancel(order=order, now=MONDAY)
    relay(MONDAY)
    assert rows() == [("cancelled", "59.90")]
    tell(gateway, gateway.pay(payment))
    assert stands(order) == ("cancelled", "59.90", "59.90")
    assert (refunds(), cases()) == ([("succeeded", "59.90", "order.paid_too_late")], ["too_late"])
    clean(LATER)


@pytest.mark.fault("C14")
def test_a_second_payment_goes_back_by_itself(gateway: StandIn) -> None:
    order = by_card()
    payment = begin(order)
    tell(gateway, gateway.pay(payment))
    tell(gateway, gateway.pay_again(payment))
    assert stands(order) == ("confirmed", "119.80", "59.90")
    assert rows() == [("succeeded", "59.90"), ("succeeded", "59.90")]
    assert (refunds(), cases()) == ([("succeeded", "59.90", "payment.second")], ["second"])
    assert Refund.objects.get().payment == Payment.objects.order_by("pk")[1]
    clean(LATER)


@pytest.mark.fault("C14")
def test_an_attempt_paid_after_the_money_came_another_way_goes_back(gateway: StandIn) -> None:
    order = by_card()
    payment = begin(order)
    payments.confirm_order(
        number=order.number, amount=order.total, reference="TED", access=ALL, actor=STAFF, now=MONDAY
    )
    tell(gateway, gateway.pay(payment))
    assert stands(order) == ("confirmed", "119.80", "59.90")
    assert [(row.gateway, row.status) for row in Payment.objects.order_by("pk")] == [
        (NAME, "succeeded"), ("transfer", "succeeded"),
    ]  # fmt: skip
    assert (refunds(), cases()) == ([("succeeded", "59.90", "payment.second")], ["second"])
    clean(LATER)


def test_an_attempt_that_ran_out_ends_nothing_but_itself(gateway: StandIn) -> None:
    order = by_card()
    begin(order)
    payments.confirm_order(
        number=order.number, amount=order.total, reference="TED", access=ALL, actor=STAFF, now=MONDAY
    )
    payments.look_after_money(now=DEADLINE)
    assert stands(order) == ("confirmed", "59.90", "0.00")
    assert rows() == [("expired", "59.90"), ("succeeded", "59.90")]


def test_cancelling_a_paid_order_gives_the_money_back_through_the_gateway(gateway: StandIn) -> None:
    order = by_card()
    tell(gateway, gateway.pay(begin(order)))
    cancel(order=order, now=LATER)
    assert refunds() == []
    relay(LATER)
    assert (stands(order), refunds()) == (
        ("cancelled", "59.90", "59.90"), [("succeeded", "59.90", "order.cancelled")],
    )  # fmt: skip
    assert list(MoneyStep.objects.filter(refund__isnull=False).values_list("from_status", "to_status")) == [
        ("", "due"), ("due", "sent"), ("sent", "succeeded"),
    ]  # fmt: skip
    clean(LATER)


def give_back(order: Order, *, amount: str | None = None, now: datetime = LATER) -> Any:
    wanted = Decimal(amount) if amount else None
    return payments.refund_order(
        number=order.number, amount=wanted, handed_back=[], restock=False, reason="Veio amassado", access=ALL,
        actor=STAFF, now=now,
    )  # fmt: skip


def paid_by_card(gateway: StandIn) -> Order:
    order = by_card()
    tell(gateway, gateway.pay(begin(order)))
    return order


def test_a_refund_whose_answer_was_lost_is_made_once(gateway: StandIn) -> None:
    order = paid_by_card(gateway)
    gateway.lost.extend(["refund"] * 2)
    assert give_back(order, amount="20.00").status == "due"
    relay(LATER)
    assert (refunds(), stands(order)[2]) == ([("sent", "20.00", "Veio amassado")], "0.00")
    with pytest.raises(RefundExceedsPaid) as refusal:
        give_back(order, amount="39.91")
    assert refusal.value.data == {"refundable": "39.90"}
    with pytest.raises(InvalidTransition):
        payments.settle_refund(refund_id=Refund.objects.get().public_id, actor=STAFF, now=LATER)
    payments.look_after_money(now=LATER + timedelta(minutes=6))
    assert (refunds(), stands(order)[2], len(gateway.refunds)) == (
        [("succeeded", "20.00", "Veio amassado")],
        "20.00",
        1,
    )
    clean(LATER)


@pytest.mark.fault("C16")
def test_a_refund_that_the_gateway_refuses_stays_until_somebody_settles_it(gateway: StandIn) -> None:
    order = paid_by_card(gateway)
    gateway.declines.append("refund")
    give_back(order)
    relay(LATER)
    assert (refunds(), stands(order)[2], cases()) == (
        [("refused", "59.90", "Veio amassado")],
        "0.00",
        ["refund_refused"],
    )
    payments.look_after_money(now=LATER + timedelta(hours=1))
    assert gateway.calls.count("refund") == 1
    clean(LATER)
    refund = Refund.objects.get()
    payments.try_refund_again(refund_id=refund.public_id, actor=STAFF, now=LATER)
    assert (refunds()[0][0], len(cases())) == ("refused", 2)
    payments.settle_refund(refund_id=refund.public_id, actor=STAFF, now=LATER)
    assert stands(order) == ("confirmed", "59.90", "59.90")
    case = MoneyCase.objects.order_by("pk")[0]
    settled = payments.settle_case(case_id=case.public_id, resolution="Em dinheiro", actor=STAFF, now=LATER)
    assert (settled.status, settled.resolution) == ("settled", "Em dinheiro")
    with pytest.raises(InvalidTransition):
        payments.settle_case(case_id=case.public_id, resolution="De novo", actor=STAFF, now=LATER)


@pytest.mark.fault("C16")
def test_a_refund_that_comes_back_from_the_bank_is_owed_again(gateway: StandIn) -> None:
    order = paid_by_card(gateway)
    give_back(order)
    relay(LATER)
    assert stands(order)[2] == "59.90"
    made = next(iter(gateway.refunds.values()))
    tell(gateway, RefundFact(**{**vars(made), "status": "refused", "failure": "account closed"}))
    assert (refunds()[0][0], stands(order)[2], cases()) == ("refused", "0.00", ["refund_refused"])
    clean(LATER)
    gateway.slow_refunds = True
    gateway.refunds.clear()
    payments.try_refund_again(refund_id=Refund.objects.get().public_id, actor=STAFF, now=LATER)
    assert refunds()[0][0] == "sent"
    tell(gateway, RefundFact(**{**vars(next(iter(gateway.refunds.values()))), "status": "succeeded"}))
    assert (refunds()[0][0], stands(order)[2]) == ("succeeded", "59.90")


def test_a_refund_made_at_the_gateway_is_written_down(gateway: StandIn) -> None:
    order = paid_by_card(gateway)
    reference = Payment.objects.get().gateway_reference
    made = RefundFact(
        reference="back-7", status="succeeded", amount=Decimal("10.00"), currency="BRL", payment=reference
    )
    tell(gateway, made)
    tell(gateway, made)
    assert (stands(order)[2], refunds()) == ("10.00", [("succeeded", "10.00", "at_gateway")])
    tell(gateway, RefundFact(**{**vars(made), "reference": "back-8", "amount": Decimal("50.00")}))
    assert (stands(order)[2], cases()) == ("10.00", ["mismatch"])
    clean(LATER)


@pytest.mark.fault("C17")
def test_a_dispute_is_noted_and_moves_nothing(gateway: StandIn) -> None:
    order = paid_by_card(gateway)
    said = DisputeFact(
        reference="dp-1", payment=Payment.objects.get().gateway_reference, amount=Decimal("59.90"), currency="BRL"
    )
    event = GatewayEvent.objects.create(
        gateway=NAME, event_id="evt-d", kind="dispute", body=b"{}", received_at=LATER,
        tells={"dispute": {**vars(said), "amount": "59.90"}},
    )  # fmt: skip
    payments.handle_event(event_id=event.public_id, now=LATER)
    assert (stands(order), cases()) == (("confirmed", "59.90", "0.00"), ["dispute"])


@pytest.mark.fault("C9")
def test_days_without_a_word_are_made_up_for(gateway: StandIn) -> None:
    order, other = by_card(), by_card()
    fact = gateway.pay(begin(order))
    gateway.pay(begin(other))
    gateway.event(fact, now=MONDAY)  # told, and nobody was there to hear it
    then = MONDAY + timedelta(days=3)
    before = (stands(order), stands(other), rows(), OutboxMessage.objects.count())
    assert len(payments.reconcile_payments(now=then, dry_run=True)) == 3
    assert (stands(order), stands(other), rows(), OutboxMessage.objects.count()) == before
    found = payments.reconcile_payments(now=then)
    assert [(finding.what, finding.repaired) for finding in found] == [
        ("event_not_heard", True),
        ("payment_differs", True),
    ]
    assert (stands(order)[0], stands(other)[0]) == ("confirmed", "confirmed")
    assert GatewayEvent.objects.get().pulled
    assert payments.reconcile_payments(now=then) == []
    relay(then)
    clean(then)


@pytest.mark.fault("C10")
def test_an_event_whose_handling_fails_stays_and_is_handled_once_later(
    gateway: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = by_card()
    fact = gateway.pay(begin(order))

    def broken(**_given: Any) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(orders, "confirm_with_money", broken)
        tell(gateway, fact)
    assert (GatewayEvent.objects.get().status, stands(order)[0]) == ("received", "pending")
    payments.look_after_money(now=LATER + timedelta(minutes=2))
    assert (GatewayEvent.objects.get().status, stands(order)[0]) == ("handled", "confirmed")


def test_money_that_is_due_is_what_is_asked_for(gateway: StandIn) -> None:
    order = by_card(units=2)
    begin(order)
    payments.confirm_order(
        number=order.number, amount=Decimal("100.00"), reference="TED", access=ALL, actor=STAFF, now=MONDAY
    )
    rest = begin(order)
    assert (rest.amount, rows()) == (
        Decimal("19.80"),
        [("cancelled", "119.80"), ("succeeded", "100.00"), ("pending", "19.80")],
    )
    tell(gateway, gateway.pay(rest))
    assert stands(order) == ("confirmed", "119.80", "0.00")
    with pytest.raises(InvalidTransition):
        begin(order)
