"""What the many visits of `seed_demo --orders` brought: each that took place is a sale at the counter, in cash, by card
or Pix, one in six with a tip; and what their professionals have earned of them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

from cart.models import Cart, CartLine
from cart.pricing import Visit, VisitService
from commissions import selectors as commissions
from commissions.earning import earned
from commissions.models import CommissionEntry, CommissionRule
from commissions.services import add_rule
from common.dates import midnight
from common.transactions import run_unit_of_work, within_unit_of_work
from operations.demo.batches import Batch, Row, add_history
from operations.demo.draws import SELLER, TENDERS
from orders.models import Order, OrderContact, OrderLine
from orders.seals import digest_of
from orders.snapshots import keep_visit
from payments.models import MoneyStep, Payment, Tip
from scheduling.models import Professional
from scheduling.selectors import Offer
from shop.fees import terms_shown

TIPPED = 1 / 6
SHARE = Decimal(40)
"""Per cent of a service that is its professional's."""
ORDERS_AT_ONCE = 500


@dataclass(frozen=True)
class Performed:
    """A visit that took place: its row, what was done and by whom."""

    visit: Row
    offer: Offer
    professional: Professional


@within_unit_of_work
def sell(*, batch: Batch, performed: Sequence[Performed], numbers: Sequence[str], chance: random.Random) -> None:
    """Add what was paid for visits when they ended."""
    for one, number in zip(performed, numbers, strict=True):
        order = _add_order(batch=batch, number=number, one=one)
        _add_money(batch=batch, order=order, one=one, chance=chance)


def _add_order(*, batch: Batch, number: str, one: Performed) -> Row:
    visit, at, policy = one.visit, one.visit.ends_at, batch.policy
    expires_at = at + timedelta(hours=policy.cart_ttl_hours)
    cart = batch.add(Cart, status="ordered", created_at=at, expires_at=expires_at)
    order = batch.add(
        Order,
        number=number,
        cart_id=cart.id,
        status="completed",
        payment_method="on_site",
        currency=policy.currency,
        subtotal=visit.total,
        discount=Decimal("0.00"),
        shipping=Decimal("0.00"),
        total=visit.total,
        amount_due_now=Decimal("0.00"),
        paid=visit.total,
        channel="counter",
        language="pt-br",
        policy_shown=terms_shown(policy=policy),
        placed_at=at,
    )
    visit.claim, visit.bearer = uuid4(), order.public_id
    batch.add(OrderContact, order_id=order.id, name=visit.contact_name)
    sold = {"kind": "visit", "variant_id": one.offer.variant_id, "quantity": 1, "claim": visit.claim}
    batch.add(CartLine, cart_id=cart.id, unit_price_seen=visit.total, **sold)
    line = batch.add(
        OrderLine,
        order_id=order.id,
        position=1,
        sku=one.offer.sku,
        name=one.offer.name,
        options=[],
        unit_price=visit.total,
        discount=Decimal("0.00"),
        line_total=visit.total,
        appointment=keep_visit(_as_sold(one=one, zone=ZoneInfo(policy.timezone))),
        **sold,
    )
    order.digest = digest_of(order=order, lines=[line])
    add_history(batch=batch, order=order, steps=[("confirmed", at, SELLER), ("completed", at, SELLER)])
    return order


def _as_sold(*, one: Performed, zone: ZoneInfo) -> Visit:
    service = VisitService(
        sku=one.offer.sku, name=one.offer.name, price=one.visit.total, duration_minutes=one.offer.duration
    )
    return Visit(
        appointment=one.visit.public_id,
        starts_at=one.visit.starts_at.astimezone(zone),
        ends_at=one.visit.ends_at.astimezone(zone),
        timezone=zone.key,
        professional_id=one.professional.public_id,
        professional=one.professional.name,
        services=(service,),
    )


def _add_money(*, batch: Batch, order: Row, one: Performed, chance: random.Random) -> None:
    tender, at = chance.choice(TENDERS), one.visit.ends_at
    who = {"actor_kind": SELLER.kind, "actor_id": SELLER.id}
    payment = batch.add(
        Payment,
        order_id=order.id,
        gateway="counter",
        session_id=batch.drawer(tender=tender, amount=order.total, at=at),
        method="on_site",
        tender=tender,
        status="succeeded",
        amount=order.total,
        currency=order.currency,
        created_at=at,
        answered_at=at,
        received_at=at,
        **who,
    )
    batch.add(
        MoneyStep, payment_id=payment.id, to_status="succeeded", amount=order.total, door=SELLER.door, at=at, **who
    )
    if chance.random() < TIPPED:
        amount = Decimal(chance.randint(1, 4) * 5)
        batch.add(
            Tip,
            order_id=order.id,
            professional_id=one.professional.pk,
            session_id=batch.drawer(tender=tender, amount=amount, at=at),
            tender=tender,
            amount=amount,
            at=at,
            **who,
        )


def earn(*, since: date, zone: ZoneInfo) -> int:
    """Give every professional a share of their services from a day on, and write down what they have earned.

    A rule that begins later, as those of the demonstration do, counts from its first day. Returns how many entries.
    """
    for professional in Professional.objects.order_by("pk"):
        rule = CommissionRule(
            professional=professional,
            scope=CommissionRule.Scope.EVERYTHING,
            kind=CommissionRule.Kind.VISIT,
            percent=SHARE,
            valid_from=since,
        )
        add_rule(rule=rule, actor=SELLER, now=midnight(since, zone=zone))
    return run_unit_of_work(_earned)


@within_unit_of_work
def _earned() -> int:
    rules = commissions.all_terms()
    paid = Payment.objects.filter(actor_kind=SELLER.kind, actor_id=SELLER.id, order__lines__kind="visit").order_by("pk")
    payments = list(paid.select_related("order").distinct())
    entries = []
    for start in range(0, len(payments), ORDERS_AT_ONCE):
        some = payments[start : start + ORDERS_AT_ONCE]
        accounts = commissions.accounts(orders=[payment.order for payment in some])
        for payment, account in zip(some, accounts, strict=True):
            for key, due in earned(account=account, rules=rules, written={}).items():
                entries.append(
                    CommissionEntry(
                        professional_id=key.professional,
                        line_id=key.line,
                        position=key.position,
                        rule_id=key.rule,
                        seq=1,
                        kind=CommissionEntry.Kind.PAYMENT,
                        cause=payment.public_id,
                        payment=payment,
                        base=due.base,
                        amount=due.amount,
                        base_after=due.base,
                        amount_after=due.amount,
                        at=payment.received_at or payment.created_at,
                    )
                )
    return len(CommissionEntry.objects.bulk_create(entries, batch_size=2_000))
