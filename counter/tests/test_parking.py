"""Sales that wait: they hold nothing unless told to, nobody overwrites what they did not see, each is paid once."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from cart import services as carts
from cart.models import Cart
from common import outbox
from common.errors import InvalidTransition, Malformed, NotFound
from counter import services as counter
from counter.errors import LabelTaken, ParkedChanged, PaymentsDoNotAddUp
from counter.models import ParkedSale, ParkedStep
from counter.services import Discount, Parked, Sale, SeatedVisit, Taking, WalkIn
from counter.tests.factories import MONDAY, STAFF, cash, goods, sell, selling
from customers import services as customers
from customers.tests.factories import record
from inventory import selectors as stock
from inventory.errors import OutOfStock
from inventory.tests.factories import stocked
from operations.integrity import findings
from orders.models import Order
from scheduling.tests.factories import at, book, salon
from shop import services as shop

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def shelf() -> None:
    stocked(sku="PAO", units=10, price="6.50")
    stocked(sku="BOLO", units=2, price="20.00")


def park(
    label: str = "Mesa 4", *, keep: bool = False, key: UUID | None = None, now: Any = MONDAY, **sale: Any
) -> Parked:
    return counter.park(
        sale=Sale(**(sale or {"goods": goods(BOLO=2)})),
        label=label,
        keep=keep,
        actor=STAFF,
        now=now,
        key=key or uuid4(),
    )


def seen(waiting: Parked) -> Taking:
    return Taking(parked=waiting.public_id, version=waiting.version)


def take(waiting: Parked, *payments: Any, key: UUID | None = None, now: Any = MONDAY) -> Any:
    sale = replace(waiting.sale, payments=payments)
    return counter.take_parked(taking=seen(waiting), sale=sale, key=key or uuid4(), actor=STAFF, now=now)


def change(waiting: Parked, sale: Sale, *, label: str = "Mesa 4", keep: bool = False, now: Any = MONDAY) -> Parked:
    return counter.change_parked(taking=seen(waiting), sale=sale, label=label, keep=keep, actor=STAFF, now=now)


def left(sku: str = "BOLO", now: Any = MONDAY) -> int:
    return stock.available(skus=[sku], now=now)[sku]


def test_it_comes_back_as_it_was_parked() -> None:
    made = salon(names=["Ana", "Bia"])
    sale: dict[str, Any] = {
        "goods": goods(PAO=3, BOLO=1),
        "visits": (SeatedVisit(book(at(10)).appointment.public_id),),
        "walk_ins": (WalkIn(services=(("CORTE", made.id("Ana")), ("CORTE", None))),),
        "discount": Discount(kind="percent", value=Decimal("2.50"), reason="Aniversário"),
        "name": "João",
        "phone": "+5511987654321",
        "document": "52998224725",
        "note": "Sem açúcar",
    }
    park(**sale)
    [waiting] = counter.parked(now=MONDAY)
    assert waiting.sale == Sale(**sale)
    assert (waiting.label, waiting.version, waiting.keep, waiting.kept_until) == ("Mesa 4", 1, False, None)


def test_it_holds_nothing() -> None:
    park()
    assert left() == 2
    sell(cash("40.00"), goods=goods(BOLO=2))
    with pytest.raises(OutOfStock):
        take(counter.parked(now=MONDAY)[0], cash("40.00"))
    assert [one.label for one in counter.parked(now=MONDAY)] == ["Mesa 4"]
    assert findings(now=MONDAY) == []


def test_told_to_it_holds_its_goods_until_its_time_is_over() -> None:
    waiting = park(keep=True)
    assert (waiting.keep, waiting.kept_until) == (True, MONDAY + 4 * HOUR)
    assert left() == 0
    with pytest.raises(OutOfStock):
        sell(cash("20.00"), goods=goods(BOLO=1))
    assert findings(now=MONDAY) == []
    later = MONDAY + 4 * HOUR
    assert left(now=later) == 2
    carts.expire_carts(now=later)
    assert counter.parked(now=later)[0].kept_until is None
    take(counter.parked(now=later)[0], cash("40.00"), now=later)
    assert findings(now=later) == []


def test_the_shop_says_for_how_long() -> None:
    shop.set_policy(key="parked_hold_minutes", value=5, actor=STAFF, now=MONDAY)
    assert park(keep=True).kept_until == MONDAY + timedelta(minutes=5)


def test_what_is_not_there_is_not_kept() -> None:
    with pytest.raises(OutOfStock):
        park(keep=True, goods=goods(BOLO=3))
    assert (ParkedSale.objects.count(), Cart.objects.count()) == (0, 0)


def test_paying_it_sells_what_it_kept_and_it_waits_no_more() -> None:
    waiting = park(keep=True)
    sold = take(waiting, cash("40.00"))
    row = ParkedSale.objects.get()
    assert (row.status, row.order, row.version) == ("sold", Order.objects.get(), 2)
    assert sold.numbers == (row.order.number if row.order else "",)
    assert counter.parked(now=MONDAY) == []
    assert left() == 0
    assert findings(now=MONDAY) == []


def test_it_is_paid_once() -> None:
    waiting, key = park(), uuid4()
    first = take(waiting, cash("40.00"), key=key)
    assert take(waiting, cash("40.00"), key=key) == first
    with pytest.raises(InvalidTransition):
        take(waiting, cash("40.00"))
    assert Order.objects.count() == 1


def test_refused_money_leaves_it_waiting_with_what_it_keeps() -> None:
    waiting = park(keep=True)
    with pytest.raises(PaymentsDoNotAddUp):
        take(waiting, cash("39.99"))
    assert counter.parked(now=MONDAY) == [waiting]
    assert left() == 0


def test_nobody_overwrites_or_sells_what_they_did_not_see() -> None:
    waiting = park()
    changed = change(waiting, Sale(goods=goods(PAO=1)))
    assert (changed.version, changed.sale.goods) == (2, goods(PAO=1))
    with pytest.raises(ParkedChanged) as refusal:
        change(waiting, Sale(goods=goods(PAO=2)))
    assert refusal.value.data == {"version": 2}
    with pytest.raises(ParkedChanged):
        take(waiting, cash("40.00"))
    with pytest.raises(ParkedChanged):
        counter.drop_parked(taking=seen(waiting), reason="x", actor=STAFF, now=MONDAY)
    assert counter.parked(now=MONDAY) == [changed]


def test_changing_it_keeps_what_it_holds_then() -> None:
    waiting = park(keep=True)
    changed = change(waiting, Sale(goods=goods(BOLO=1)), keep=True)
    assert left() == 1
    assert change(changed, Sale(goods=goods(BOLO=1))).keep is False
    assert left() == 2
    assert findings(now=MONDAY) == []


def test_one_that_is_dropped_frees_what_it_keeps_and_says_why() -> None:
    waiting = park(keep=True)
    with pytest.raises(Malformed):
        counter.drop_parked(taking=seen(waiting), reason=" ", actor=STAFF, now=MONDAY)
    counter.drop_parked(taking=seen(waiting), reason="Foi embora", actor=STAFF, now=MONDAY)
    assert (counter.parked(now=MONDAY), left()) == ([], 2)
    steps = ParkedStep.objects.values_list("version", "status", "reason", "actor_id")
    assert list(steps) == [(1, "open", "", "1"), (2, "dropped", "Foi embora", "1")]
    with pytest.raises(InvalidTransition):
        change(waiting, Sale())
    assert findings(now=MONDAY) == []


def test_one_name_waits_once_whatever_its_accents() -> None:
    waiting = park("José")
    with pytest.raises(LabelTaken):
        park("jose")
    other = park("Ana")
    with pytest.raises(LabelTaken):
        change(other, other.sale, label="JOSÉ")
    take(waiting, cash("40.00"))
    assert park("jose", goods=goods(PAO=1)).label == "jose"


def test_parked_twice_by_one_click_it_waits_once() -> None:
    key = uuid4()
    first = park(key=key)
    assert park(key=key) == first
    assert ParkedSale.objects.count() == 1


def test_a_name_alone_may_wait() -> None:
    waiting = counter.park(sale=Sale(), label="Cadeira 2", keep=True, actor=STAFF, now=MONDAY, key=uuid4())
    assert (waiting.sale, waiting.kept_until) == (selling(), None)


@pytest.mark.parametrize("label", ["", "  ", "x" * 61, "a\u200bb"])
def test_a_name_that_cannot_be_read_is_refused(label: str) -> None:
    with pytest.raises(Malformed) as refusal:
        park(label)
    assert [error.pointer for error in refusal.value.errors] == ["/label"]


def test_what_never_waited_is_not_found() -> None:
    nobody = Taking(parked=UUID(int=7), version=1)
    with pytest.raises(NotFound):
        counter.drop_parked(taking=nobody, reason="x", actor=STAFF, now=MONDAY)
    with pytest.raises(NotFound):
        counter.parked_sale(public_id=nobody.parked, now=MONDAY)


PERSON: dict[str, Any] = {"name": "Ana Lima", "phone": "+5511987654321", "document": "52998224725", "note": "sem nozes"}


def told_of_people() -> set[str]:
    """Return what any row still tells of somebody."""
    rows = [*ParkedSale.objects.values_list("sale", flat=True), *ParkedStep.objects.values_list("sale", flat=True)]
    return {row[name] for row in rows for name in PERSON} - {""}


def test_whom_it_was_for_is_known_while_it_waits_and_to_nobody_after() -> None:
    waiting = park(goods=goods(BOLO=1), **PERSON)
    assert counter.parked_sale(public_id=waiting.public_id, now=MONDAY).sale.phone == PERSON["phone"]
    assert {row[name] for row in ParkedStep.objects.values_list("sale", flat=True) for name in PERSON} == {""}
    counter.drop_parked(taking=seen(waiting), reason="Foi embora", actor=STAFF, now=MONDAY)
    assert told_of_people() == set()
    take(park("Mesa 5", goods=goods(BOLO=1), **PERSON), cash("20.00"))
    assert told_of_people() == set()
    assert Order.objects.get().contact.name == "Ana Lima"
    assert findings(now=MONDAY) == []


def test_somebody_who_is_erased_is_erased_from_what_waits_and_waited_for_them() -> None:
    known = record(name="Ana Lima", phone=PERSON["phone"])
    sold = park("Ana Lima", goods=goods(BOLO=1), customer=known.public_id, **PERSON)
    take(sold, cash("20.00"))
    park("Mesa 5", goods=goods(BOLO=1), customer=known.public_id, **PERSON)
    park("Mesa 6", goods=goods(BOLO=1), name="Bia")
    customers.forget_customer(record=known, actor=STAFF, now=MONDAY)
    while outbox.relay(now=MONDAY):
        pass
    assert told_of_people() == {"Bia"}
    assert sorted(ParkedSale.objects.values_list("label", flat=True)) == ["-", "Mesa 5", "Mesa 6"]
    assert [line for line in findings(now=MONDAY) if "people." in line] == []
