"""Counting a shelf blind: what moves while it is counted stays moved, two people count together, and nothing is guessed."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from catalog.errors import UnknownSku
from catalog.tests import factories as catalog
from common.actors import Actor
from common.errors import InvalidTransition, Malformed, NotFound, Refusal
from common.testing import race, statements
from common.transactions import unit_of_work
from inventory import services as inventory
from inventory.errors import CountChanged, CountedMeanwhile, NothingCounted
from inventory.models import CountedLine, CountStep, StockCount, StockItem, StockMovement
from inventory.services import Corrected, Leaving, Need
from inventory.tests.factories import MONDAY, STAFF, receive, stocked
from operations.integrity import findings
from orders.tests.factories import cart_with

BIA = Actor(kind="staff", id="2", door="admin")


def begun() -> UUID:
    return inventory.open_count(key=uuid4(), label="Padaria", category="", actor=STAFF, now=MONDAY).public_id


def count(which: UUID, sku: str, quantity: int, *, seen: int = 0, actor: Actor = STAFF) -> CountedLine:
    return inventory.count_line(count=which, sku=sku, quantity=quantity, seen=seen, actor=actor, now=MONDAY)


def compared(which: UUID) -> int:
    return inventory.compare_count(count=which, actor=STAFF, now=MONDAY).version


def correct(which: UUID, *, version: int | None = None) -> Corrected:
    version = compared(which) if version is None else version
    return inventory.apply_count(count=which, version=version, reason="Inventário", actor=STAFF, now=MONDAY)


def sell(sku: str, units: int) -> None:
    """Let units leave the shop with a customer."""
    item = StockItem.objects.select_related("variant").get(variant__sku=sku)
    claim = uuid4()
    with unit_of_work():
        need = Need(claim=claim, variant_id=item.variant_id, sku=sku, quantity=units)
        assert inventory.allocate(needs=[need], expires_at=None, now=MONDAY) == []
        leaving = [Leaving(claim=claim, quantity=units)]
        inventory.consume(leaving=leaving, reference=str(claim), reason="Venda", actor=STAFF, now=MONDAY)


def on_hand() -> dict[str, int]:
    return dict(StockItem.objects.order_by("variant__sku").values_list("variant__sku", "on_hand"))


def stock_findings() -> list[str]:
    """Return what the integrity check says of the stock; what was sold here had no order."""
    return [finding for finding in findings(now=MONDAY) if finding.startswith("stock.")]


def problems(refusal: Malformed) -> list[tuple[str, str]]:
    return [(error.pointer, error.code) for error in refusal.errors]


@pytest.mark.django_db
def test_a_count_corrects_what_differs_and_leaves_alone_what_was_not_counted() -> None:
    for sku, units in (("PAO", 10), ("BOLO", 5), ("SUCO", 7)):
        stocked(sku=sku, units=units)
    catalog.variant(sku="NOVO")
    which = begun()
    count(which, "PAO", 8)
    count(which, "BOLO", 5)
    count(which, "NOVO", 3)
    assert on_hand() == {"BOLO": 5, "NOVO": 0, "PAO": 10, "SUCO": 7}

    assert correct(which) == Corrected(lines=3, differences=2)

    assert on_hand() == {"BOLO": 5, "NOVO": 3, "PAO": 8, "SUCO": 7}
    moved = StockMovement.objects.filter(kind="counted").order_by("stock_item__variant__sku")
    assert list(moved.values_list("stock_item__variant__sku", "delta", "on_hand_after", "reason", "reference")) == [
        ("BOLO", 0, 5, "Inventário", f"count:{which}"),
        ("NOVO", 3, 3, "Inventário", f"count:{which}"),
        ("PAO", -2, 8, "Inventário", f"count:{which}"),
    ]
    assert stock_findings() == []


@pytest.mark.django_db
def test_what_is_sold_and_received_between_the_count_and_its_end_is_not_lost() -> None:
    stocked(sku="PAO", units=10)
    which = begun()
    count(which, "PAO", 9)  # one is missing
    sell("PAO", 4)
    receive(sku="PAO", units=20)
    correct(which)
    assert on_hand() == {"PAO": 10 - 1 - 4 + 20}
    assert stock_findings() == []


@pytest.mark.django_db
def test_what_was_sold_before_a_line_was_counted_belongs_to_the_count() -> None:
    stocked(sku="PAO", units=10)
    which = begun()
    sell("PAO", 4)
    count(which, "PAO", 6)
    assert correct(which).differences == 0
    assert on_hand() == {"PAO": 6}


@pytest.mark.django_db
def test_another_count_of_the_same_units_is_not_undone() -> None:
    stocked(sku="PAO", units=10)
    which, other = begun(), begun()
    count(which, "PAO", 7)
    count(other, "PAO", 7)
    correct(other)
    version = compared(which)
    with pytest.raises(Malformed) as refusal:
        correct(which, version=version)
    assert problems(refusal.value) == [("/lines/PAO", "counted_again")]
    assert on_hand() == {"PAO": 7}
    inventory.resume_count(count=which, actor=STAFF, now=MONDAY)
    count(which, "PAO", 6, seen=1)
    correct(which)
    assert on_hand() == {"PAO": 6}


@pytest.mark.django_db
def test_what_is_promised_is_not_counted_away_and_no_other_line_moves() -> None:
    stocked(sku="PAO", units=10)
    stocked(sku="BOLO", units=5)
    which = begun()
    count(which, "PAO", 2)
    count(which, "BOLO", 4)
    cart_with(units={"PAO": 6})
    version = compared(which)
    with pytest.raises(Malformed) as refusal:
        correct(which, version=version)
    assert problems(refusal.value) == [("/lines/PAO", "below_reserved")]
    assert on_hand() == {"BOLO": 5, "PAO": 10}
    inventory.leave_line(count=which, sku="PAO", now=MONDAY)
    with pytest.raises(CountChanged):
        correct(which, version=version)
    correct(which, version=version + 1)
    assert on_hand() == {"BOLO": 4, "PAO": 10}


@pytest.mark.django_db
def test_whoever_counts_what_somebody_else_has_counted_is_told() -> None:
    stocked(sku="PAO", units=10)
    which = begun()
    count(which, "PAO", 3)
    with pytest.raises(CountedMeanwhile) as refusal:
        count(which, "PAO", 5, actor=BIA)
    assert refusal.value.data == {"quantity": 3, "version": 1, "who": STAFF.id}
    assert count(which, "PAO", 8, seen=1, actor=BIA).version == 2
    assert count(which, "PAO", 8, seen=1, actor=BIA).version == 2  # its answer was lost
    with pytest.raises(CountedMeanwhile):
        count(which, "PAO", 4, seen=1)
    assert CountedLine.objects.get().quantity == 8


@pytest.mark.django_db
def test_a_count_waits_goes_on_and_ends_once() -> None:
    stocked(sku="PAO", units=10)
    which = begun()
    assert inventory.open_count(key=which, label="x", category="", actor=BIA, now=MONDAY).label == "Padaria"
    with pytest.raises(NothingCounted):
        compared(which)
    count(which, "PAO", 9)
    with pytest.raises(InvalidTransition):
        correct(which, version=1)
    compared(which)
    with pytest.raises(InvalidTransition):
        count(which, "PAO", 8, seen=1)
    inventory.resume_count(count=which, actor=BIA, now=MONDAY)
    count(which, "PAO", 8, seen=1)
    correct(which)
    for act in (inventory.compare_count, inventory.resume_count, inventory.drop_count):
        with pytest.raises(InvalidTransition):
            act(count=which, actor=STAFF, now=MONDAY)
    with pytest.raises(InvalidTransition):
        correct(which, version=6)
    row = StockCount.objects.get()
    assert (row.status, row.comparisons, on_hand()) == ("applied", 2, {"PAO": 8})
    steps = list(CountStep.objects.values_list("status", "actor_id"))
    assert steps == [("open", "1"), ("compared", "1"), ("open", "2"), ("compared", "1"), ("applied", "1")]


@pytest.mark.django_db
def test_a_count_thrown_away_moves_nothing() -> None:
    stocked(sku="PAO", units=10)
    which = begun()
    count(which, "PAO", 0)
    inventory.drop_count(count=which, actor=STAFF, now=MONDAY)
    with pytest.raises(InvalidTransition):
        count(which, "PAO", 1, seen=1)
    assert (on_hand(), StockMovement.objects.count()) == ({"PAO": 10}, 1)


@pytest.mark.django_db
def test_what_is_unknown_is_refused() -> None:
    which = begun()
    catalog.variant(sku="CORTE", product=catalog.product(kind="service"))
    for sku in ("NADA", "CORTE"):
        with pytest.raises(UnknownSku):
            count(which, sku, 1)
    with pytest.raises(NotFound):
        count(uuid4(), "PAO", 1)
    with pytest.raises(Malformed):
        inventory.open_count(key=uuid4(), label="  ", category="", actor=STAFF, now=MONDAY)
    assert not CountedLine.objects.exists()


@pytest.mark.django_db
def test_a_long_count_is_applied_in_as_many_statements_as_a_short_one() -> None:
    counts = []
    for most in (2, 30):
        which = begun()
        for _number in range(most):
            sku = stocked(sku=f"SKU-{uuid4().hex[:8]}", units=5).sku
            count(which, sku, 4)
        version = compared(which)
        with statements() as found:
            correct(which, version=version)
        counts.append(len(found))
    assert counts == [11, 11]


@pytest.mark.django_db(transaction=True)
def test_units_sold_at_the_very_moment_of_the_correction_are_not_lost() -> None:
    stocked(sku="PAO", units=50)
    which = begun()
    count(which, "PAO", 48)
    version = compared(which)

    def act(number: int) -> Any:
        if number == 0:
            return correct(which, version=version)
        return sell("PAO", 3)

    race(workers=5, work=act)
    assert on_hand() == {"PAO": 50 - 2 - 4 * 3}
    assert stock_findings() == []


@pytest.mark.django_db(transaction=True)
def test_without_the_moment_of_the_count_the_sales_would_be_lost() -> None:
    """The negative control: a count that sets the shelf to its figure takes the units back that were sold since."""
    stocked(sku="PAO", units=50)
    sell("PAO", 12)
    inventory.adjust_stock(sku="PAO", operation="set", quantity=48, reason="x", actor=STAFF, now=MONDAY)
    assert on_hand() == {"PAO": 48}  # and 36 lie there


@pytest.mark.django_db(transaction=True)
def test_applied_by_several_at_once_it_corrects_once() -> None:
    stocked(sku="PAO", units=10)
    which = begun()
    count(which, "PAO", 7)
    version = compared(which)

    def act(_number: int) -> str:
        try:
            correct(which, version=version)
        except Refusal as refusal:
            return refusal.code
        return "corrected"

    assert sorted(race(workers=4, work=act)) == ["corrected"] + ["invalid_transition"] * 3
    assert on_hand() == {"PAO": 7}


@pytest.mark.django_db(transaction=True)
def test_two_people_who_count_one_thing_at_once_do_not_overwrite_each_other() -> None:
    stocked(sku="PAO", units=10)
    which = begun()

    def act(number: int) -> str:
        try:
            count(which, "PAO", number, actor=Actor(kind="staff", id=str(number), door="admin"))
        except Refusal as refusal:
            return refusal.code
        return "counted"

    assert sorted(race(workers=4, work=act)) == ["counted"] + ["counted_meanwhile"] * 3
    assert CountedLine.objects.get().version == 1
