"""A pickup is moved, by the customer until the cut-off and by the team later; and a closed day names it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast

import pytest
from django.core import mail
from django.db import IntegrityError

from cart.errors import PickupUnavailable
from common import outbox
from common.access import access_token
from common.errors import InvalidTransition, Malformed, NotFound
from operations.integrity import examine, findings
from orders import selectors
from orders import services as orders
from orders.models import Order, OrderEvent
from orders.selectors import Access
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, cancel, hand_over, ordered, stocked
from scheduling.errors import TooLateToChange, WouldStrand
from shop import services as shop
from shop.services import ShopSheet

pytestmark = pytest.mark.django_db(transaction=True)

NOON = MONDAY + timedelta(hours=6)


@pytest.fixture
def order() -> Order:
    stocked(sku="BREAD", units=10)
    return ordered(units={"BREAD": 2})


def begins(order: Order) -> datetime:
    order.refresh_from_db()
    assert order.pickup_starts_at is not None
    return order.pickup_starts_at


def move(order: Order, pickup_at: datetime, *, now: datetime = MONDAY, access: Access = ALL, **more: Any) -> Any:
    actor = STAFF if access.staff else GUEST
    return orders.reschedule_pickup(
        number=order.number, pickup_at=pickup_at, access=access, actor=actor, now=now, **more
    )


def mine(order: Order) -> Access:
    """Return what the guest who ordered brings along."""
    return Access(token=access_token(kind="order", public_id=order.public_id), now=MONDAY)


def everything(order: Order) -> list[Any]:
    return [list(Order.objects.values_list()), list(OrderEvent.objects.order_by("pk").values_list())]


def test_the_pickup_moves_and_the_agreement_stays(order: Order) -> None:
    agreed = begins(order)
    tomorrow = agreed + timedelta(days=1)
    moved = move(order, tomorrow + timedelta(minutes=59), access=mine(order))
    assert moved.pickup_starts_at == tomorrow
    assert begins(order) == tomorrow
    assert order.agreed_pickup_starts_at == agreed
    step = order.events.latest("seq")
    assert (step.from_status, step.to_status, step.actor_kind) == ("confirmed", "confirmed", "guest")
    assert step.pickup_at == tomorrow
    assert findings(now=MONDAY) == []


def test_the_customer_is_told_once_and_of_the_last_move_alone(order: Order) -> None:
    while outbox.relay(now=MONDAY):
        pass
    mail.outbox.clear()
    agreed = begins(order)
    for days in (1, 2):
        move(order, agreed + timedelta(days=days))
    while outbox.relay(now=MONDAY):
        pass
    [letter] = [one for one in mail.outbox if one.to == [order.contact.email]]
    assert "4 de março de 2026, das 11:00 às 12:00" in letter.body


def test_into_the_same_window_nothing_changes(order: Order) -> None:
    before = everything(order)
    move(order, begins(order) + timedelta(minutes=30))
    assert everything(order) == before


def test_until_the_cut_off_the_customer_decides_and_then_the_team_with_a_reason(order: Order) -> None:
    wanted = begins(order) + timedelta(days=1)
    cut_off = begins(order) - timedelta(minutes=60)
    access = mine(order)
    before = everything(order)
    with pytest.raises(TooLateToChange):
        move(order, wanted, now=cut_off, access=access)
    with pytest.raises(Malformed):
        move(order, wanted, now=cut_off)
    assert everything(order) == before
    move(order, wanted, now=cut_off - timedelta(seconds=1), access=access)
    move(order, wanted + timedelta(days=1), now=wanted, reason="Choveu demais")
    assert OrderEvent.objects.filter(order=order).last().reason == "Choveu demais"  # type: ignore[union-attr]


def test_a_customer_whose_goods_are_prepared_is_too_late(order: Order) -> None:
    hand_over(order=order, verbs=("pick",))
    with pytest.raises(TooLateToChange):
        move(order, begins(order) + timedelta(days=1), access=mine(order))
    move(order, begins(order) + timedelta(days=1))


def test_nobody_moves_a_pickup_to_where_the_shop_is_closed(order: Order) -> None:
    before = everything(order)
    for pickup_at in (begins(order) + timedelta(hours=12), MONDAY - timedelta(days=1), MONDAY + timedelta(days=400)):
        with pytest.raises(PickupUnavailable) as refusal:
            move(order, pickup_at, access=mine(order))
        assert refusal.value.data["earliest"] == begins(order).isoformat()
    assert everything(order) == before


def test_what_is_over_does_not_move(order: Order) -> None:
    wanted = begins(order) + timedelta(days=1)
    with pytest.raises(NotFound):
        move(order, wanted, access=Access())
    hand_over(order=order)
    with pytest.raises(InvalidTransition):
        move(order, wanted)
    other = ordered(units={"BREAD": 1})
    cancel(order=other)
    with pytest.raises(InvalidTransition):
        move(other, wanted)


def test_an_order_that_waits_for_its_money_is_collected_no_sooner_than_it_may_come() -> None:
    stocked(sku="BREAD", units=10)
    order = ordered(units={"BREAD": 1}, payment_method="transfer")
    assert order.expires_at is not None
    move(order, order.expires_at + timedelta(days=2))
    for too_soon in (timedelta(hours=-1), timedelta(0)):
        with pytest.raises(PickupUnavailable):
            move(order, order.expires_at + too_soon)
    move(order, order.expires_at + timedelta(days=1))
    assert begins(order) > order.expires_at
    assert findings(now=MONDAY) == []


def test_the_agreed_window_is_frozen_and_the_move_is_written_down(order: Order) -> None:
    with pytest.raises(IntegrityError, match="may not be changed"):
        Order.objects.update(agreed_pickup_starts_at=MONDAY)
    Order.objects.update(pickup_starts_at=begins(order) - timedelta(minutes=1))
    assert [found.partition(":")[0] for found in findings(now=MONDAY)] == ["orders.pickup_as_last_said"]


def sheet_of(order: Order, change: str) -> ShopSheet:
    day = begins(order).date()
    if change == "holiday":
        return ShopSheet(holidays={day: "Feriado"})
    if change == "hours":
        hours = [row for row in shop.policy().opening_hours if row.weekday != day.weekday()]
        return ShopSheet(opening_hours=hours)
    return ShopSheet(values={"timezone": "Asia/Tokyo"})


@pytest.mark.parametrize("change", ["holiday", "hours", "zone"])
def test_a_change_that_closes_a_pickup_names_it_first(order: Order, change: str) -> None:
    sheet = sheet_of(order, change)
    before = shop.policy()
    with pytest.raises(WouldStrand) as refusal:
        orders.change_shop(sheet=sheet, actor=STAFF, now=MONDAY)
    named = cast("list[dict[str, str]]", refusal.value.data["pickups"])
    assert [(one["number"], one["customer"]) for one in named] == [(order.number, "Ana Lima")]
    assert refusal.value.data["appointments"] == []
    assert shop.policy() == before

    left = orders.change_shop(sheet=sheet, actor=STAFF, now=MONDAY, anyway=True)
    assert [one.number for one in left.pickups] == [order.number]
    assert findings(now=MONDAY) == []
    assert [found.check.name for found in examine(now=MONDAY).warnings] == ["orders.pickups_within_opening_hours"]
    again = orders.change_shop(sheet=ShopSheet(values={"name": "Padaria"}), actor=STAFF, now=MONDAY)
    assert not again, "what is stranded already is not named again"


def test_shorter_hours_strand_the_window_they_cut(order: Order) -> None:
    ends_at = order.pickup_ends_at
    assert ends_at is not None
    policy = shop.policy()
    local = (begins(order) - timedelta(hours=3)).time()
    for closes, stranded in ((local.replace(hour=local.hour + 1), []), (local.replace(minute=30), [order])):
        hours = tuple(replace(row, closes=closes) for row in policy.opening_hours)
        found = selectors.stranded_pickups(policy=replace(policy, opening_hours=hours), now=MONDAY)
        assert found == stranded


def test_what_is_handed_over_cancelled_or_past_is_not_stranded(order: Order) -> None:
    closed = replace(shop.policy(), opening_hours=())
    assert selectors.stranded_pickups(policy=closed, now=MONDAY) == [order]
    assert selectors.stranded_pickups(policy=closed, now=begins(order)) == []
    other = ordered(units={"BREAD": 1})
    hand_over(order=order)
    cancel(order=other)
    assert selectors.stranded_pickups(policy=closed, now=MONDAY) == []


def test_days_off_of_another_day_ask_nothing(order: Order) -> None:
    day = begins(order).date() + timedelta(days=1)
    assert not orders.change_shop(sheet=ShopSheet(holidays={day: "Folga"}), actor=STAFF, now=MONDAY)
    assert date.fromisoformat(str(shop.policy().holidays[0].day)) == day
