"""Money over the counter names the drawer it went through; what came another way names none."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from common.actors import Actor
from common.transactions import unit_of_work
from orders.models import Order
from orders.tests.factories import ALL, MONDAY, STAFF, ordered, stocked
from payments import services as payments
from payments.models import Payment, Refund
from payments.services import Arrival
from till import services as till
from till.models import TillSession

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shelf(db: None) -> None:
    stocked(sku="PAO", price="0.80", units=100)


def bread(**more: Any) -> Order:
    return ordered(units={"PAO": 10}, **more)


def take(order: Order, amount: str, *, tender: str = "cash", actor: Actor = STAFF) -> Payment:
    arrival = Arrival.by_hand(method="on_site", amount=Decimal(amount), tender=tender)
    return payments.record_arrival(number=order.number, arrival=arrival, actor=actor, now=MONDAY)


def give_back(order: Order, amount: str | None = None, **more: Any) -> list[Refund]:
    given: dict[str, Any] = {"handed_back": [], "restock": False, "reason": "Devolução", "access": ALL, "actor": STAFF}
    value = Decimal(amount) if amount else None
    return list(payments.refund_order(number=order.number, amount=value, now=MONDAY, **given, **more).refunds)


def test_counter_money_goes_into_the_drawer_of_whoever_takes_it() -> None:
    payment, other = take(bread(), "8.00"), take(bread(), "8.00", actor=Actor(kind="staff", id="99", door="api"))
    assert payment.session is not None
    assert other.session is not None
    assert (payment.session.actor_id, payment.session.opened_by_itself) == (STAFF.id, True)
    assert other.session.actor_id == "99"


def test_what_was_announced_names_it_once_it_is_there() -> None:
    order = bread()
    payment = payments.begin_payment(number=order.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
    assert payment.status == "succeeded"
    assert payment.session == TillSession.objects.get()


def test_transfers_go_through_no_drawer() -> None:
    order = bread(payment_method="transfer")
    payments.confirm_order(
        number=order.number, amount=order.total, reference="TED", access=ALL, actor=STAFF, now=MONDAY
    )
    [refund] = give_back(order)
    assert (Payment.objects.get().session, refund.session, refund.tender) == (None, None, "")
    assert TillSession.objects.count() == 0


@pytest.mark.parametrize(("tender", "back"), [("cash", "cash"), ("", "cash"), ("card", "card"), ("pix", "pix")])
def test_money_of_the_counter_goes_back_as_it_came(tender: str, back: str) -> None:
    order = bread()
    payment = take(order, "8.00", tender=tender)
    [refund] = give_back(order)
    assert (refund.tender, refund.session, refund.amount) == (back, payment.session, Decimal("8.00"))


def test_money_that_came_in_two_ways_goes_back_in_both() -> None:
    order = bread()
    take(order, "5.00", tender="cash")
    take(order, "3.00", tender="card")
    assert [(one.tender, one.amount) for one in give_back(order)] == [
        ("card", Decimal("3.00")),
        ("cash", Decimal("5.00")),
    ]


def test_a_debt_that_is_settled_by_hand_goes_out_of_the_drawer() -> None:
    order = bread()
    take(order, "9.00")  # a real too much
    refund = Refund.objects.get()
    assert (refund.status, refund.tender, refund.session) == ("due", "", None)
    settled = payments.settle_refund(refund_id=refund.public_id, actor=STAFF, now=MONDAY)
    assert (settled.status, settled.tender, settled.session) == ("succeeded", "cash", TillSession.objects.get())


def test_who_finds_the_drawer_closed_uses_another() -> None:
    first = take(bread(), "8.00").session
    assert first is not None
    with unit_of_work():
        row = till.locked_session(session=first.public_id, of=None)
        counted = {"cash": Decimal("8.00"), "card": Decimal("0.00"), "pix": Decimal("0.00")}
        count = till.count_drawer(session=row, counted=counted, expected=counted, actor=STAFF, now=MONDAY)
        till.close_drawer(session=row, count=count, note="", actor=STAFF, now=MONDAY)
    assert take(bread(), "8.00").session not in (None, first)


@pytest.mark.parametrize(
    ("statement", "judge"),
    [
        ("UPDATE payments_payment SET session_id = NULL WHERE gateway = 'counter'", "may not be changed"),
        ("UPDATE payments_payment SET tender = 'card' WHERE gateway = 'counter'", "may not be changed"),
        ("UPDATE payments_refund SET tender = '', session_id = NULL", "may not be changed"),
        ("UPDATE payments_refund SET status = 'refused'", "may not be changed"),
        (
            """INSERT INTO payments_refund (public_id, order_id, payment_id, status, amount, currency, reason, returned_at,
                   gateway_reference, failure, attempts, actor_kind, actor_id, created_at)
               SELECT gen_random_uuid(), order_id, id, 'succeeded', 1, 'BRL', '', now(), '', '', 0, 'staff', '', now()
               FROM payments_payment""",
            "goes back from a drawer",
        ),
        (
            """INSERT INTO payments_payment (public_id, order_id, gateway, method, tender, status, amount, currency,
                   reference, gateway_reference, given, return_url, failure, actor_kind, actor_id, created_at, received_at)
               SELECT gen_random_uuid(), order_id, 'counter', 'on_site', 'cash', 'succeeded', 1, 'BRL', '', '', '{}', '',
                      '', 'staff', '', now(), now() FROM payments_payment""",
            "goes into a drawer",
        ),
    ],
)
def test_the_database_refuses_money_beside_the_drawer(statement: str, judge: str) -> None:
    order = bread()
    take(order, "8.00")
    give_back(order, "1.00")
    with pytest.raises(DatabaseError, match=judge), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
