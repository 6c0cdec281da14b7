"""Two tills at one moment: the last unit, one comanda, one click twice; and that the judges are needed for it."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from common import counters, outbox
from common.errors import Busy
from common.sql import FOR_WRITING
from common.testing import race
from common.use_cases import use_case
from counter import services as counter
from counter.models import AwaitedPix, ParkedSale, Receipt
from counter.services import Awaited, Sale, SeatedVisit, Taking, WalkIn, awaiting, parking
from counter.tests.factories import MONDAY, STAFF, cash, clerk, goods, sell, selling
from inventory.models import StockItem
from inventory.services import claims
from inventory.tests.factories import stocked
from operations.integrity import findings
from orders.models import Order
from orders.tests.factories import cart_with, place
from payments import services as payments
from payments.gateways.protocol import PaymentFact
from payments.models import Payment
from payments.services import Arrival
from payments.tests.by_card import relay
from payments.tests.stand_in import NAME, StandIn, registered
from scheduling.models import Appointment
from scheduling.tests.factories import at, book, salon
from shop import services as shop

pytestmark = pytest.mark.django_db(transaction=True)

TILLS = 4
PAID = MONDAY + timedelta(seconds=20)


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, settings: Any) -> StandIn:
    """There are cakes, and a gateway tells of Pix."""
    stocked(sku="BOLO", units=50, price="20.00")
    shop.set_policy(key="payment_methods", value="on_site,transfer,pix", actor=STAFF, now=MONDAY)
    return registered(monkeypatch, settings, method="pix")


def begin(key: UUID) -> Awaited:
    sale = selling(goods=goods(BOLO=1))
    return counter.await_pix(sale=sale, awaited=Decimal("20.00"), taking=None, key=key, actor=STAFF, now=MONDAY)


@pytest.fixture
def awaited(gateway: StandIn) -> Awaited:
    """A sale waits for its Pix."""
    return begin(uuid4())


def arrival_of(fact: PaymentFact) -> Arrival:
    return Arrival(
        amount=fact.amount, gateway=NAME, method="pix", gateway_reference=fact.reference, attempt=fact.payment
    )


def codes(answers: list[Any]) -> list[str]:
    """Return what each of the racers was told, sorted."""
    return sorted(
        getattr(answer, "code", "sold")
        if not isinstance(answer, Exception) or hasattr(answer, "code")
        else repr(answer)
        for answer in answers
    )


def test_the_last_unit_is_sold_once_at_two_tills_and_online() -> None:
    stocked(sku="BOLO", units=1, price="20.00")
    sellers = [clerk() for _till in range(TILLS)]

    def act(number: int) -> Any:
        if number < TILLS:
            return sell(cash("20.00"), goods=goods(BOLO=1), actor=sellers[number])
        return place(cart=cart_with(units={"BOLO": 1}))

    answers = race(workers=TILLS + 2, work=act)
    assert codes(answers) == ["out_of_stock"] * (TILLS + 1) + ["sold"]
    assert Order.objects.count() == 1
    item = StockItem.objects.get()
    assert item.on_hand - item.reserved == 0
    assert findings(now=MONDAY) == []


def test_without_the_lock_of_the_stock_the_check_still_sells_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: every till finds the unit, the database lets one have it, the others are told so."""
    stocked(sku="BOLO", units=1, price="20.00")
    sellers = [clerk() for _till in range(TILLS)]
    everybody_looked = threading.Barrier(TILLS)
    looked: set[int] = set()
    judge = claims._too_few

    def hesitate(**how: Any) -> Any:
        if threading.get_ident() not in looked:
            looked.add(threading.get_ident())
            everybody_looked.wait(timeout=20)
        return judge(**how)

    monkeypatch.setattr(claims, "_LOCK_ITEMS", claims._LOCK_ITEMS.replace(FOR_WRITING, ""))
    monkeypatch.setattr(claims, "_too_few", hesitate)
    repeated = counters.read("unit_of_work_repeated")
    answers = race(workers=TILLS, work=lambda number: sell(cash("20.00"), goods=goods(BOLO=1), actor=sellers[number]))
    assert codes(answers) == ["out_of_stock"] * (TILLS - 1) + ["sold"]
    assert counters.read("unit_of_work_repeated") >= repeated + TILLS - 1
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)
    assert findings(now=MONDAY) == []


def test_one_comanda_is_paid_once_at_two_tills() -> None:
    stocked(sku="BOLO", units=50, price="20.00")
    waiting = counter.park(sale=Sale(goods=goods(BOLO=1)), label="4", keep=True, actor=STAFF, now=MONDAY, key=uuid4())
    taking = Taking(parked=waiting.public_id, version=waiting.version)
    sellers = [clerk() for _till in range(TILLS)]

    def act(number: int) -> Any:
        sale = selling(cash("20.00"), goods=goods(BOLO=1))
        return counter.take_parked(taking=taking, sale=sale, key=uuid4(), actor=sellers[number], now=MONDAY)

    assert codes(race(workers=TILLS, work=act)) == ["invalid_transition"] * (TILLS - 1) + ["sold"]
    assert (Order.objects.count(), Payment.objects.count(), ParkedSale.objects.get().status) == (1, 1, "sold")
    assert findings(now=MONDAY) == []


