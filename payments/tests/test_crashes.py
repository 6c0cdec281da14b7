"""Killed at every boundary of what moves money: afterwards the retry gives the same answer, and everything agrees."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from time_machine import Traveller

from accounts.models import User
from accounts.tests.doors import post, staff_with
from common import outbox
from config.subscriptions import SUBSCRIPTIONS
from inventory.models import StockReservation
from inventory.tests.factories import stocked
from orders import services as orders
from orders.models import Order, OrderEvent, OrderLine
from orders.tests.doors import ALL_RIGHTS
from orders.tests.factories import GUEST, MONDAY, STAFF, cart_with, late_pickup, placement_of
from payments import services as payments
from payments.gateways.protocol import Delivery
from payments.models import GatewayEvent, MoneyCase, Payment, Refund
from payments.tests.by_card import begin, clean
from payments.tests.dying import Ended, killed_at
from payments.tests.stand_in import NAME, SECRET, StandIn, registered
from shop import services as shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

MADE_UP = {"at", "id", "expires_at", "created_at", "checkout_url", "client_secret", "returned_at"}


@dataclass
class Counter:
    """The shop, its clock, and somebody who works there."""

    gateway: StandIn
    clock: Traveller
    staff: User
    now: datetime = MONDAY

    def is_at(self, now: datetime) -> None:
        """Turn the clock of the doors."""
        self.now = now
        self.clock.move_to(now, tick=False)

    def relay(self) -> None:
        while outbox.relay(now=self.now):
            pass

    def followed(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Let what follows from it happen, and return the answer."""
        self.relay()
        return answer

    def post(self, path: str, body: Any, *, key: str) -> dict[str, Any]:
        """Knock as staff; returns status and what is not made up."""
        answer = post(path, body, user=self.staff, key=key)
        said = {name: value for name, value in answer.json().items() if name not in MADE_UP}
        return {"http": answer.status_code, **said}

    def hear(self, delivery: Delivery) -> dict[str, Any]:
        """Let the gateway knock."""
        answer = Client().post(
            f"/api/v1/payments/webhooks/{NAME}/", delivery.body, content_type="application/json",
            headers={"X-Signature": SECRET},
        )  # fmt: skip
        return {"http": answer.status_code, **answer.json()}

    def paid(self) -> tuple[Order, Payment]:
        """Return an order that was paid by card and the payment, everything told."""
        order = by_card(now=self.now)
        payment = begin(order, now=self.now)
        self.hear(self.gateway.event(self.gateway.pay(payment), now=self.now))
        self.relay()
        return order, Payment.objects.get(pk=payment.pk)


WITHOUT_LETTERS = {
    name: [handler for handler in handlers if "mail_" not in handler] for name, handlers in SUBSCRIPTIONS.items()
}
"""Letters move no money, and would be half of all boundaries; they have deaths of their own to die."""


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch, settings: Any, time_machine: Traveller) -> Counter:
    """There are cakes for everybody, and cards are taken."""
    time_machine.move_to(MONDAY, tick=False)
    monkeypatch.setattr(outbox, "subscriptions", lambda: WITHOUT_LETTERS)
    stocked(sku="BOLO", units=500, price="59.90")
    found = registered(monkeypatch, settings)
    shop.set_policy(key="payment_methods", value="on_site,transfer,card", actor=STAFF, now=MONDAY)
    return Counter(gateway=found, clock=time_machine, staff=staff_with(*ALL_RIGHTS))


@dataclass
class Play:
    """One play: `act` is what somebody dies of; `again` is what whoever asked does next. Both answer alike."""

    orders: list[Order]
    act: Callable[[], Any]
    again: Callable[[], Any] | None = None
    answers: list[Any] = field(default_factory=list)

    def first(self) -> None:
        self.answers.append(self.act())

    def once_more(self) -> None:
        self.answers.append((self.again or self.act)())


def by_card(*, now: datetime, sku: str = "BOLO") -> Order:
    wish = placement_of(cart=cart_with(units={sku: 1}, now=now), payment_method="card", pickup_at=late_pickup(now=now))
    placed = orders.place_order(placement=wish, customer_id=None, actor=GUEST, now=now)
    return Order.objects.select_related("contact").get(number=placed.order.number)


