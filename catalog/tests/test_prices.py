"""Many prices at once: as they were looked at, all or none, and put back where nobody has changed them since."""

import threading
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from catalog import services as catalog
from catalog.errors import NothingChanges, PricesChanged
from catalog.models import PriceRun, Product, ProductChange, RepricedVariant, Variant
from catalog.repricing import Repricing
from catalog.services import Looked, prices
from catalog.services.sheets import VariantSheet
from catalog.tests import factories
from catalog.tests.factories import NOW, OWNER, change_variant
from common.errors import InvalidTransition, Malformed, NotFound, Refusal
from common.testing import race, statements
from common.transactions import unit_of_work

UP_TEN = Repricing(way="percent", direction="up", value=Decimal(10))
LATER = NOW.replace(hour=13)


def priced(**wanted: str) -> list[Looked]:
    """Make variants with these prices, and look at them."""
    made = [factories.variant(sku=sku, price=Decimal(price)) for sku, price in wanted.items()]
    return [Looked(variant_id=one.pk, price=Decimal(one.price)) for one in made]


def now() -> dict[str, str]:
    return {sku: str(price) for sku, price in Variant.objects.order_by("sku").values_list("sku", "price")}


def change(rows: list[Looked], rule: Repricing = UP_TEN) -> PriceRun:
    return catalog.change_prices(rows=rows, rule=rule, actor=OWNER, now=NOW)


def set_price(sku: str, price: str) -> None:
    """Change one price as a colleague does on the product's page."""
    sheet = VariantSheet(sku=sku, price=Decimal(price))
    change_variant(sku=sku, sheet=sheet, actor=OWNER, now=LATER)


@pytest.mark.django_db
def test_prices_are_changed_together_and_who_did_it_is_written_down() -> None:
    rows = priced(BOLO="20.00", PAO="0.85", SUCO="7.00")
    run = change(rows[:2])
    assert now() == {"BOLO": "22.00", "PAO": "0.94", "SUCO": "7.00"}
    told = ProductChange.objects.order_by("sku").values_list("sku", "key", "old", "new", "actor_id")
    assert list(told) == [("BOLO", "price", "20.00", "22.00", "1"), ("PAO", "price", "0.85", "0.94", "1")]
    assert sorted((str(row.old), str(row.new)) for row in run.rows.all()) == [("0.85", "0.94"), ("20.00", "22.00")]
    assert set(Product.objects.values_list("variants__sku", "updated_at")) == {
        ("BOLO", NOW), ("PAO", NOW), ("SUCO", factories.NOW),
    }  # fmt: skip


@pytest.mark.django_db
def test_a_service_costs_more_too() -> None:
    haircut = factories.variant(sku="CORTE", price=Decimal("60.00"), product=factories.product(kind="service"))
    change([Looked(variant_id=haircut.pk, price=Decimal("60.00"))])
    assert now() == {"CORTE": "66.00"}


@pytest.mark.django_db
def test_what_stays_the_same_is_no_change() -> None:
    rows = priced(BOLO="20.00", PAO="0.90")
    run = change(rows, Repricing(way="amount", direction="up", value=Decimal("0.01"), ending="90"))
    assert (now(), run.rows.count()) == ({"BOLO": "19.90", "PAO": "0.90"}, 1)
    with pytest.raises(NothingChanges):
        change([Looked(variant_id=rows[1].variant_id, price=Decimal("0.90"))],
               Repricing(way="amount", direction="up", value=Decimal("0.01"), ending="90"))  # fmt: skip
    with pytest.raises(NothingChanges):
        change([])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rule", "pointers"),
    [
        (Repricing(way="amount", direction="down", value=Decimal("5.00")), ["/rows/PAO"]),
        (Repricing(way="amount", direction="up", value=Decimal("99999999.00")), ["/rows/BOLO"]),
        (Repricing(way="percent", direction="down", value=Decimal("100.01")), ["/value"]),
        (Repricing(way="percent", direction="up", value=Decimal(1001)), ["/value"]),
        (Repricing(way="amount", direction="up", value=Decimal(0)), ["/value"]),
        (Repricing(way="amount", direction="up", value=Decimal(-1)), ["/value"]),
        (Repricing(way="amount", direction="up", value=Decimal("0.001")), ["/value"]),
        (Repricing(way="amount", direction="up", value=Decimal("NaN")), ["/value"]),
        (Repricing(way="amount", direction="up", value=Decimal(1), ending="99"), ["/ending"]),
    ],
)
def test_a_price_below_nothing_or_beyond_all_changes_none(rule: Repricing, pointers: list[str]) -> None:
    rows = priced(BOLO="20.00", PAO="0.85")
    with pytest.raises(Malformed) as refusal:
        change(rows, rule)
    assert [error.pointer for error in refusal.value.errors] == pointers
    assert (now(), PriceRun.objects.count()) == ({"BOLO": "20.00", "PAO": "0.85"}, 0)


