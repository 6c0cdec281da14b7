"""A small shop in full swing: one order in every state, made through the services everybody uses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from accounts.models import RefreshFamily, RefreshToken, User
from cart import services as carts
from cart.services import Units
from catalog.models import Category
from catalog.tests import factories as catalog
from commissions import services as commissions
from commissions.models import CommissionRule
from common.keys import IdempotencyKey
from common.models import OutboxMessage
from common.testing import EMPTIED
from common.transactions import unit_of_work
from common.use_cases import only_once
from counter import services as counter
from inventory import services as inventory
from orders import services as orders
from orders.models import Order
from orders.services import Handover
from orders.tests.factories import (
    ALL,
    MONDAY,
    STAFF,
    SYSTEM,
    cancel,
    cart_with,
    hand_over,
    place,
    place_once,
    placement_of,
    stocked,
)
from payments import services as payments
from payments.selectors import drawer_sums
from payments.services.tips import Given
from scheduling import services as scheduling
from scheduling.models import Appointment, Professional
from scheduling.tests import factories as salon
from shop import services as shop
from till.models import TillSession


@dataclass
class World:
    """The shop's orders by what became of them, and a few other rows by name."""

    now = MONDAY
    orders: dict[str, Order] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    cart: UUID | None = None

    def keys(self) -> dict[str, Any]:
        """Primary keys by name, for the SQL that plants a corruption."""
        orders = {name: order.pk for name, order in self.orders.items()}
        visits = {f"visit of {name}": pk for name, pk in self.visits.items()}
        return {**orders, **visits, "cart": self.cart, "now": self.now}


def open_for_business() -> World:
    """Fill an empty database."""
    world = World()
    shop.open_settings()
    _shelves()
    for name in ("confirmed", "cancelled", "delivered", "returned", "completed", "refunded", "ready"):
        world.orders[name] = _order(name)
    for name in ("pending", "transferred"):
        world.orders[name] = _order(name, method="transfer")
    world.orders["expired"] = _order("expired", method="transfer", days_ago=3)
    cancel(order=world.orders["cancelled"])
    orders.expire_due_orders(now=MONDAY)
    payments.confirm_order(
        number=world.orders["transferred"].number, amount=world.orders["transferred"].total,
        reference="E1234", access=ALL, actor=STAFF, now=MONDAY,
    )  # fmt: skip
    _hand_over(world)
    _close_the_day()
    world.cart = cart_with(units={"BREAD": 2}).public_id
    _agenda(world)
    _commission()
    _session()
    OutboxMessage.objects.update(done_at=MONDAY)
    for order in world.orders.values():
        order.refresh_from_db()
    return world


def _shelves() -> None:
    above = Category.objects.create(slug="above", name="Above")
    Category.objects.create(slug="below", name="Below", parent=above)
    for sku, price in (("BREAD", "10.00"), ("CAKE", "59.90")):
        stocked(sku=sku, units=500, price=price)
    only_once(
        IdempotencyKey(scope="user:1:POST:stock-adjustments", key="burnt", fingerprint="f"), inventory.adjust_stock
    )(sku="BREAD", operation="remove", quantity=3, reason="Burnt", actor=STAFF, now=MONDAY)
    by: dict[str, Any] = {"actor": STAFF, "now": MONDAY}
    count = inventory.open_count(key=uuid4(), label="Below", category="below", **by).public_id
    inventory.count_line(count=count, sku="BREAD", quantity=495, seen=0, **by)
    version = inventory.compare_count(count=count, **by).version
    inventory.apply_count(count=count, version=version, reason="Two fell down", **by)
    catalog.variant(sku="HAIRCUT", product=catalog.product(kind="service"))


def _order(name: str, *, method: str = "on_site", days_ago: int = 0) -> Order:
    then = MONDAY - timedelta(days=days_ago)
    cart = cart_with(units={"BREAD": 2, "CAKE": 1}, now=then)
    place_once(
        placement=placement_of(cart=cart, payment_method=method, email=f"{name}@example.com"), now=then,
        once=IdempotencyKey(scope=f"orders:{cart.public_id}", key=name, fingerprint="f"),
    )  # fmt: skip
    return Order.objects.get(cart__public_id=cart.public_id)


