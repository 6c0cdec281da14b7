"""A clerk who does anything at any time, held against a counter on paper, with the shop's own examination each time."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cart import services as carts
from cart.models import CartLine
from cart.services import Units
from catalog.models import Product, Variant
from common import outbox
from common.errors import Refusal
from inventory import selectors as stock
from inventory import services as inventory
from inventory.models import StockItem
from inventory.tests.factories import MONDAY, STAFF, stocked
from operations.integrity import CHECKS, checks_schema, examine
from operations.tests.counter_model import CART_LIFE, Paper, PaperCart, Shelf
from operations.tests.scenarios import held_open
from orders import services as orders
from orders.lifecycle import effective_status
from orders.models import Fulfilment, Order
from orders.services import Handover
from orders.tests.factories import ALL, GUEST, cancel, placement_of
from payments import services as payments
from payments.models import Refund

SKUS = ["BOLO", "PAO", "CAFE"]
DATA_CHECKS = tuple(check for check in CHECKS if check not in checks_schema.CHECKS)


def outcome(act: Callable[[], Any]) -> tuple[str, Any]:
    """What became of it: ok and the answer, or the code of the refusal."""
    try:
        return "ok", act()
    except Refusal as refusal:
        return refusal.code, None


class Counter(RuleBasedStateMachine):
    """Every rule does one thing to the shop and to the paper, and expects the same of both."""

    cart_ids = Bundle("cart_ids")
    numbers = Bundle("numbers")
    skus = st.sampled_from(SKUS)
    few = st.integers(min_value=1, max_value=4)

    def __init__(self) -> None:
        super().__init__()
        self.rooms = ExitStack()
        self.rooms.enter_context(held_open())
        self.paper = Paper(now=MONDAY)

    def teardown(self) -> None:
        self.rooms.close()

    @initialize(units=st.lists(st.integers(min_value=0, max_value=6), min_size=3, max_size=3))
    def open_the_shop(self, units: list[int]) -> None:
        for sku, on_hand in zip(SKUS, units, strict=True):
            stocked(sku=sku, units=on_hand, price="2.50")
            inventory.adjust_stock(
                sku=sku, operation="set", quantity=on_hand, reason="x", actor=STAFF, now=self.paper.now
            )
            self.paper.shelves[sku] = Shelf(on_hand=on_hand, price=Decimal("2.50"))

    # The shelf

    @rule(sku=skus, left=st.integers(min_value=0, max_value=8), operation=st.sampled_from(["add", "remove", "set"]))
    def count_stock(self, sku: str, left: int, operation: Any) -> None:
        on_hand = self.paper.shelves[sku].on_hand
        quantity = {"set": left, "add": left - on_hand, "remove": on_hand - left}[operation]
        if quantity <= 0 and operation != "set":
            return
        found, _answer = outcome(
            lambda: inventory.adjust_stock(
                sku=sku, operation=operation, quantity=quantity, reason="x", actor=STAFF, now=self.paper.now
            )
        )
        assert found == self.paper.adjust(sku, left=left)

    @rule(sku=skus, price=st.decimals(min_value=0, max_value=9, places=2))
    def change_price(self, sku: str, price: Decimal) -> None:
        Variant.objects.filter(sku=sku).update(price=price)
        self.paper.shelves[sku].price = price

    @rule(sku=skus, for_sale=st.booleans())
    def archive_or_publish(self, sku: str, for_sale: bool) -> None:
        status = Product.Status.PUBLISHED if for_sale else Product.Status.ARCHIVED
        Product.objects.filter(pk=Variant.objects.get(sku=sku).product_id).update(status=status)
        self.paper.shelves[sku].for_sale = for_sale

    # The cart

    @rule(target=cart_ids)
    def open_cart(self) -> str:
        cart_id = str(carts.open_cart(units=[], customer_id=None, now=self.paper.now).public_id)
        self.paper.carts[cart_id] = PaperCart(until=self.paper.now + CART_LIFE)
        return cart_id

    @rule(cart_id=cart_ids, sku=skus, quantity=few)
    def add(self, cart_id: str, sku: str, quantity: int) -> None:
        line = self.paper.carts[cart_id].lines.get(sku)
        wanted = quantity + (line.quantity if line else 0)
        units = Units(sku=sku, quantity=quantity)
        found, _cart = outcome(
            lambda: carts.add_units(cart_id=UUID(cart_id), units=units, customer_id=None, now=self.paper.now)
        )
        assert found == self.paper.put(cart_id, sku, wanted)

    @rule(cart_id=cart_ids, sku=skus, quantity=few)
    def change(self, cart_id: str, sku: str, quantity: int) -> None:
        line = self.line(cart_id, sku)
        if line is not None:
            found, _cart = outcome(
                lambda: carts.set_quantity(
                    cart_id=UUID(cart_id), line_id=line, quantity=quantity, customer_id=None, now=self.paper.now
                )
            )
            assert found == self.paper.put(cart_id, sku, quantity)

    @rule(cart_id=cart_ids, sku=skus)
    def remove(self, cart_id: str, sku: str) -> None:
        line = self.line(cart_id, sku)
        if line is not None:
            found, _cart = outcome(
                lambda: carts.remove_line(cart_id=UUID(cart_id), line_id=line, customer_id=None, now=self.paper.now)
            )
            assert found == self.paper.take_out(cart_id, [sku])

    @rule(cart_id=cart_ids)
    def clear(self, cart_id: str) -> None:
        found, _cart = outcome(lambda: carts.clear(cart_id=UUID(cart_id), customer_id=None, now=self.paper.now))
        assert found == self.paper.take_out(cart_id, list(self.paper.carts[cart_id].lines))

    # The order

    @rule(target=numbers, cart_id=cart_ids, method=st.sampled_from(["on_site", "transfer"]))
    def place(self, cart_id: str, method: str) -> Any:
        total = self.paper.total(cart_id)
        if total == 0:
            method = "on_site"
        placement = placement_of(
            cart=UUID(cart_id), payment_method=method, expected_total=str(total), email=f"{uuid4().hex}@example.com"
        )
        found, new = outcome(
            lambda: orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=self.paper.now)
        )
        expected, order = self.paper.place(cart_id, method)
        assert found == expected
        if order is None:
            return multiple()
        number: str = new.order.number
        assert (new.order.status, new.order.total) == (order.status, total)
        order.paid = total == 0
        self.paper.orders[number] = order
        return number

    @rule(number=numbers)
    def cancel(self, number: str) -> None:
        found, _order = outcome(lambda: cancel(order=self.order(number), now=self.paper.now))
        assert found == self.paper.cancel(self.paper.orders[number])

    @rule(number=numbers)
    def confirm(self, number: str) -> None:
        total = self.paper.orders[number].total
        found, _order = outcome(
            lambda: payments.confirm_order(
                number=number, amount=total, reference="TED", access=ALL, actor=STAFF, now=self.paper.now
            )
        )
        assert found == self.paper.confirm(self.paper.orders[number])

    @rule(number=numbers)
    def hand_over(self, number: str) -> None:
        order = self.order(number)
        lines = [Handover(line=line.public_id, quantity=line.quantity) for line in order.lines.all()]

        def hand() -> None:
            begun = orders.begin_fulfilment(number=number, handovers=lines, tracking="", access=ALL, now=self.paper.now)
            for verb in ("pick", "ready", "deliver"):
                self.step(number, begun.public_id, verb)

        found, _nothing = outcome(hand)
        assert (found == "ok") == (self.paper.hand_over(self.paper.orders[number]) == "ok"), found

    @rule(number=numbers)
    def bring_back(self, number: str) -> None:
        fulfilment = Fulfilment.objects.filter(order__number=number).first()
        expected = self.paper.bring_back(self.paper.orders[number])
        if fulfilment is not None:
            found, _done = outcome(lambda: self.step(number, fulfilment.public_id, "return"))
            assert (found == "ok") == (expected == "ok"), found

    @rule(number=numbers)
    def pay_and_complete(self, number: str) -> None:
        order = self.paper.orders[number]
        found, _payment = outcome(
            lambda: payments.begin_payment(number=number, method="on_site", access=ALL, actor=STAFF, now=self.paper.now)
        )
        assert found == self.paper.pay(order)
        found, _order = outcome(
            lambda: orders.complete_order(number=number, access=ALL, actor=STAFF, now=self.paper.now)
        )
        assert found == self.paper.complete(order)

    # The clock

    @rule(minutes=st.sampled_from([1, 14, 15, 16, 60, 24 * 60, 48 * 60]))
    def wait(self, minutes: int) -> None:
        self.paper.now += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        inventory.release_expired(now=self.paper.now)
        carts.expire_carts(now=self.paper.now)
        orders.expire_due_orders(now=self.paper.now)

    @rule()
    def tell(self) -> None:
        while outbox.relay(now=self.paper.now):
            pass
        owed = dict(Refund.objects.values_list("order__number", "amount"))
        assert owed == {number: order.total for number, order in self.paper.orders.items() if order.is_owed()}

    # What is true at any moment

    @precondition(lambda self: self.paper.shelves)
    @invariant()
    def the_shop_is_as_on_paper(self) -> None:
        paper, now = self.paper, self.paper.now
        on_hand = dict(StockItem.objects.values_list("variant__sku", "on_hand"))
        assert on_hand == {sku: shelf.on_hand for sku, shelf in paper.shelves.items()}
        assert stock.available(skus=SKUS, now=now) == {sku: paper.free(sku) for sku in SKUS}
        states = {
            number: effective_status(status=status, expires_at=expires_at, now=now)
            for number, status, expires_at in Order.objects.values_list("number", "status", "expires_at")
        }
        assert states == {number: order.state(now) for number, order in paper.orders.items()}

    @precondition(lambda self: self.paper.shelves)
    @invariant()
    def the_examination_finds_nothing(self) -> None:
        report = examine(now=self.paper.now, checks=DATA_CHECKS)
        assert [(found.check.name, found.rows, found.failure) for found in report.findings] == []

    def line(self, cart_id: str, sku: str) -> UUID | None:
        lines = CartLine.objects.filter(cart__public_id=cart_id, variant__sku=sku)
        return lines.values_list("public_id", flat=True).first()

    def order(self, number: str) -> Order:
        return Order.objects.get(number=number)

    def step(self, number: str, fulfilment: Any, verb: str) -> Any:
        return orders.advance_fulfilment(
            number=number, fulfilment_id=UUID(str(fulfilment)), verb=verb, access=ALL, actor=STAFF, now=self.paper.now
        )


@pytest.mark.timeout(600)
@pytest.mark.fault("C18")
@pytest.mark.django_db
def test_whatever_the_clerk_does_the_shop_is_as_on_paper() -> None:
    run_state_machine_as_test(
        Counter,
        settings=settings(
            max_examples=15,
            stateful_step_count=35,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
