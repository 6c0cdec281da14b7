"""Writes many orders at once, with everything that hangs on them, by COPY.

The services place some thirty orders a second; a shop as it is after years needs a million. Each batch is one
transaction that leaves the shop consistent: the units it sells and keeps are received in it, so what was available
before is available after. Nobody is told of these orders, for nothing is put into the outbox. Triggers stay on.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext as _

from cart.models import Cart, CartLine
from catalog import selectors as catalog
from catalog.selectors import Offer
from catalog.units import cost
from common.transactions import locked, run_unit_of_work, within_unit_of_work
from inventory.models import StockItem, StockMovement, StockReservation
from operations.demo import drawers
from operations.demo.batches import Batch, Row, add_history, copy_rows
from operations.demo.content import PRODUCTS
from operations.demo.draws import GUEST, SELLER, Drawing, Sale
from orders import services as orders
from orders.models import Fulfilment, FulfilmentLine, Order, OrderContact, OrderEvent, OrderLine
from orders.seals import digest_of
from orders.snapshots import keep_choices
from payments.models import MoneyStep, Payment, Refund
from shop import services as shop
from shop.fees import terms_shown
from shop.policy import Policy
from till.models import TillSession

BATCH = 2_000
WORTH_ANALYZING = 10_000
NOTHING = Decimal("0.00")
TABLES: tuple[type[Model], ...] = (
    Cart, CartLine, Order, OrderContact, OrderLine, OrderEvent, TillSession, Payment, Refund, MoneyStep,
    Fulfilment, FulfilmentLine, StockMovement, StockReservation,
)  # fmt: skip
"""In the order in which rows refer to each other; drawers are closed once all the money is in them."""


def sell(*, count: int, seed: int, now: datetime) -> Iterator[int]:
    """Write down `count` orders drawn by `seed`, oldest first, and yield how many are there after each batch.

    Orders of an earlier run with the same seed and count are left as they are, so a run that was interrupted is taken
    up where it stopped. Raises MethodNotOffered, PickupUnavailable when the shop sells no goods this way.
    """
    policy = shop.policy()
    skus = [variant.sku for product in PRODUCTS for variant in product.variants if variant.stock]
    there = catalog.offers(skus=skus)
    offers = [there[sku] for sku in skus if sku in there and _is_simple(there[sku])]
    drawing = Drawing(seed=seed, count=count, offers=offers, policy=policy, now=now)
    for first in range(0, count, BATCH):
        places = range(first, min(first + BATCH, count))
        run_unit_of_work(_write, drawing=drawing, places=places, offers=offers, policy=policy)
        yield places.stop
    if count >= WORTH_ANALYZING:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE " + ", ".join(model._meta.db_table for model in TABLES))


def _is_simple(offer: Offer) -> bool:
    """Say whether it is for sale without a deposit, which these orders know nothing of."""
    return offer.for_sale and offer.deposit.kind == "none"


@within_unit_of_work
def _write(*, drawing: Drawing, places: Sequence[int], offers: Sequence[Offer], policy: Policy) -> None:
    emails = [drawing.email(place) for place in places]
    there = set(OrderContact.objects.filter(email__in=emails).values_list("email", flat=True))
    sales = [drawing.sale(place) for place in places if drawing.email(place) not in there]
    if not sales:
        return
    found = StockItem.objects.filter(variant__in={offer.variant_id for offer in offers})
    tills = drawers.Drawers(zone=ZoneInfo(policy.timezone))
    batch = Batch(policy=policy, drawers=tills, items={item.variant_id: item for item in locked(found)})
    numbers = fresh_numbers(len(sales))
    for number, sale in zip(numbers, sales, strict=True):
        _add_order(batch=batch, number=number, sale=sale)
    _receive(batch=batch, at=sales[0].placed_at)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
    for model in TABLES:
        copy_rows(model=model, rows=batch.rows[model])
    batch.close_drawers()
    StockItem.objects.bulk_update(batch.items.values(), ["on_hand", "reserved"])


def fresh_numbers(count: int) -> list[str]:
    """Return so many order numbers that nobody has."""
    numbers: set[str] = set()
    while len(numbers) < count:
        numbers |= {orders.new_number() for _one in range(count - len(numbers))}
        numbers -= set(Order.objects.filter(number__in=numbers).values_list("number", flat=True))
    return list(numbers)


def _add_order(*, batch: Batch, number: str, sale: Sale) -> None:
    policy = batch.policy
    opened_at = sale.placed_at - timedelta(minutes=4)
    cart = batch.add(
        Cart, status="ordered", created_at=opened_at, expires_at=opened_at + timedelta(hours=policy.cart_ttl_hours)
    )
    total = sum((_cost(offer, quantity) for offer, quantity in sale.units), NOTHING)
    order = batch.add(
        Order,
        number=number,
        cart_id=cart.id,
        status=sale.steps[-1][0],
        payment_method=sale.method,
        currency=policy.currency,
        subtotal=total,
        discount=NOTHING,
        shipping=NOTHING,
        total=total,
        amount_due_now=total if sale.expires_at else NOTHING,
        cancelled=total if sale.life.cancelled_at else NOTHING,
        paid=total if sale.life.paid_at else NOTHING,
        refunded=total if sale.life.returned_at else NOTHING,
        fulfilment_method="pickup",
        channel=sale.channel,
        pickup_starts_at=sale.window.starts_at,
        pickup_ends_at=sale.window.ends_at,
        agreed_pickup_starts_at=sale.window.starts_at,
        agreed_pickup_ends_at=sale.window.ends_at,
        language="pt-br",
        policy_shown=terms_shown(policy=policy),
        placed_at=sale.placed_at,
        expires_at=sale.expires_at,
    )
    _add_contact(batch=batch, order=order, sale=sale)
    lines = _add_lines(batch=batch, order=order, cart=cart, sale=sale)
    order.digest = digest_of(order=order, lines=lines)
    steps = ((status, at, SELLER if place else GUEST) for place, (status, at) in enumerate(sale.steps))
    add_history(batch=batch, order=order, steps=steps)
    _add_money(batch=batch, order=order, sale=sale)
    _add_units(batch=batch, order=order, lines=lines, sale=sale)


def _add_contact(*, batch: Batch, order: Row, sale: Sale) -> None:
    buyer = sale.buyer
    batch.add(
        OrderContact,
        order_id=order.id,
        name=buyer.name,
        email=buyer.email,
        phone=buyer.phone,
        document=buyer.document,
        note=buyer.note,
    )


def _add_lines(*, batch: Batch, order: Row, cart: Row, sale: Sale) -> list[Row]:
    lines = []
    for position, (offer, quantity) in enumerate(sale.units, start=1):
        claim = uuid4()
        batch.add(
            CartLine,
            cart_id=cart.id,
            kind="goods",
            variant_id=offer.variant_id,
            quantity=quantity,
            claim=claim,
            unit_price_seen=offer.price,
        )
        line = batch.add(
            OrderLine,
            order_id=order.id,
            position=position,
            kind="goods",
            variant_id=offer.variant_id,
            sku=offer.sku,
            name=offer.name,
            options=keep_choices(offer.options),
            quantity=quantity,
            unit=offer.unit,
            price_per=offer.price_per,
            unit_price=offer.price,
            discount=NOTHING,
            line_total=_cost(offer, quantity),
            claim=claim,
        )
        lines.append(line)
    return lines


def _cost(offer: Offer, quantity: int) -> Decimal:
    return cost(price=offer.price, quantity=quantity, price_per=offer.price_per)


def _add_money(*, batch: Batch, order: Row, sale: Sale) -> None:
    if sale.life.paid_at is None:
        return
    over_the_counter = sale.expires_at is None
    who = {"actor_kind": SELLER.kind, "actor_id": SELLER.id, "currency": order.currency, "amount": order.total}
    step = {"amount": order.total, "actor_kind": SELLER.kind, "actor_id": SELLER.id, "door": SELLER.door}
    payment = batch.add(
        Payment,
        order_id=order.id,
        gateway="counter" if over_the_counter else "transfer",
        session_id=batch.drawer(tender=sale.tender, amount=order.total, at=sale.life.paid_at)
        if over_the_counter
        else None,
        method=sale.method,
        tender=sale.tender,
        status="succeeded",
        created_at=sale.life.paid_at,
        answered_at=sale.life.paid_at,
        received_at=sale.life.paid_at,
        **who,
    )
    batch.add(MoneyStep, payment_id=payment.id, to_status="succeeded", at=sale.life.paid_at, **step)
    if sale.life.cancelled_at:
        returned_at = sale.life.returned_at
        handed_back = returned_at if over_the_counter else None
        refund = batch.add(
            Refund,
            order_id=order.id,
            payment_id=payment.id,
            status="succeeded" if returned_at else "due",
            tender=sale.tender if handed_back else "",
            session_id=batch.drawer(tender=sale.tender, amount=-order.total, at=handed_back) if handed_back else None,
            reason=_("Changed plans"),
            created_at=sale.life.cancelled_at,
            returned_at=returned_at,
            **who,
        )
        at = returned_at or sale.life.cancelled_at
        batch.add(MoneyStep, refund_id=refund.id, to_status=refund.status, at=at, **step)


def _add_units(*, batch: Batch, order: Row, lines: Sequence[Row], sale: Sale) -> None:
    """Hand the units over, or keep them for an order that is still open."""
    if sale.life.handed_at:
        _hand_over(batch=batch, order=order, lines=lines, at=sale.life.handed_at)
    elif order.status in ("pending", "confirmed"):
        for line in lines:
            batch.kept[line.variant_id] += line.quantity
            batch.add(
                StockReservation,
                stock_item_id=batch.items[line.variant_id].pk,
                claim=line.claim,
                quantity=line.quantity,
                allocated=True,
                expires_at=sale.expires_at if order.status == "pending" else None,
            )


def _hand_over(*, batch: Batch, order: Row, lines: Sequence[Row], at: datetime) -> None:
    fulfilment = batch.add(Fulfilment, order_id=order.id, status="delivered", created_at=order.placed_at, changed_at=at)
    for line in lines:
        batch.add(FulfilmentLine, fulfilment_id=fulfilment.id, line_id=line.id, quantity=line.quantity)
        batch.sold[line.variant_id] += line.quantity
        _move(
            batch=batch,
            item=batch.items[line.variant_id],
            kind="sold",
            delta=-line.quantity,
            reason=order.number,
            at=at,
            reference=str(fulfilment.public_id),
            claim=line.claim,
        )


def _move(*, batch: Batch, item: StockItem, kind: str, delta: int, reason: str, at: datetime, **more: Any) -> None:
    batch.add(
        StockMovement,
        stock_item_id=item.pk,
        kind=kind,
        delta=delta,
        on_hand_after=0,  # known once it is known what is received before
        reason=reason,
        actor_kind=SELLER.kind,
        actor_id=SELLER.id,
        door=SELLER.door,
        at=at,
        **more,
    )


def _receive(*, batch: Batch, at: datetime) -> None:
    """Receive what the batch sells and keeps, ahead of its sales, and count every movement through."""
    sales = batch.rows[StockMovement]
    batch.rows[StockMovement] = []
    for variant_id, item in batch.items.items():
        needed = batch.sold[variant_id] + batch.kept[variant_id]
        if needed:
            reason = _("Received from the supplier")
            _move(batch=batch, item=item, kind="received", delta=needed, reason=reason, at=at)
        item.reserved += batch.kept[variant_id]
    batch.rows[StockMovement] += sales
    by_pk = {item.pk: item for item in batch.items.values()}
    ids = sorted(movement.id for movement in batch.rows[StockMovement])
    for number, movement in zip(ids, batch.rows[StockMovement], strict=True):
        item = by_pk[movement.stock_item_id]
        item.on_hand += movement.delta
        movement.id, movement.on_hand_after = number, item.on_hand