def begins(counter: Counter) -> Play:
    order, key = by_card(now=counter.now), uuid4().hex
    counter.relay()
    return Play([order], lambda: counter.post(f"/orders/{order.number}/payments/", {"method": "card"}, key=key))


def hears(counter: Counter) -> Play:
    order = by_card(now=counter.now)
    said = counter.gateway.event(counter.gateway.pay(begin(order, now=counter.now)), now=counter.now)
    counter.relay()
    return Play([order], lambda: counter.followed(counter.hear(said)))


def hears_too_late(counter: Counter) -> Play:
    """The order has run out and somebody else has the cake, so the money goes back by itself."""
    stocked(sku=(sku := f"RARO-{uuid4().hex[:8]}".upper()), units=1, price="59.90", now=counter.now)
    order = by_card(sku=sku, now=counter.now)
    said = counter.gateway.event(counter.gateway.pay(begin(order, now=counter.now)), now=counter.now)
    counter.is_at(counter.now + timedelta(minutes=15))
    orders.expire_due_orders(now=counter.now)
    cart_with(units={sku: 1}, now=counter.now)
    counter.relay()
    return Play([order], lambda: counter.followed(counter.hear(said)))


def expires(counter: Counter) -> Play:
    order = by_card(now=counter.now)
    begin(order, now=counter.now)
    counter.is_at(counter.now + timedelta(minutes=15))

    def sweep() -> None:
        orders.expire_due_orders(now=counter.now)
        payments.look_after_money(now=counter.now)
        counter.relay()

    return Play([order], sweep)


def refunds(counter: Counter) -> Play:
    order, _payment = counter.paid()
    key, wish = uuid4().hex, {"amount": "20.00", "restock": False, "reason": "Amassado"}
    return Play([order], lambda: counter.followed(counter.post(f"/orders/{order.number}/refunds/", wish, key=key)))


def settles(counter: Counter) -> Play:
    """A refund that the gateway has refused is given back by hand, from the inbox."""
    order, _payment = counter.paid()
    counter.gateway.declines.append("refund")
    counter.post(
        f"/orders/{order.number}/refunds/", {"amount": "20.00", "restock": False, "reason": "x"}, key=uuid4().hex
    )
    counter.relay()
    counter.gateway.declines.clear()
    case = MoneyCase.objects.get(order=order)

    def settle() -> str:
        if MoneyCase.objects.get(pk=case.pk).status == MoneyCase.Status.OPEN:
            payments.settle_refused(
                case_id=case.public_id, by_hand=True, resolution="Em dinheiro", actor=STAFF, now=counter.now
            )
        return MoneyCase.objects.get(pk=case.pk).status

    return Play([order], settle)


def reconciles(counter: Counter) -> Play:
    """Of two payments one was told of while nobody was there, the other never."""
    order, other = by_card(now=counter.now), by_card(now=counter.now)
    fact = counter.gateway.pay(begin(order, now=counter.now))
    counter.gateway.pay(begin(other, now=counter.now))
    counter.gateway.event(fact, now=counter.now)
    counter.relay()

    def reconcile() -> None:
        payments.reconcile_payments(now=counter.now, since=counter.now)
        counter.relay()

    return Play([order, other], reconcile)


def looks_after(counter: Counter) -> Play:
    """The sweep finds an attempt whose answer was lost, and a refund nobody has been asked for."""
    order, _payment = counter.paid()
    counter.post(
        f"/orders/{order.number}/refunds/", {"amount": "20.00", "restock": False, "reason": "x"}, key=uuid4().hex
    )
    other = by_card(now=counter.now)
    counter.gateway.lost.extend(["begin"] * 2)
    assert post(f"/orders/{other.number}/payments/", {"method": "card"}, user=counter.staff, key="k").status_code == 503
    counter.gateway.pay(Payment.objects.get(order=other))
    counter.is_at(counter.now + timedelta(minutes=2))
    return Play([order, other], lambda: payments.look_after_money(now=counter.now) and None)