@pytest.mark.django_db
def test_prices_that_somebody_changed_meanwhile_are_named_and_none_is_overwritten() -> None:
    rows = priced(BOLO="20.00", PAO="0.85")
    set_price("PAO", "1.00")
    with pytest.raises(PricesChanged) as refusal:
        change(rows)
    assert refusal.value.data == {"skus": ["PAO"]}
    assert now() == {"BOLO": "20.00", "PAO": "1.00"}


@pytest.mark.django_db
def test_all_are_put_back_once() -> None:
    run = change(priced(BOLO="20.00", PAO="0.85"))
    done = catalog.undo_prices(run=run.public_id, actor=OWNER, now=LATER)
    assert (done.back, done.left, now()) == (2, (), {"BOLO": "20.00", "PAO": "0.85"})
    assert ProductChange.objects.count() == 4
    for again in (run, done.run):
        with pytest.raises(InvalidTransition):
            catalog.undo_prices(run=again.public_id, actor=OWNER, now=LATER)
    with pytest.raises(NotFound):
        catalog.undo_prices(run=uuid4(), actor=OWNER, now=LATER)


@pytest.mark.django_db
def test_what_was_changed_since_is_named_and_left_alone_even_if_it_is_the_same_again() -> None:
    run = change(priced(BOLO="20.00", PAO="0.85", SUCO="7.00"))
    set_price("PAO", "2.00")
    set_price("SUCO", "1.00")
    set_price("SUCO", "7.70")
    done = catalog.undo_prices(run=run.public_id, actor=OWNER, now=LATER)
    assert (done.back, done.left) == (1, ("PAO", "SUCO"))
    assert now() == {"BOLO": "20.00", "PAO": "2.00", "SUCO": "7.70"}


@pytest.mark.django_db
def test_where_all_were_changed_since_nothing_is_put_back() -> None:
    run = change(priced(PAO="0.85"))
    set_price("PAO", "2.00")
    with pytest.raises(PricesChanged):
        catalog.undo_prices(run=run.public_id, actor=OWNER, now=LATER)
    assert (now(), PriceRun.objects.count()) == ({"PAO": "2.00"}, 1)


@pytest.mark.django_db
def test_many_prices_take_as_many_statements_as_few() -> None:
    counts = []
    for most in (2, 40):
        rows = priced(**{f"S{most}-{number}": "1.00" for number in range(most)})
        with statements() as found:
            run = change(rows)
        with statements() as back:
            catalog.undo_prices(run=run.public_id, actor=OWNER, now=LATER)
        counts.append((len(found), len(back)))
    assert counts[0] == counts[1] == (11, 16)


@pytest.mark.django_db(transaction=True)
def test_several_who_change_the_same_prices_at_once_change_them_once() -> None:
    rows = priced(BOLO="20.00", PAO="0.85")

    def act(_number: int) -> str:
        try:
            change(rows)
        except Refusal as refusal:
            return refusal.code
        return "changed"

    assert sorted(race(workers=4, work=act)) == ["changed"] + ["prices_changed"] * 3
    assert now() == {"BOLO": "22.00", "PAO": "0.94"}


def colleague_and_run(rows: list[Looked]) -> str:
    """Let a colleague write a price while many are changed, and commit last; return what the many were told."""
    wrote, told = threading.Event(), []

    def many() -> None:
        wrote.wait(5)
        try:
            change(rows)
            told.append("changed")
        except Refusal as refusal:
            told.append(refusal.code)
        finally:
            connection.close()

    thread = threading.Thread(target=many)
    thread.start()
    with unit_of_work():
        product = Product.objects.select_for_update(no_key=True).get(variants__sku="PAO")
        Variant.objects.filter(product=product).update(price=Decimal("5.00"))
        wrote.set()
        thread.join(0.8)
    thread.join(10)
    return told[0]


@pytest.mark.django_db(transaction=True)
def test_a_colleague_who_saves_at_that_moment_is_not_overwritten() -> None:
    assert colleague_and_run(priced(PAO="0.85")) == "prices_changed"
    assert now() == {"PAO": "5.00"}


@pytest.mark.django_db(transaction=True)
def test_without_the_locks_the_colleagues_price_would_be_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: read without the products' locks, the price looks as it was seen, and is overwritten."""

    def unlocked(*, variants: Any) -> list[Variant]:
        return list(Variant.objects.filter(pk__in=list(variants)).order_by("pk"))

    monkeypatch.setattr(prices, "_locked", unlocked)
    assert colleague_and_run(priced(PAO="0.85")) == "changed"
    assert now() == {"PAO": "0.94"}
    assert RepricedVariant.objects.count() == 1
