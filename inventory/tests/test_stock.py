"""The shelf and the claims on it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from catalog.errors import UnknownSku
from common.errors import Malformed, Refusal
from common.keys import IdempotencyKey
from common.transactions import unit_of_work
from common.use_cases import answered
from inventory import selectors
from inventory import services as inventory
from inventory.answers import adjusted
from inventory.errors import BelowReserved
from inventory.models import StockItem, StockMovement, StockReservation
from inventory.services import Leaving, Need, Returning
from inventory.tests.factories import MONDAY, STAFF, receive, stocked

pytestmark = pytest.mark.django_db(transaction=True)

SOON = MONDAY + timedelta(minutes=15)


def adjust(operation: Any, quantity: int, *, sku: str = "BOLO", now: Any = MONDAY) -> StockMovement:
    return inventory.adjust_stock(
        sku=sku, operation=operation, quantity=quantity, reason="Because", actor=STAFF, now=now
    )


def adjust_once(operation: Any, quantity: int, *, once: IdempotencyKey) -> Any:
    return answered(inventory.adjust_stock, adjusted, once=once)(
        sku="BOLO", operation=operation, quantity=quantity, reason="Because", actor=STAFF, now=MONDAY
    )


def hold(quantity: int, *, claim: UUID | None = None, sku: str = "BOLO", now: Any = MONDAY) -> tuple[UUID, Any]:
    claim = claim or uuid4()
    item = StockItem.objects.get(variant__sku=sku)
    need = Need(claim=claim, variant_id=item.variant_id, sku=sku, quantity=quantity)
    with unit_of_work():
        return claim, inventory.hold(needs={need: now + timedelta(minutes=15)}, now=now)


def free_after(movement: StockMovement) -> int:
    return movement.stock_item.on_hand - movement.stock_item.reserved


def figures(sku: str = "BOLO") -> tuple[int, int]:
    return StockItem.objects.values_list("on_hand", "reserved").get(variant__sku=sku)


def refused(operation: Any, quantity: int, **options: Any) -> Refusal:
    before = (list(StockItem.objects.values()), list(StockMovement.objects.values()))
    with pytest.raises(Refusal) as caught:
        adjust(operation, quantity, **options)
    assert (list(StockItem.objects.values()), list(StockMovement.objects.values())) == before
    return caught.value


def test_adding_removing_and_counting_write_their_movements() -> None:
    stocked(sku="BOLO", units=0)
    assert adjust("add", 10).stock_item.on_hand == 10
    assert adjust("remove", 3).delta == -3
    counted = adjust("set", 8)
    assert (counted.delta, counted.stock_item.on_hand, counted.stock_item.reserved) == (1, 8, 0)
    assert (counted.reason, counted.actor_kind) == ("Because", "staff")
    assert adjust("set", 8).delta == 0
    moved = StockMovement.objects.order_by("pk").values_list("kind", "delta", "on_hand_after")
    assert list(moved) == [("received", 10, 10), ("removed", -3, 7), ("counted", 1, 8), ("counted", 0, 8)]


def test_no_change_leaves_fewer_units_than_are_promised() -> None:
    stocked(sku="BOLO", units=10)
    hold(6)
    for operation, quantity in (("remove", 5), ("set", 5)):
        refusal = refused(operation, quantity)
        assert isinstance(refusal, BelowReserved)
        assert refusal.data == {"reserved": 6}
    assert free_after(adjust("remove", 4)) == 0


def test_expired_reservation_does_not_block_adjustment() -> None:
    stocked(sku="BOLO", units=10)
    hold(6)
    item = adjust("set", 2, now=SOON).stock_item
    assert (item.on_hand, item.reserved) == (2, 0)


def test_unknown_goods_and_absurd_amounts() -> None:
    stocked(sku="BOLO", units=10)
    assert isinstance(refused("add", 1, sku="NOBODY"), UnknownSku)
    for _million in range(2):
        StockItem.objects.update(on_hand=999_999_999)
    assert isinstance(refused("add", 1_000_000), Malformed)
    StockItem.objects.update(on_hand=10)


def test_a_repeated_adjustment_happens_once() -> None:
    stocked(sku="BOLO", units=0)
    once = IdempotencyKey(scope="stock", key="k", fingerprint="f")
    first, again = adjust_once("add", 5, once=once), adjust_once("add", 5, once=once)
    assert (first.body, first.replayed, again.replayed) == (again.body, False, True)
    assert figures() == (5, 0)


@pytest.mark.fault("C19")
@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE inventory_stockmovement SET delta = 1",
        "DELETE FROM inventory_stockmovement",
        "TRUNCATE inventory_stockmovement",
    ],
)
def test_movements_cannot_be_rewritten(attack: str) -> None:
    stocked(sku="BOLO", units=3)
    with pytest.raises(DatabaseError, match="may not be changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert StockMovement.objects.get().delta == 3


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("reserved", 11, "stockitem_reserved_within_on_hand"),
        ("on_hand", 1_000_000_001, "stockitem_on_hand_bounds"),
    ],
)
def test_the_constraints_judge(column: str, value: int, constraint: str) -> None:
    stocked(sku="BOLO", units=10)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        StockItem.objects.update(**{column: value})
    assert figures() == (10, 0)


def test_available_counts_only_living_claims() -> None:
    stocked(sku="BOLO", units=10)
    hold(4)
    assert selectors.available(skus=["BOLO", "NOBODY"], now=MONDAY) == {"BOLO": 6}
    assert selectors.available(skus=["BOLO"], now=SOON) == {"BOLO": 10}
    assert figures() == (10, 4)


def test_the_figure_on_show_is_filled_on_read_and_dropped_by_writes() -> None:
    stocked(sku="BOLO", units=10)
    assert selectors.display_available(skus=["BOLO"], now=MONDAY) == {"BOLO": 10}
    StockItem.objects.update(on_hand=9)
    assert selectors.display_available(skus=["BOLO"], now=MONDAY) == {"BOLO": 10}
    StockItem.objects.update(on_hand=10)
    hold(4)
    assert selectors.display_available(skus=["BOLO"], now=MONDAY) == {"BOLO": 6}


def test_a_claim_grows_shrinks_and_is_renewed() -> None:
    stocked(sku="BOLO", units=10)
    claim, _shortages = hold(4)
    assert hold(7, claim=claim)[1] == []
    assert figures() == (10, 7)
    assert hold(2, claim=claim, now=MONDAY + timedelta(minutes=5))[1] == []
    assert figures() == (10, 2)
    assert StockReservation.objects.get().expires_at == MONDAY + timedelta(minutes=20)


def test_a_shortage_says_what_the_claim_could_have_and_changes_nothing() -> None:
    stocked(sku="BOLO", units=10)
    claim, _shortages = hold(4)
    hold(5)
    [shortage] = hold(6, claim=claim)[1]
    assert (shortage.sku, shortage.requested, shortage.available) == ("BOLO", 6, 5)
    assert figures() == (10, 9)


@pytest.mark.fault("L11")
def test_two_needs_of_one_sku_share_its_units() -> None:
    variant = stocked(sku="BOLO", units=3)
    needs = [Need(claim=uuid4(), variant_id=variant.pk, sku="BOLO", quantity=2) for _line in range(2)]
    with unit_of_work():
        [shortage] = inventory.allocate(needs=needs, expires_at=None, now=MONDAY)
    assert (shortage.requested, shortage.available) == (2, 1)
    assert figures() == (3, 0)


def test_released_units_are_free_and_releasing_again_changes_nothing() -> None:
    stocked(sku="BOLO", units=10)
    claim, _shortages = hold(4)
    for _time in range(2):
        with unit_of_work():
            inventory.release(claims=[claim])
        assert figures() == (10, 0)


def test_units_leave_and_come_back_with_movements() -> None:
    variant = stocked(sku="BOLO", units=10)
    claim, _shortages = hold(4)
    with unit_of_work():
        inventory.consume(
            leaving=[Leaving(claim=claim, quantity=3)], reference="F1", reason="N1", actor=STAFF, now=MONDAY
        )
    assert figures() == (7, 1)
    assert StockReservation.objects.get().quantity == 1
    assert selectors.units_out(claims=[claim]) == {claim: 3}
    back = [Returning(claim=claim, variant_id=variant.pk, quantity=2)]
    with unit_of_work():
        inventory.restock(returning=back, reference="F1", reason="N1", actor=STAFF, now=MONDAY)
    assert figures() == (9, 1)
    assert selectors.units_out(claims=[claim]) == {claim: 1}
    with pytest.raises(IntegrityError, match="stockmovement_once_per_cause"), unit_of_work():
        inventory.restock(returning=back, reference="F1", reason="N1", actor=STAFF, now=MONDAY)
    assert figures() == (9, 1)


def test_more_than_is_claimed_cannot_leave() -> None:
    stocked(sku="BOLO", units=10)
    claim, _shortages = hold(4)
    with pytest.raises(RuntimeError, match="fewer than 5"), unit_of_work():
        inventory.consume(
            leaving=[Leaving(claim=claim, quantity=5)], reference="F1", reason="N1", actor=STAFF, now=MONDAY
        )
    assert figures() == (10, 4)


def test_the_sweep_frees_what_ran_out_and_nothing_else() -> None:
    for sku in ("A", "B", "C"):
        stocked(sku=sku, units=5)
        hold(2, sku=sku)
    hold(1, sku="A", now=MONDAY + timedelta(minutes=10))
    assert inventory.release_expired(now=SOON, batch=2) == 3
    assert [figures(sku) for sku in ("A", "B", "C")] == [(5, 1), (5, 0), (5, 0)]
    assert inventory.release_expired(now=SOON) == 0


@pytest.mark.fault("D11")
def test_a_sweep_passes_over_rows_somebody_else_holds() -> None:
    stocked(sku="A", units=5)
    hold(2, sku="A")
    with transaction.atomic():
        StockItem.objects.select_for_update(of=("self",), no_key=True).get()
        from_elsewhere = _in_another_connection()
    assert from_elsewhere == 0
    assert inventory.release_expired(now=SOON) == 1


def _in_another_connection() -> int:
    def sweep() -> int:
        try:
            return inventory.release_expired(now=SOON)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(sweep).result(timeout=10)


def test_steps_refuse_to_run_alone() -> None:
    stocked(sku="BOLO", units=1)
    with pytest.raises(RuntimeError, match="unit of work"):
        inventory.release(claims=[uuid4()])
    assert receive(sku="BOLO", units=1).stock_item.on_hand == 2