PLAYS = [begins, hears, hears_too_late, expires, refunds, settles, reconciles, looks_after]


def stands(counter: Counter, play: Play) -> list[dict[str, Any]]:
    """Return how the orders of a play stand: here, on the shelf, and at the gateway."""
    return [_stands(counter, order) for order in play.orders]


def _stands(counter: Counter, order: Order) -> dict[str, Any]:
    order.refresh_from_db()
    claims = OrderLine.objects.filter(order=order).values("claim")
    asked = [fact for fact in counter.gateway.payments.values() if fact.order == order.number]
    back = [fact for fact in counter.gateway.refunds.values() if fact.payment in {one.reference for one in asked}]
    return {
        "order": (order.status, str(order.paid), str(order.refunded)),
        "steps": list(OrderEvent.objects.filter(order=order).order_by("seq").values_list("to_status", flat=True)),
        "kept": list(StockReservation.objects.filter(claim__in=claims).values_list("quantity", "allocated")),
        "payments": rows(Payment, order), "refunds": rows(Refund, order),
        "cases": list(MoneyCase.objects.filter(order=order).order_by("pk").values_list("kind", "status")),
        "events": list(GatewayEvent.objects.filter(payment__order=order).order_by("pk").values_list("status", flat=True)),
        "asked for": [(one.status, str(one.amount)) for one in asked],
        "given back": [(one.status, str(one.amount)) for one in back],
    }  # fmt: skip


def rows(model: Any, order: Order) -> list[tuple[str, str]]:
    return [(row.status, str(row.amount)) for row in model.objects.filter(order=order).order_by("pk")]


def settle(counter: Counter) -> None:
    """Let the minutes pass that messages and sweeps take."""
    counter.is_at(counter.now + timedelta(minutes=6))
    counter.relay()
    payments.look_after_money(now=counter.now)
    counter.relay()


def undisturbed(counter: Counter, scene: Callable[[Counter], Play]) -> tuple[list[dict[str, Any]], Any]:
    """Return how it all ends, and what is answered, where nobody dies: also when it is asked for twice."""
    play = scene(counter)
    play.first()
    once = stands(counter, play)
    play.once_more()
    settle(counter)
    assert stands(counter, play) == once
    assert play.answers[0] == play.answers[1]
    return once, play.answers[0]


def die_everywhere(counter: Counter, scene: Callable[[Counter], Play]) -> list[str]:
    """Play it again and again, killed one boundary later each time; returns the boundaries."""
    wanted, answer = undisturbed(counter, scene)
    for number in range(1, 1000):
        counter.is_at(MONDAY + timedelta(days=number))
        play = scene(counter)
        ended: Ended = killed_at(number, work=play.first, gateway=counter.gateway)
        if not ended.killed:
            return ended.boundaries
        play.once_more()
        settle(counter)
        assert stands(counter, play) == wanted, ended.where
        assert play.answers == [answer], ended.where
    raise AssertionError("it never ended")


@pytest.mark.fault("C10")
@pytest.mark.fault("C11")
@pytest.mark.parametrize("scene", PLAYS, ids=lambda scene: scene.__name__)
def test_killed_anywhere_it_ends_as_if_nobody_had_died(counter: Counter, scene: Callable[[Counter], Play]) -> None:
    boundaries = die_everywhere(counter, scene)
    assert boundaries[-1] == "the answer"
    assert boundaries.count("COMMIT") >= 1
    assert boundaries.count("the answer") == 1
    clean(counter.now)


def any_time(_row: Any) -> str:
    return uuid4().hex


@pytest.mark.parametrize(("model", "scene", "call"), [(Payment, begins, "begin"), (Refund, refunds, "refund")])
def test_asking_a_gateway_under_another_key_is_found(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, model: Any, scene: Callable[[Counter], Play], call: str
) -> None:
    """The negative control: a gateway that cannot know that it is the same wish does it twice, after one death."""
    monkeypatch.setattr(model, "key", property(any_time))
    with pytest.raises(AssertionError, match=f"the gateway answers: {call}"):
        die_everywhere(counter, scene)
