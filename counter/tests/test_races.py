"""Two tills at one moment: the last unit, one comanda, one click twice; and that the judges are needed for it."""

import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from common import counters
from common.sql import FOR_WRITING
from common.testing import race
from counter import services as counter
from counter.models import ParkedSale, Receipt
from counter.services import Sale, SeatedVisit, Taking, WalkIn, parking
from counter.tests.factories import MONDAY, STAFF, cash, clerk, goods, sell, selling
from inventory.models import StockItem
from inventory.services import claims
from inventory.tests.factories import stocked
from operations.integrity import findings
from orders.models import Order
from orders.tests.factories import cart_with, place
from payments.models import Payment
from scheduling.models import Appointment
from scheduling.tests.factories import at, book, salon

pytestmark = pytest.mark.django_db(transaction=True)

TILLS = 4


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
