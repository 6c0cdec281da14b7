"""A delivery: many lines in one transaction, all or nothing, once for each key."""

from typing import Any
from uuid import uuid4

import pytest

from catalog.tests import factories as catalog
from common.errors import Malformed, Refusal
from common.keys import IdempotencyKey
from common.testing import race, statements
from common.use_cases import only_once
from inventory import services as inventory
from inventory.models import MAX_ON_HAND, StockItem, StockMovement
from inventory.services import Arrived
from inventory.tests.factories import MONDAY, STAFF, stocked
from operations.integrity import findings
from orders.tests.factories import cart_with


def take_in(**units: int) -> list[StockMovement]:
    arrived = [Arrived(sku=sku, quantity=quantity) for sku, quantity in units.items()]
    return inventory.receive_goods(arrived=arrived, reason="Moinho · NF 12", actor=STAFF, now=MONDAY)


def on_hand() -> dict[str, int]:
    return dict(StockItem.objects.order_by("variant__sku").values_list("variant__sku", "on_hand"))


def shown(refusal: Malformed) -> list[tuple[str, str]]:
    return [(error.pointer, error.code) for error in refusal.errors]


@pytest.mark.django_db
def test_a_delivery_is_added_to_what_is_there_and_to_what_never_was() -> None:
    stocked(sku="PAO", units=10)
    catalog.variant(sku="NOVO")
    catalog.variant(sku="QUEIJO", unit="g", price_per=1000)

    movements = take_in(PAO=5, NOVO=12, QUEIJO=2350)

    assert on_hand() == {"NOVO": 12, "PAO": 15, "QUEIJO": 2350}
    assert {(one.kind, one.reason, one.actor_id) for one in movements} == {("received", "Moinho · NF 12", "1")}
    assert findings(now=MONDAY) == []


@pytest.mark.django_db
def test_a_sku_that_stands_twice_on_the_list_is_added_up() -> None:
    stocked(sku="PAO", units=1)
    lines = [Arrived(sku="PAO", quantity=2), Arrived(sku="PAO", quantity=3)]
    [movement] = inventory.receive_goods(arrived=lines, reason="x", actor=STAFF, now=MONDAY)
    assert (movement.delta, movement.on_hand_after, on_hand()) == (5, 6, {"PAO": 6})


@pytest.mark.django_db
def test_one_wrong_line_names_itself_and_nothing_is_received() -> None:
    stocked(sku="PAO", units=10)
    catalog.variant(sku="CORTE", product=catalog.product(kind="service"))
    with pytest.raises(Malformed) as refusal:
        take_in(PAO=5, NADA=1, CORTE=1)
    assert shown(refusal.value) == [("/lines/1/sku", "unknown_sku"), ("/lines/2/sku", "unknown_sku")]
    assert (on_hand(), StockMovement.objects.count()) == ({"PAO": 10}, 1)


@pytest.mark.django_db
def test_more_than_a_shelf_can_hold_is_refused_beside_its_line() -> None:
    stocked(sku="PAO", units=10)
    stocked(sku="BOLO", units=1)
    StockItem.objects.filter(variant__sku="PAO").update(on_hand=MAX_ON_HAND)
    with pytest.raises(Malformed) as refusal:
        take_in(BOLO=1, PAO=1)
    assert shown(refusal.value) == [("/lines/1/quantity", "max_value")]
    assert on_hand()["BOLO"] == 1


@pytest.mark.django_db
def test_what_carts_hold_stays_held() -> None:
    stocked(sku="PAO", units=3)
    cart_with(units={"PAO": 3})
    take_in(PAO=2)
    item = StockItem.objects.get()
    assert (item.on_hand, item.reserved) == (5, 3)


@pytest.mark.django_db
def test_a_long_delivery_takes_as_many_statements_as_a_short_one() -> None:
    skus = [catalog.variant().sku for _number in range(40)]
    counts = []
    for most in (2, 40):
        with statements() as found:
            take_in(**dict.fromkeys(skus[:most], 1))
        counts.append(len(found))
    assert counts == [7, 7]


@pytest.mark.django_db(transaction=True)
def test_sent_many_times_at_once_it_is_received_once() -> None:
    stocked(sku="PAO", units=10)
    key = str(uuid4())

    def act(_number: int) -> Any:
        once = IdempotencyKey(scope="desk-receive", key=key, fingerprint="same")
        arrived = [Arrived(sku="PAO", quantity=5)]
        try:
            return only_once(once, inventory.receive_goods)(arrived=arrived, reason="x", actor=STAFF, now=MONDAY).status
        except Refusal as refusal:
            return refusal.code

    answers = race(workers=4, work=act)
    assert set(answers) <= {200, "idempotency_in_progress"}
    assert answers.count(200) >= 1
    assert on_hand() == {"PAO": 15}


@pytest.mark.django_db(transaction=True)
def test_without_the_key_it_would_be_received_as_often_as_it_is_sent() -> None:
    """The negative control: only the key stands between a double click and a second delivery."""
    stocked(sku="PAO", units=10)
    race(workers=4, work=lambda _number: take_in(PAO=5))
    assert on_hand() == {"PAO": 30}
    assert findings(now=MONDAY) == []
