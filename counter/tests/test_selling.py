"""A sale over the counter is one order, paid, handed over and complete, or nothing at all."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from cart.models import Cart
from catalog.models import Product
from catalog.services.variants import index
from common.errors import IdempotencyKeyReused, Malformed, TotalChanged
from common.testing import statements
from common.transactions import run_unit_of_work
from counter import selectors
from counter import services as counter
from counter.errors import NothingSold, PaymentsDoNotAddUp
from counter.models import Receipt
from counter.selectors import favourites, find_items
from counter.services import Goods
from counter.tests.factories import MONDAY, STAFF, amounts, cash, goods, of, sell, selling
from customers.tests.factories import record
from inventory.errors import OutOfStock
from inventory.models import StockItem
from inventory.tests.factories import stocked
from operations.integrity import findings
from orders.models import Order, OrderContact, OrderEvent
from orders.tests.factories import cart_with
from payments.models import Payment
from scheduling.tests.factories import salon
from shop import services as shop
from till import services as till

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shelf() -> None:
    stocked(sku="PAO", units=10, price="6.50")
    stocked(sku="BOLO", units=2, price="20.00")


def nothing_happened() -> bool:
    return (Order.objects.count(), Payment.objects.count(), Cart.objects.count(), Receipt.objects.count()) == (
        0,
        0,
        0,
        0,
    )


def test_goods_and_cash_are_one_complete_order() -> None:
    sold = sell(cash("33.00", received="50.00"), goods=goods(PAO=2, BOLO=1))
    order = Order.objects.get()
    assert (order.status, order.channel, order.payment_method) == ("completed", "counter", "on_site")
    assert (order.total, order.paid, order.refunded) == (33, 33, 0)
    assert (sold.numbers, sold.total, sold.paid, sold.change) == (
        (order.number,),
        Decimal("33.00"),
        Decimal("33.00"),
        Decimal("17.00"),
    )
    assert sold.receipt_url.endswith(order.number + "/" + sold.receipt_url.rpartition("/")[2])
    assert dict(StockItem.objects.values_list("variant__sku", "on_hand")) == {"PAO": 8, "BOLO": 1}
    assert not StockItem.objects.exclude(reserved=0).exists()
    payment = Payment.objects.get()
    assert (payment.status, payment.gateway, payment.tender, payment.amount) == ("succeeded", "counter", "cash", 33)
    receipt = Receipt.objects.get()
    assert (receipt.order, receipt.received, receipt.change, receipt.actor_id) == (order, 50, 17, "1")
    assert findings(now=MONDAY) == []


def test_a_sale_to_somebody_known_is_under_their_record() -> None:
    ana = record(name="Ana", tags=["VIP"])
    sell(cash("6.50"), goods=goods(PAO=1), customer=ana.public_id)
    contact = OrderContact.objects.get()
    assert (contact.record, contact.name) == (ana, "Ana"), "a name alone would lead to nobody"


def test_nobody_is_asked_who_they_are() -> None:
    sell(cash("6.50"), goods=goods(PAO=1))
    contact = OrderContact.objects.get()
    assert (contact.name, contact.email, contact.phone) == ("", "", "")
    sell(
        cash("6.50"), goods=goods(PAO=1), name="Ana", phone="+5511987654321", document="52998224725", note="Sem sacola"
    )
    contact = OrderContact.objects.latest("pk")
    assert (contact.name, contact.phone, contact.document, contact.note) == (
        "Ana", "+5511987654321", "52998224725", "Sem sacola",
    )  # fmt: skip


def test_it_needs_no_opening_hours_no_notice_and_no_method() -> None:
    shop.set_policy(key="payment_methods", value=["transfer"], actor=STAFF, now=MONDAY)
    shop.set_opening_hours(hours=[], actor=STAFF, now=MONDAY)
    shop.set_policy(key="max_units_held", value=1, actor=STAFF, now=MONDAY)
    sell(cash("13.00"), goods=goods(PAO=2))
    assert Order.objects.get().status == "completed"
    assert findings(now=MONDAY) == []


def test_the_history_tells_who_sold() -> None:
    sell(cash("6.50"), goods=goods(PAO=1))
    steps = list(OrderEvent.objects.order_by("seq").values_list("from_status", "to_status", "actor_kind", "actor_id"))
    assert steps == [("", "confirmed", "staff", "1"), ("confirmed", "completed", "staff", "1")]


def test_parts_by_several_tenders_come_to_exactly_what_is_due() -> None:
    sold = sell(cash("3.00", received="5.00"), of("card", "20.00"), of("pix", "10.00"), goods=goods(PAO=2, BOLO=1))
    assert [(one.tender, str(one.amount)) for one in Payment.objects.order_by("pk")] == [
        ("cash", "3.00"),
        ("card", "20.00"),
        ("pix", "10.00"),
    ]
    assert amounts([sold.paid, sold.change]) == ["33.00", "2.00"]
    assert Order.objects.get().paid == 33
    assert findings(now=MONDAY) == []


@pytest.mark.parametrize("paid", ["32.99", "33.01", "0.01"])
def test_other_than_the_due_is_refused_with_both_figures(paid: str) -> None:
    with pytest.raises(PaymentsDoNotAddUp) as refusal:
        sell(cash(paid), goods=goods(PAO=2, BOLO=1))
    assert refusal.value.data == {"due": "33.00", "given": paid}
    assert nothing_happened()


def test_not_paid_is_not_sold() -> None:
    with pytest.raises(PaymentsDoNotAddUp):
        sell(goods=goods(PAO=1))
    assert nothing_happened()


@pytest.mark.parametrize(
    ("part", "pointer"),
    [
        (cash("6.50", received="6.49"), "/payments/0/received"),
        (counter.Tendered(tender="card", amount=Decimal("6.50"), received=Decimal("10.00")), "/payments/0/received"),
        (counter.Tendered(tender="shells", amount=Decimal("6.50")), "/payments/0/tender"),
        (counter.Tendered(tender="cash", amount=Decimal("6.505")), "/payments/0/amount"),
        (counter.Tendered(tender="cash", amount=Decimal("-6.50")), "/payments/0/amount"),
        (counter.Tendered(tender="cash", amount=Decimal("NaN")), "/payments/0/amount"),
        (counter.Tendered(tender="cash", amount=Decimal(0)), "/payments/0/amount"),
        (counter.Tendered(tender="cash", amount=Decimal("6.50"), received=Decimal("Infinity")), "/payments/0/received"),
    ],
)
def test_a_part_that_cannot_be_is_refused_by_its_place(part: Any, pointer: str) -> None:
    with pytest.raises(Malformed) as refusal:
        sell(part, goods=goods(PAO=1))
    assert [error.pointer for error in refusal.value.errors] == [pointer]
    assert nothing_happened()


def test_the_same_key_sells_once_and_says_the_same() -> None:
    key = uuid4()
    first = sell(cash("6.50"), goods=goods(PAO=1), key=key)
    assert sell(cash("6.50"), goods=goods(PAO=1), key=key) == first
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)
    with pytest.raises(IdempotencyKeyReused):
        sell(cash("13.00"), goods=goods(PAO=2), key=key)


def test_a_key_answers_even_when_nothing_of_it_could_be_sold_again() -> None:
    key = uuid4()
    first = sell(cash("40.00"), goods=goods(BOLO=2), key=key)
    StockItem.objects.get(variant__sku="BOLO").variant.product.variants.update(is_active=False)
    assert sell(cash("40.00"), goods=goods(BOLO=2), key=key) == first


def test_a_refused_sale_leaves_its_key_free() -> None:
    key = uuid4()
    with pytest.raises(PaymentsDoNotAddUp):
        sell(cash("1.00"), goods=goods(PAO=1), key=key)
    assert sell(cash("6.50"), goods=goods(PAO=1), key=key).total == Decimal("6.50")


def test_what_is_short_is_named_with_what_is_there() -> None:
    with pytest.raises(OutOfStock) as refusal:
        sell(cash("60.00"), goods=goods(BOLO=3))
    assert refusal.value.data["lines"] == [{"sku": "BOLO", "requested": 3, "available": 2}]
    assert "2" in str(refusal.value.detail)
    assert "3" in str(refusal.value.detail)
    assert nothing_happened()


def test_what_others_keep_in_carts_is_not_there() -> None:
    cart_with(units={"BOLO": 2})
    with pytest.raises(OutOfStock) as refusal:
        sell(cash("20.00"), goods=goods(BOLO=1))
    assert refusal.value.data["lines"] == [{"sku": "BOLO", "requested": 1, "available": 0}]


def test_each_line_that_cannot_be_sold_is_named() -> None:
    salon()
    stocked(sku="VELHO", units=3).product.variants.update(is_active=False)
    with pytest.raises(Malformed) as refusal:
        sell(cash("1.00"), goods=(*goods(PAO=1, NADA=1, CORTE=1, VELHO=1), Goods("PAO", 0), Goods("PAO", 1000)))
    assert [(error.pointer, error.code) for error in refusal.value.errors] == [
        ("/goods/1/sku", "unknown_sku"),
        ("/goods/2/sku", "not_for_sale"),
        ("/goods/3/sku", "not_for_sale"),
        ("/goods/4/quantity", "max_value"),
        ("/goods/5/quantity", "max_value"),
    ]


def test_a_sku_named_twice_is_one_line() -> None:
    sell(cash("19.50"), goods=(Goods("PAO", 1), Goods("PAO", 2)))
    assert list(Order.objects.get().lines.values_list("sku", "quantity")) == [("PAO", 3)]
    with pytest.raises(Malformed):
        sell(cash("1.00"), goods=(Goods("PAO", 999), Goods("PAO", 1)))


def test_nothing_is_no_sale() -> None:
    with pytest.raises(NothingSold):
        sell()


def test_another_total_than_was_shown_changes_nothing() -> None:
    with pytest.raises(TotalChanged) as refusal:
        sell(cash("6.50"), goods=goods(PAO=1), expected_total=Decimal("6.00"))
    assert refusal.value.data == {"total": "6.50"}
    assert nothing_happened()


def test_the_price_is_what_is_sold_for() -> None:
    sale = selling(goods=goods(PAO=3, BOLO=1))
    priced = counter.price_sale(sale=sale, actor=STAFF, now=MONDAY)
    assert [(line.sku, line.quantity, str(line.total), line.available) for line in priced.lines] == [
        ("PAO", 3, "19.50", 10),
        ("BOLO", 1, "20.00", 2),
    ]
    figures = [priced.subtotal, priced.discount, priced.total, priced.already_paid, priced.due]
    assert amounts(figures) == ["39.50", "0.00", "39.50", "0.00", "39.50"]
    assert nothing_happened()


def test_things_are_found_by_any_part_of_what_they_are_called() -> None:
    ana = salon().people["Ana"]
    for product in Product.objects.all():
        run_unit_of_work(index, product=product, now=MONDAY)
    [cake] = find_items(text="bol", now=MONDAY)
    assert (cake.kind, cake.sku, str(cake.price), cake.available, cake.quantity) == ("goods", "BOLO", "20.00", 2, 1)
    [cut] = find_items(text="CÓRTE", now=MONDAY)
    assert (cut.kind, cut.minutes, cut.professionals, cut.available) == ("service", 30, ((ana.public_id, "Ana"),), None)
    assert find_items(text="  ", now=MONDAY) == []
    assert find_items(text="100%_", now=MONDAY) == []


def test_what_sells_best_comes_first() -> None:
    for _sale in range(2):
        sell(cash("20.00"), goods=goods(BOLO=1))
    sell(cash("19.50"), goods=goods(PAO=3))
    assert [(item.sku, item.available) for item in favourites(now=MONDAY)] == [("BOLO", 0), ("PAO", 7)]


def test_what_sold_more_than_a_month_ago_is_no_favourite() -> None:
    long_ago, lately = MONDAY - timedelta(days=31), MONDAY - timedelta(days=29)
    sold = []
    for sku, paid, at in (("BOLO", "20.00", long_ago), ("PAO", "6.50", MONDAY), ("BOLO", "20.00", lately)):
        sell(cash(paid), goods=goods(**{sku: 1}), now=at)
        sold.append(sorted(item.sku for item in favourites(now=MONDAY)))
    assert sold == [[], ["PAO"], ["BOLO", "PAO"]]


def test_the_latest_sales_say_what_is_a_favourite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "MOST_SALES", 2)
    for sku, paid, hours in (("BOLO", "20.00", 3), ("PAO", "6.50", 1), ("PAO", "6.50", 2), ("BOLO", "20.00", 4)):
        sell(cash(paid), goods=goods(**{sku: 1}), now=MONDAY - timedelta(hours=hours))
    assert [item.sku for item in favourites(now=MONDAY)] == ["PAO"]


@pytest.mark.parametrize("lines", [1, 3, 20])
def test_statements_do_not_grow_with_the_lines(lines: int) -> None:
    for number in range(20):
        stocked(sku=f"SKU-{number:02}", units=9, price="1.00")
    wanted = tuple(Goods(f"SKU-{number:02}", 2) for number in range(lines))
    till.open_session(till=None, opening_float=Decimal(0), actor=STAFF, now=MONDAY)
    with statements() as found:
        sell(cash(f"{2 * lines}.00"), goods=wanted)
    assert len(found) == COST, "\n".join(found)


COST = 42
"""Statements of a sale of goods paid in cash, whatever it holds."""


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_each_part_of_the_payment_costs_the_same_few_statements(parts: int) -> None:
    till.open_session(till=None, opening_float=Decimal(0), actor=STAFF, now=MONDAY)
    with statements() as found:
        sell(
            *[of("card", "1.30")] * (parts - 1),
            cash(str(Decimal("6.50") - Decimal("1.30") * (parts - 1))),
            goods=goods(PAO=1),
        )
    assert len(found) == COST + OF_A_PART * (parts - 1), "\n".join(found)


OF_A_PART = 6
"""The order's payments behind its lock, its money, the drawer, the payment, its first step, and word of it."""
