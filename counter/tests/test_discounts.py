"""Discounts: spread to the cent, within a limit for each role, with who and why in the history."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.actors import Actor
from common.errors import Malformed
from counter import services as counter
from counter.errors import DiscountAboveLimit
from counter.pricing import allotted, spread, taken_off
from counter.services import Discount
from counter.tests.factories import MONDAY, STAFF, cash, clerk, goods, sell, selling
from inventory.tests.factories import stocked
from operations.integrity import findings
from orders.models import Order, OrderEvent
from orders.wording import reason_text
from shop import services as shop

CENTS = st.integers(min_value=0, max_value=10_000_000).map(lambda cents: Decimal(cents) / 100)


@given(totals=st.lists(CENTS, min_size=1, max_size=50), data=st.data())
def test_a_discount_is_spread_to_the_cent_and_leaves_no_line_below_nothing(
    totals: list[Decimal], data: st.DataObject
) -> None:
    most = int(sum(totals) * 100)
    amount = Decimal(data.draw(st.integers(min_value=0, max_value=most))) / 100
    shares = spread(amount=amount, totals=totals)
    assert sum(shares) == amount
    assert all(0 <= share <= total for share, total in zip(shares, totals, strict=True))
    assert all(share == share.quantize(Decimal("0.01")) for share in shares)


@given(subtotal=CENTS, percent=st.integers(min_value=1, max_value=10_000).map(lambda each: Decimal(each) / 100))
def test_a_share_is_rounded_once_and_never_more_than_all(subtotal: Decimal, percent: Decimal) -> None:
    amount = taken_off(kind="percent", value=percent, subtotal=subtotal)
    assert amount == amount.quantize(Decimal("0.01"))
    assert abs(amount - subtotal * percent / 100) <= Decimal("0.005")
    assert amount <= subtotal


@given(data=st.data(), dues=st.lists(CENTS, min_size=1, max_size=5))
def test_parts_pay_dues_to_the_cent(data: st.DataObject, dues: list[Decimal]) -> None:
    left, parts = sum(dues), []
    while left > 0:
        cents = data.draw(st.integers(min_value=1, max_value=int(left * 100)))
        parts.append((data.draw(st.sampled_from(["cash", "card", "pix"])), Decimal(cents) / 100))
        left -= Decimal(cents) / 100
        if len(parts) == 6 and left > 0:
            parts.append(("cash", left))
            left = Decimal(0)
    paid = allotted(dues=dues, parts=parts)
    assert [sum(amount for _tender, amount in one) for one in paid] == dues
    assert all(amount > 0 for one in paid for _tender, amount in one)
    for tender in ("cash", "card", "pix"):
        given_by = sum(amount for name, amount in parts if name == tender)
        assert sum(amount for one in paid for name, amount in one if name == tender) == given_by
    assert sum(len(one) for one in paid) <= len(parts) + len(dues)


def off(value: str, *, kind: str = "amount", reason: str = "Cliente antiga") -> Discount:
    return Discount(kind=kind, value=Decimal(value), reason=reason)


@pytest.fixture
def shelf(db: None) -> None:
    stocked(sku="PAO", units=50, price="3.33")
    stocked(sku="BOLO", units=50, price="20.01")


@pytest.fixture
def owner(shelf: None) -> Actor:
    return clerk("owner")


def test_lines_and_order_keep_it_with_who_and_why(owner: Actor) -> None:
    sell(cash("25.00"), goods=goods(PAO=2, BOLO=1), discount=off("1.67"), actor=owner)
    order = Order.objects.get()
    assert [str(amount) for amount in (order.subtotal, order.discount, order.total)] == ["26.67", "1.67", "25.00"]
    assert [(str(line.discount), str(line.line_total)) for line in order.lines.all()] == [
        ("0.42", "6.24"),
        ("1.25", "18.76"),
    ]
    first = OrderEvent.objects.get(seq=1)
    assert (first.actor_id, first.reason) == (owner.id, "order.discounted: Cliente antiga")
    assert reason_text(reason=first.reason).endswith(": Cliente antiga")
    assert findings(now=MONDAY) == []


def test_all_of_it_can_be_given_away_by_who_may(owner: Actor) -> None:
    sell(goods=goods(PAO=1), discount=off("100", kind="percent"), actor=owner)
    order = Order.objects.get()
    assert (order.status, order.total, order.paid) == ("completed", 0, 0)
    assert findings(now=MONDAY) == []


@pytest.mark.parametrize(("discount", "fits"), [("10", True), ("10.01", False)])
def test_the_counter_gives_the_share_that_the_shop_has_set(shelf: None, discount: str, fits: bool) -> None:
    seller = clerk("counter")
    sale = selling(goods=goods(BOLO=10), discount=off(discount, kind="percent"))
    if fits:
        priced = counter.price_sale(sale=sale, actor=seller, now=MONDAY)
        assert (str(priced.discount), str(priced.discount_limit)) == ("20.01", "20.01")
        return
    with pytest.raises(DiscountAboveLimit) as refusal:
        counter.price_sale(sale=sale, actor=seller, now=MONDAY)
    assert refusal.value.data == {"percent": 10, "limit": "20.01"}
    with pytest.raises(DiscountAboveLimit):
        sell(cash("180.00"), goods=sale.goods, discount=sale.discount, actor=seller)
    assert Order.objects.count() == 0


def test_a_shop_may_let_its_counter_give_nothing_or_anything(shelf: None) -> None:
    seller = clerk("counter")
    for percent, limit in ((0, "0.00"), (100, "20.01")):
        shop.set_policy(key="counter_discount_percent", value=percent, actor=STAFF, now=MONDAY)
        priced = counter.price_sale(sale=selling(goods=goods(BOLO=1)), actor=seller, now=MONDAY)
        assert str(priced.discount_limit) == limit


def test_the_manager_has_a_share_of_their_own(shelf: None) -> None:
    shop.set_policies(values={"counter_discount_percent": 0, "manager_discount_percent": 50}, actor=STAFF, now=MONDAY)
    for role, limit in (("manager", "10.01"), ("counter", "0.00"), ("owner", "None")):
        priced = counter.price_sale(sale=selling(goods=goods(BOLO=1)), actor=clerk(role), now=MONDAY)
        assert str(priced.discount_limit) == limit


def test_somebody_without_a_login_may_take_nothing_off(shelf: None) -> None:
    with pytest.raises(DiscountAboveLimit):
        sell(goods=goods(PAO=1), discount=off("100", kind="percent"), actor=Actor(kind="staff", id="99999", door="x"))


@pytest.mark.parametrize(
    ("discount", "pointers"),
    [
        (off("0"), ["/discount/value"]),
        (off("-1"), ["/discount/value"]),
        (off("NaN"), ["/discount/value"]),
        (off("1.001"), ["/discount/value"]),
        (off("100.01", kind="percent"), ["/discount/value"]),
        (off("26.68"), ["/discount/value"]),
        (off("1", reason="  "), ["/discount/reason"]),
        (off("1", kind="half"), ["/discount/kind"]),
    ],
)
def test_a_discount_that_cannot_be_is_refused(owner: Actor, discount: Discount, pointers: list[str]) -> None:
    with pytest.raises(Malformed) as refusal:
        sell(cash("25.00"), goods=goods(PAO=2, BOLO=1), discount=discount, actor=owner)
    assert [error.pointer for error in refusal.value.errors] == pointers
    assert Order.objects.count() == 0