def test_without_the_lock_on_the_comanda_it_would_be_paid_more_than_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stocked(sku="BOLO", units=50, price="20.00")
    waiting = counter.park(sale=Sale(goods=goods(BOLO=1)), label="4", keep=False, actor=STAFF, now=MONDAY, key=uuid4())
    taking = Taking(parked=waiting.public_id, version=waiting.version)
    monkeypatch.setattr(parking, "take", lambda **_named: ParkedSale.objects.get())
    monkeypatch.setattr(parking, "close", lambda **_named: None)
    sale = selling(cash("20.00"), goods=goods(BOLO=1))
    race(
        workers=2,
        work=lambda _number: counter.take_parked(taking=taking, sale=sale, key=uuid4(), actor=STAFF, now=MONDAY),
    )
    assert Order.objects.count() == 2


def test_a_double_click_makes_one_sale() -> None:
    stocked(sku="BOLO", units=50, price="20.00")
    key = uuid4()
    answers = race(workers=TILLS, work=lambda _number: sell(cash("20.00"), goods=goods(BOLO=1), key=key))
    assert len({repr(answer) for answer in answers}) == 1
    assert (Order.objects.count(), Receipt.objects.count()) == (1, 1)


def test_two_clicks_of_two_keys_are_two_sales() -> None:
    stocked(sku="BOLO", units=50, price="20.00")
    race(workers=2, work=lambda _number: sell(cash("20.00"), goods=goods(BOLO=1)))
    assert Order.objects.count() == 2


def test_one_visit_is_paid_once_at_two_tills() -> None:
    salon()
    visit = SeatedVisit(book(at(10)).appointment.public_id)
    answers = race(workers=TILLS, work=lambda _number: sell(cash("50.00"), visits=(visit,), now=at(10, 30)))
    assert codes(answers).count("sold") == 1
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)
    assert findings(now=at(10, 30)) == []


def test_two_walk_ins_of_one_moment_never_share_a_professional() -> None:
    made = salon()
    walk_in = WalkIn(services=(("CORTE", made.id("Ana")),))
    answers = race(workers=TILLS, work=lambda _number: sell(cash("50.00"), walk_ins=(walk_in,), now=at(10, 30)))
    assert codes(answers).count("sold") == 1
    assert Appointment.objects.count() == 1
    assert findings(now=at(10, 30)) == []


def test_the_database_is_the_last_judge_of_units() -> None:
    stocked(sku="BOLO", units=1, price="20.00")
    with pytest.raises(Exception, match="stockitem"), connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_stockitem SET reserved = on_hand + 1")


def test_a_pix_that_everybody_tells_of_at_once_is_one_sale(awaited: Awaited, gateway: StandIn) -> None:
    """Two webhooks, three pages that ask, the clock and a cancel, all at the moment at which it is paid."""
    fact = gateway.pay(Payment.objects.get())

    def act(number: int) -> Any:
        if number < 2:
            told = gateway.event(fact, now=PAID)
            payments.receive_event(gateway=NAME, delivery=told, now=PAID)
            return outbox.relay(now=PAID)
        if number < 5:
            return counter.look_awaited(key=awaited.key, now=PAID)
        if number == 5:
            return counter.end_awaited(now=MONDAY + timedelta(minutes=31))
        return payments.record_arrival(number=awaited.number, arrival=arrival_of(fact), actor=STAFF, now=PAID)

    answers = race(workers=7, work=act)
    assert [one for one in answers if isinstance(one, Exception) and not isinstance(one, Busy)] == []
    relay(PAID)
    assert counter.look_awaited(key=awaited.key, now=PAID).status == "sold"
    assert (Order.objects.get().status, Receipt.objects.count(), Payment.objects.count()) == ("completed", 1, 1)
    assert findings(now=PAID) == []


def test_a_pix_is_begun_once_by_a_double_click(gateway: StandIn) -> None:
    key = uuid4()
    answers = race(workers=TILLS, work=lambda _number: begin(key))
    assert {getattr(one, "number", "") for one in answers if isinstance(one, Awaited)} == {Order.objects.get().number}
    assert [one for one in answers if isinstance(one, Exception) and not isinstance(one, Busy)] == []
    assert (AwaitedPix.objects.count(), Payment.objects.count(), len(gateway.payments)) == (1, 1, 1)


def test_without_its_locks_the_database_still_makes_a_pix_one_sale(
    gateway: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: both find it waiting; the database lets one write, and the other looks again."""
    salon()
    now = at(10, 30)
    sale = selling(visits=(SeatedVisit(book(at(10)).appointment.public_id),))
    there = counter.await_pix(sale=sale, awaited=Decimal("50.00"), taking=None, key=uuid4(), actor=STAFF, now=now)
    gateway.pay(Payment.objects.get())
    payments.look_now(attempts=list(Payment.objects.select_related("order__contact")), now=now + timedelta(seconds=9))
    both, seen, locked = threading.Barrier(2), set[int](), awaiting._locked

    def unlocked(*, key: UUID, number: str) -> Any:
        if threading.get_ident() in seen:
            return locked(key=key, number=number)
        seen.add(threading.get_ident())
        found = Order.objects.select_related("contact").get(number=number), AwaitedPix.objects.get(key=key)
        both.wait(timeout=30)
        return found

    monkeypatch.setattr(awaiting, "_locked", unlocked)
    repeated = counters.read("unit_of_work_repeated")
    conclude = awaiting.conclude.__wrapped__  # type: ignore[attr-defined]  # without the lease
    answers = race(
        workers=2,
        work=lambda _number: use_case()(conclude)(key=there.key, number=there.number, door="admin", now=now),
    )
    assert [one for one in answers if isinstance(one, Exception)] == []
    assert counters.read("unit_of_work_repeated") > repeated
    assert (Receipt.objects.count(), AwaitedPix.objects.get().status) == (1, "sold")
    assert findings(now=now) == []
