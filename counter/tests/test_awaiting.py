"""A sale that waits for its Pix: sold by itself, given up, too late; alone, in parts, with time, and from a comanda."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from cart import services as carts
from cart.errors import MethodNotOffered
from common.errors import IdempotencyKeyReused, InvalidTransition
from counter import services as counter
from counter.errors import PaymentsDoNotAddUp, PixAwaited, PixNotBegun, SalesWait
from counter.models import AwaitedPix, ParkedSale, Receipt
from counter.services import Awaited, SeatedVisit, Taking, WalkIn
from counter.tests.factories import MONDAY, STAFF, cash, clerk, goods, sell, selling
from inventory.models import StockItem
from inventory.tests.factories import stocked
from operations.integrity import findings
from orders import services as orders
from orders.models import Order
from orders.tests.factories import ALL, GUEST, placement_of
from payments import services as payments
from payments.errors import GatewayBusy
from payments.models import GatewayEvent, MoneyCase, Payment, Refund
from payments.selectors import drawer_sums
from payments.services import Arrival
from payments.tests.by_card import relay, tell
from payments.tests.stand_in import StandIn, registered
from scheduling.models import Appointment, Service
from scheduling.tests.factories import at, book, salon, wish
from shop import services as shop
from till.models import TillSession

pytestmark = pytest.mark.django_db

SOON = MONDAY + timedelta(seconds=20)
OVER = MONDAY + timedelta(minutes=31)


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, settings: Any) -> StandIn:
    """There is bread, and a gateway tells of Pix."""
    stocked(sku="PAO", units=10, price="0.80")
    shop.set_policy(key="payment_methods", value="on_site,transfer,pix", actor=STAFF, now=MONDAY)
    return registered(monkeypatch, settings, method="pix")


def wait(awaited: str, *parts: Any, key: UUID | None = None, taking: Taking | None = None, **sale: Any) -> Awaited:
    now = sale.pop("now", MONDAY)
    return counter.await_pix(
        sale=selling(*parts, **sale),
        awaited=Decimal(awaited),
        taking=taking,
        key=key or uuid4(),
        actor=STAFF,
        now=now,
    )


def attempt() -> Payment:
    return Payment.objects.get(gateway="standin")


def pay(gateway: StandIn, *, now: Any = SOON) -> None:
    tell(gateway, gateway.pay(attempt()), now=now)


def look(waiting: Awaited, *, now: Any = SOON) -> Awaited:
    return counter.look_awaited(key=waiting.key, now=now)


def free() -> int:
    item = StockItem.objects.get()
    return item.on_hand - item.reserved


def test_while_the_customer_pays_the_goods_are_kept_and_nothing_is_sold(gateway: StandIn) -> None:
    waiting = wait("1.60", goods=goods(PAO=2))
    order = Order.objects.get()
    assert (order.channel, order.status, str(order.paid)) == ("counter", "confirmed", "0.00")
    assert (waiting.status, waiting.sold, free()) == ("waiting", None, 8)
    assert (attempt().status, str(attempt().amount)) == ("pending", "1.60")
    assert findings(now=MONDAY) == []


def test_the_event_of_the_gateway_sells_it_though_nobody_looks(gateway: StandIn) -> None:
    waiting = wait("1.60", goods=goods(PAO=2))
    pay(gateway)
    order = Order.objects.get()
    assert (order.status, str(order.paid)) == ("completed", "1.60")
    assert (StockItem.objects.get().on_hand, free()) == (8, 8)
    done = look(waiting)
    assert done.sold is not None
    assert (done.status, done.sold.numbers, str(done.sold.total), str(done.sold.paid)) == (
        "sold", (order.number,), "1.60", "1.60",
    )  # fmt: skip
    assert Receipt.objects.get().sale == waiting.key
    assert findings(now=SOON) == []


def test_whoever_looks_learns_it_from_the_gateway_itself(gateway: StandIn) -> None:
    waiting = wait("1.60", goods=goods(PAO=2))
    gateway.pay(attempt())
    assert look(waiting, now=MONDAY + timedelta(seconds=2)).status == "waiting"  # asked too soon to ask again
    assert look(waiting).status == "sold"
    relay(SOON)
    assert (Order.objects.get().status, Receipt.objects.count()) == ("completed", 1)
    assert findings(now=SOON) == []


def test_the_same_key_shows_the_same_pix_and_another_sale_is_refused(gateway: StandIn) -> None:
    key = uuid4()
    first, again = wait("0.80", goods=goods(PAO=1), key=key), wait("0.80", goods=goods(PAO=1), key=key)
    assert (first.number, gateway.calls.count("begin")) == (again.number, 1)
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)
    with pytest.raises(IdempotencyKeyReused):
        wait("1.60", goods=goods(PAO=2), key=key)
    pay(gateway)
    assert wait("0.80", goods=goods(PAO=1), key=key).status == "sold"


def test_part_in_cash_is_taken_when_the_pix_has_come(gateway: StandIn) -> None:
    waiting = wait("1.00", cash("0.60", received="2.00"), goods=goods(PAO=2))
    assert Payment.objects.filter(gateway="counter").count() == 0
    pay(gateway)
    assert sorted((one.gateway, str(one.amount)) for one in Payment.objects.all()) == [
        ("counter", "0.60"),
        ("standin", "1.00"),
    ]
    done = look(waiting).sold
    assert done is not None
    assert (str(done.paid), str(done.change)) == ("1.60", "1.40")
    assert (str(Receipt.objects.get().received), Order.objects.get().status) == ("2.00", "completed")
    assert findings(now=SOON) == []


def test_parts_that_do_not_add_up_begin_nothing(gateway: StandIn) -> None:
    with pytest.raises(PaymentsDoNotAddUp):
        wait("1.00", cash("0.50"), goods=goods(PAO=2))
    assert (Order.objects.count(), AwaitedPix.objects.count(), gateway.calls, free()) == (0, 0, [], 10)


def test_a_drawer_stays_open_for_the_part_that_goes_into_it(gateway: StandIn) -> None:
    waiting = wait("1.00", cash("0.60"), goods=goods(PAO=2))
    session = TillSession.objects.get()
    own: Any = {"session": session.public_id, "anybodys": True, "actor": STAFF, "now": MONDAY}

    def close() -> Any:
        [sums] = drawer_sums(sessions=[session])
        count = payments.count_session(counted=sums.expected, **own)
        return counter.close_drawer(count=count.pk, note="", **own)

    with pytest.raises(SalesWait):
        close()
    counter.cancel_awaited(key=waiting.key, reason="x", actor=STAFF, now=MONDAY)
    assert str(close().expected["cash"]) == "0.00"


def test_cancelled_it_is_as_before_and_its_money_comes_too_late(gateway: StandIn) -> None:
    waiting = wait("1.60", goods=goods(PAO=2))
    ended = counter.cancel_awaited(key=waiting.key, reason="x", actor=STAFF, now=SOON)
    assert (ended.status, free(), Order.objects.get().status, attempt().status) == (
        "given_up", 10, "cancelled", "cancelled",
    )  # fmt: skip
    relay(SOON)
    assert "close" in gateway.calls
    pay(gateway, now=SOON + timedelta(minutes=1))
    assert (look(waiting).status, Receipt.objects.count(), free()) == ("given_up", 0, 10)
    assert MoneyCase.objects.get().kind == "too_late"
    order = Order.objects.get()
    assert (order.status, order.paid) == ("cancelled", order.refunded)
    assert findings(now=SOON) == []


def test_a_cancel_that_comes_after_the_money_sells(gateway: StandIn) -> None:
    waiting = wait("1.60", goods=goods(PAO=2))
    payments.receive_event(gateway="standin", delivery=gateway.event(gateway.pay(attempt()), now=SOON), now=SOON)
    payments.handle_event(event_id=GatewayEvent.objects.get().public_id, now=SOON)
    ended = counter.cancel_awaited(key=waiting.key, reason="x", actor=STAFF, now=SOON)
    assert (ended.status, Order.objects.get().status) == ("sold", "completed")


def test_what_nobody_pays_runs_out(gateway: StandIn) -> None:
    waiting = wait("1.60", goods=goods(PAO=2))
    assert counter.end_awaited(now=SOON) == 0
    assert counter.end_awaited(now=OVER) == 1
    assert (look(waiting, now=OVER).status, free()) == ("given_up", 10)
    assert counter.end_awaited(now=OVER) == 0
    assert findings(now=OVER) == []


def test_what_was_paid_at_the_last_moment_is_sold_by_the_clock(gateway: StandIn) -> None:
    waiting = wait("1.60", goods=goods(PAO=2))
    gateway.pay(attempt())
    assert counter.end_awaited(now=OVER) == 1
    assert look(waiting, now=OVER).status == "sold"


@pytest.mark.parametrize("trouble", ["down", "declines"])
def test_a_gateway_that_begins_none_changes_nothing(gateway: StandIn, trouble: str) -> None:
    getattr(gateway, trouble).append("begin")
    with pytest.raises(GatewayBusy if trouble == "down" else PixNotBegun):
        wait("1.60", goods=goods(PAO=2))
    assert (free(), Order.objects.get().status, AwaitedPix.objects.get().status) == (10, "cancelled", "given_up")
    assert findings(now=MONDAY) == []


def test_time_is_kept_and_closed_when_it_is_paid(gateway: StandIn) -> None:
    salon()
    seated = book(at(10)).appointment.public_id
    now = at(10, 30)
    waiting = wait("50.00", visits=(SeatedVisit(seated),), now=now)
    visit = Appointment.objects.get(public_id=seated)
    assert (visit.state, visit.claim is not None) == ("confirmed", True)
    pay(gateway, now=now)
    visit.refresh_from_db()
    assert (visit.state, look(waiting, now=now).status) == ("completed", "sold")
    owner = clerk("owner")
    counter.undo_sale(number=waiting.number, reason="x", actor=owner, now=now + timedelta(minutes=5))
    visit.refresh_from_db()
    assert (visit.state, visit.claim) == ("confirmed", None)
    relay(now)
    assert findings(now=now) == []


def test_time_is_as_before_when_it_is_not_paid(gateway: StandIn) -> None:
    salon()
    seated = book(at(10)).appointment.public_id
    walk_in = WalkIn(services=(("CORTE", None),))
    now = at(9, 0)
    waiting = wait("100.00", visits=(SeatedVisit(seated),), walk_ins=(walk_in,), now=now)
    counter.cancel_awaited(key=waiting.key, reason="x", actor=STAFF, now=now)
    states = sorted((one.state, one.claim is None) for one in Appointment.objects.all())
    assert states == [("cancelled", False), ("confirmed", True)]
    relay(now)
    assert findings(now=now) == []


def test_the_rest_of_an_order_with_a_visit_is_awaited_and_taken_nowhere_else(gateway: StandIn) -> None:
    salon()
    seated = book(at(10)).appointment.public_id
    first = wait("50.00", visits=(SeatedVisit(seated),), now=at(10))
    with pytest.raises(PixAwaited):
        sell(cash("50.00"), visits=(SeatedVisit(seated),), now=at(10))
    with pytest.raises(PixAwaited):
        wait("50.00", visits=(SeatedVisit(seated),), now=at(10))
    pay(gateway, now=at(10))
    assert look(first, now=at(10)).status == "sold"


def test_a_comanda_waits_no_more_and_waits_again_if_it_is_not_paid(gateway: StandIn) -> None:
    parked = counter.park(
        sale=selling(goods=goods(PAO=2)), label="Mesa 1", keep=True, actor=STAFF, now=MONDAY, key=uuid4()
    )
    taking = Taking(parked=parked.public_id, version=parked.version)
    waiting = wait("1.60", goods=goods(PAO=2), taking=taking)
    assert (ParkedSale.objects.get().status, free()) == ("sold", 8)
    with pytest.raises(InvalidTransition):
        counter.take_parked(
            taking=taking, sale=selling(cash("1.60"), goods=goods(PAO=2)), key=uuid4(), actor=STAFF, now=MONDAY
        )
    counter.cancel_awaited(key=waiting.key, reason="x", actor=STAFF, now=SOON)
    [again] = counter.parked(now=SOON)
    assert (again.label, again.status, free()) == ("Mesa 1", "open", 10)
    waiting = wait("1.60", goods=goods(PAO=2), taking=Taking(parked=again.public_id, version=again.version), now=SOON)
    last = Payment.objects.filter(gateway="standin").latest("pk")
    tell(gateway, gateway.pay(last), now=SOON)
    assert (look(waiting).status, ParkedSale.objects.get().order) == ("sold", Order.objects.get(status="completed"))
    assert findings(now=SOON) == []


def test_a_comanda_whose_name_was_taken_meanwhile_says_when_by_the_clock_of_the_shop(gateway: StandIn) -> None:
    shop.set_policy(key="timezone", value="America/Manaus", actor=STAFF, now=MONDAY)
    parked = counter.park(
        sale=selling(goods=goods(PAO=2)), label="Mesa 1", keep=False, actor=STAFF, now=MONDAY, key=uuid4()
    )
    taking = Taking(parked=parked.public_id, version=parked.version)
    waiting = wait("1.60", goods=goods(PAO=2), taking=taking)
    counter.park(sale=selling(goods=goods(PAO=1)), label="mesa 1", keep=False, actor=STAFF, now=MONDAY, key=uuid4())
    counter.cancel_awaited(key=waiting.key, reason="x", actor=STAFF, now=SOON)
    assert [one.label for one in counter.parked(now=SOON)] == ["mesa 1", "Mesa 1 08:00:20"]


def test_a_reload_while_the_money_is_on_its_way_into_the_books_is_a_sale(gateway: StandIn) -> None:
    key, parts = uuid4(), [cash("0.60")]
    wait("1.00", *parts, goods=goods(PAO=2), key=key)
    payments.receive_event(gateway="standin", delivery=gateway.event(gateway.pay(attempt()), now=SOON), now=SOON)
    payments.handle_event(event_id=GatewayEvent.objects.get().public_id, now=SOON)
    assert wait("1.00", *parts, goods=goods(PAO=2), key=key, now=SOON).status == "sold"
    assert (gateway.calls.count("begin"), Order.objects.get().status) == (1, "completed")


def test_a_shop_that_takes_no_pix_any_more_still_ends_what_waits(gateway: StandIn) -> None:
    key = uuid4()
    waiting = wait("1.60", goods=goods(PAO=2), key=key)
    shop.set_policy(key="payment_methods", value="on_site", actor=STAFF, now=MONDAY)
    with pytest.raises(MethodNotOffered):
        wait("1.60", goods=goods(PAO=2), key=key)
    assert (look(waiting).status, free()) == ("given_up", 10)
    with pytest.raises(MethodNotOffered):
        wait("1.60", goods=goods(PAO=2))


def test_what_is_paid_elsewhere_meanwhile_is_not_taken_twice(gateway: StandIn) -> None:
    waiting = wait("1.00", cash("0.60", received="2.00"), goods=goods(PAO=2))
    sent = Arrival.by_hand(method="transfer", amount=Decimal("0.30"), reference="x")
    payments.record_arrival(number=waiting.number, arrival=sent, actor=STAFF, now=MONDAY)
    assert look(waiting).status == "waiting"
    pay(gateway)
    done = look(waiting).sold
    assert done is not None
    assert (str(done.paid), str(done.change)) == ("1.30", "1.70")
    assert sorted(str(one.amount) for one in Payment.objects.all()) == ["0.30", "0.30", "1.00"]
    assert (str(Receipt.objects.get().received), str(Receipt.objects.get().change)) == ("2.00", "1.70")
    assert (Order.objects.get().status, findings(now=SOON)) == ("completed", [])


def test_a_pix_that_the_customer_has_open_for_the_same_is_the_one_that_is_shown(gateway: StandIn) -> None:
    salon()
    Service.objects.update(deposit_percent=30)
    cart = carts.open_cart(units=[], wishes=[wish(at(10))], customer_id=None, actor=GUEST, now=MONDAY)
    placement = replace(placement_of(cart=cart, payment_method="transfer"), fulfilment=None)
    number = orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY).order.number
    payments.confirm_order(number=number, amount=Decimal("15.00"), reference="x", access=ALL, actor=STAFF, now=MONDAY)
    payments.begin_payment(number=number, method="pix", access=ALL, actor=GUEST, now=at(9, 59))
    visit = SeatedVisit(Appointment.objects.get().public_id)
    waiting = wait("35.00", visits=(visit,), now=at(10))
    gateway.pay(attempt())
    assert look(waiting, now=at(10, 2)).status == "sold"


def test_a_part_that_came_otherwise_goes_back_when_the_pix_is_called_off(gateway: StandIn) -> None:
    waiting = wait("1.00", cash("0.60"), goods=goods(PAO=2))
    sent = Arrival.by_hand(method="transfer", amount=Decimal("0.30"), reference="x")
    payments.record_arrival(number=waiting.number, arrival=sent, actor=STAFF, now=MONDAY)
    counter.cancel_awaited(key=waiting.key, reason="x", actor=STAFF, now=SOON)
    relay(SOON)
    order = Order.objects.get()
    assert (order.status, str(order.paid)) == ("cancelled", "0.30")
    assert [(one.status, str(one.amount)) for one in Refund.objects.all()] == [("due", "0.30")]
    assert findings(now=SOON) == []


def test_whom_a_comanda_is_for_is_forgotten_once_its_pix_has_come(gateway: StandIn) -> None:
    person: dict[str, Any] = {"name": "Ana Lima", "phone": "+5511987654321"}
    parked = counter.park(
        sale=selling(goods=goods(PAO=2), **person), label="Mesa 1", keep=False, actor=STAFF, now=MONDAY, key=uuid4()
    )
    waiting = wait("1.60", goods=goods(PAO=2), taking=Taking(parked=parked.public_id, version=parked.version), **person)
    counter.cancel_awaited(key=waiting.key, reason="x", actor=STAFF, now=SOON)
    [again] = counter.parked(now=SOON)
    assert (again.sale.name, again.sale.phone) == (person["name"], person["phone"])
    taking = Taking(parked=again.public_id, version=again.version)
    waiting = wait("1.60", goods=goods(PAO=2), taking=taking, now=SOON, **person)
    tell(gateway, gateway.pay(Payment.objects.filter(gateway="standin").latest("pk")), now=SOON)
    assert look(waiting).status == "sold"
    assert ParkedSale.objects.get().sale["name"] == ""