def _hand_over(world: World) -> None:
    """Goods in every stage of leaving, and money in every stage of coming and going."""
    for name in ("delivered", "completed", "refunded"):
        hand_over(order=world.orders[name])
    hand_over(order=world.orders["ready"], verbs=("pick", "ready"))
    hand_over(order=world.orders["returned"], verbs=("pick", "ready", "deliver", "return"))
    for name in ("completed", "refunded"):
        key = IdempotencyKey(scope="user:1:POST:payments", key=name, fingerprint="f")
        only_once(key, payments.begin_payment)(
            number=world.orders[name].number, method="on_site", access=ALL, actor=STAFF, now=MONDAY
        )
    orders.complete_order(number=world.orders["completed"].number, access=ALL, actor=STAFF, now=MONDAY)
    bread = world.orders["refunded"].lines.get(sku="BREAD")
    only_once(IdempotencyKey(scope="user:1:POST:refunds", key="stale", fingerprint="f"), payments.refund_order)(
        number=world.orders["refunded"].number, amount=Decimal("5.00"),
        handed_back=[Handover(line=bread.public_id, quantity=1)], restock=True, reason="Stale", access=ALL,
        actor=STAFF, now=MONDAY,
    )  # fmt: skip


def _close_the_day() -> None:
    """Close the drawer into which the money came, with nothing missing, and the day."""
    session = TillSession.objects.get()
    [sums] = drawer_sums(sessions=[session])
    own: dict[str, Any] = {"session": session.public_id, "anybodys": True, "actor": STAFF, "now": MONDAY}
    count = payments.count_session(counted=sums.expected, **own)
    counter.close_drawer(count=count.pk, note="", **own)
    counter.close_day(day=MONDAY.date(), note="", actor=STAFF, now=MONDAY + timedelta(hours=1))


def _agenda(world: World) -> None:
    """Visits booked, held in a cart, ordered, called off, put over one another on purpose."""
    salon.salon(names=("Ana", "Bia"), rooms=("Chair 1", "Chair 2"))
    salon.book_once(salon.at(10), once=IdempotencyKey(scope="appointments", key="booked", fingerprint="f"))
    world.visits["booked"] = Appointment.objects.get().pk
    world.visits["called off"] = called_off = salon.booked(salon.at(11)).pk
    scheduling.cancel(public_id=Appointment.objects.get(pk=called_off).public_id, actor=STAFF, now=MONDAY, reason="Ill")
    for name in ("visit", "visit cancelled", "visit waiting"):
        method = "transfer" if name == "visit waiting" else "on_site"
        cart = carts.open_cart(
            units=[Units(sku="BREAD", quantity=1)],
            wishes=[salon.wish(salon.at(14, day=2 + len(world.orders)))],
            customer_id=None,
            now=MONDAY,
        )
        new = place(cart=cart, payment_method=method, now=MONDAY)
        world.orders[name] = Order.objects.get(number=new.order.number)
        world.visits[name] = Appointment.objects.get(
            claim=world.orders[name].lines.get(kind="visit").claim
        ).pk  # fmt: skip
    cancel(order=world.orders["visit cancelled"])
    carts.open_cart(units=[], wishes=[salon.wish(salon.at(16))], customer_id=None, now=MONDAY)


def _commission() -> None:
    """A visit whose professional has earned of it, and was paid."""
    ana = Professional.objects.get(name="Ana")
    rule = CommissionRule(professional=ana, scope="everything", kind="visit", percent=40, valid_from=MONDAY.date())
    commissions.add_rule(rule=rule, actor=STAFF, now=MONDAY)
    visit = salon.booked(salon.at(16, day=1), who=ana.public_id)
    payments.charge_visit(
        appointment=visit.public_id, tender="cash", expected=visit.total, access=None, actor=STAFF, now=MONDAY
    )
    OutboxMessage.objects.update(done_at=MONDAY)
    commissions.settle_differences(now=MONDAY)
    commissions.pay_out(
        professional=ana.public_id, until=MONDAY.date(), expected=visit.total * 2 / 5, method="pix", note="",
        actor=STAFF, now=MONDAY,
    )  # fmt: skip
    visit.refresh_from_db()
    with unit_of_work():
        order = Order.objects.get(lines__claim=salon.claim_of(visit))
        payments.take_tips(order=order, tips=[Given(ana, "cash", Decimal("5.00"))], actor=STAFF, now=MONDAY)
        payments.give_tips_back(order=order, actor=STAFF, now=MONDAY)


def _session() -> None:
    user = User.objects.create_user("person@example.com", "a long password", name="Person")
    family = RefreshFamily.objects.create(user=user, created_at=MONDAY, expires_at=MONDAY + timedelta(days=30))
    RefreshToken.objects.create(family=family, issued_at=MONDAY, expires_at=MONDAY + timedelta(days=30))


@contextmanager
def held_open() -> Iterator[None]:
    """A transaction of the test's own, taken back at the end, within which the shop's units of work may open theirs."""
    EMPTIED.before(is_transactional=False)
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        try:
            yield
        finally:
            transaction.set_rollback(True)


@contextmanager
def guards_asleep() -> Iterator[None]:
    """Triggers and foreign keys look away inside the block, as they would for somebody with the keys to the server."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


__all__ = ["ALL", "MONDAY", "STAFF", "SYSTEM", "World", "guards_asleep", "held_open", "open_for_business"]
