"""What a variant is counted in: chosen once, by weight only for things, and shown as people say it."""

from decimal import Decimal

import pytest

from catalog import services as catalog
from catalog.deposits import Deposit
from catalog.forms import VariantForm
from catalog.models import Product, ProductChange, Variant
from catalog.services import ProductSheet, VariantSheet
from catalog.tests.factories import NOW, OWNER, category, change_variant
from catalog.units import as_pieces, counted, shown_price, shown_quantity
from common.errors import Malformed

pytestmark = pytest.mark.django_db

TYPED = {"sku": "QUEIJO", "name": "", "price": "59,90", "options": "", "is_active": "on", "position": ""}


def make(*variants: VariantSheet, kind: str = "goods") -> Product:
    sheet = ProductSheet(name="Queijo", category_id=category().pk)
    return catalog.create_product(sheet=sheet, variants=variants, kind=kind, published=False, actor=OWNER, now=NOW)


def sheet(**values: object) -> VariantSheet:
    return VariantSheet(**{"sku": "QUEIJO", "price": Decimal("59.90"), **values})  # type: ignore[arg-type]


def refused(*, kind: str = "goods", **values: object) -> list[str]:
    with pytest.raises(Malformed) as caught:
        make(sheet(**values), kind=kind)
    assert not Product.objects.exists()
    return [f"{error.pointer} {error.code}" for error in caught.value.errors]


def test_a_variant_is_counted_in_pieces_unless_it_says_otherwise() -> None:
    make(sheet(), sheet(sku="RALADO", unit="g", price_per=1000), sheet(sku="SORO", unit="ml", price_per=1))
    assert dict(Variant.objects.values_list("sku", "unit")) == {"QUEIJO": "piece", "RALADO": "g", "SORO": "ml"}
    assert dict(Variant.objects.values_list("sku", "price_per")) == {"QUEIJO": 1, "RALADO": 1000, "SORO": 1}


def test_units_that_nothing_is_counted_in() -> None:
    assert refused(unit="kg") == ["/unit invalid_choice"]
    assert refused(unit="g", price_per=100) == ["/price_per invalid_choice"]
    assert refused(price_per=1000) == ["/price_per invalid_choice"]
    assert refused(unit="g", price_per=1000, kind="service") == ["/unit invalid_choice"]


def test_the_unit_is_chosen_once() -> None:
    make(sheet(unit="g", price_per=1000))
    for change in ({"unit": "piece", "price_per": 1}, {"unit": "ml"}, {"unit": "g", "price_per": 1}):
        with pytest.raises(Malformed) as caught:
            change_variant(sku="QUEIJO", sheet=sheet(**change), actor=OWNER, now=NOW)
        assert [error.code for error in caught.value.errors] == ["fixed"]
    dearer = sheet(price=Decimal("64.90"))
    changed = change_variant(sku="QUEIJO", sheet=dearer, actor=OWNER, now=NOW)
    assert (changed.unit, changed.price_per, changed.price) == ("g", 1000, Decimal("64.90"))
    assert list(ProductChange.objects.filter(old="59.90").values_list("key", flat=True)) == ["price"]


def test_the_desk_asks_what_the_price_is_for_and_asks_once() -> None:
    form = VariantForm({**TYPED, "sold": "g/1000"})
    assert form.is_valid(), form.errors
    assert (form.sheet().unit, form.sheet().price_per) == ("g", 1000)
    assert not VariantForm({**TYPED, "sold": "kg/1"}).is_valid()
    make(sheet(unit="ml", price_per=1000))
    again = VariantForm({**TYPED, "sold": "piece/1"}, instance=Variant.objects.get())
    assert again.is_valid(), again.errors
    assert (again.sheet().unit, again.sheet().price_per) == ("ml", 1000)


def test_how_it_is_said() -> None:
    assert counted(quantity=2, unit="piece", name="Bolo", sign="×") == "2 × Bolo"
    assert counted(quantity=350, unit="g", name="Queijo") == "350 g Queijo"
    assert (shown_quantity(quantity=2, unit="piece"), shown_quantity(quantity=350, unit="ml")) == ("2", "350 ml")
    assert shown_price("R$ 2,50", unit="piece", price_per=1) == "R$ 2,50"
    assert shown_price("R$ 59,90", unit="g", price_per=1000) == "R$ 59,90/kg"
    assert shown_price("R$ 0,06", unit="ml", price_per=1) == "R$ 0,06/ml"
    assert [as_pieces(quantity=grams, unit="g") for grams in (1, 1000, 1001)] == [1, 1, 2]


def test_a_deposit_of_what_is_weighed_follows_the_weight() -> None:
    price = Decimal("59.90")
    assert Deposit(amount=Decimal("10.00")).of(price=price, units=350, price_per=1000) == Decimal("3.50")
    assert Deposit(percent=50).of(price=price, units=350, price_per=1000) == Decimal("10.49")
    assert Deposit(percent=100).of(price=price, units=350, price_per=1000) == Decimal("20.97")
    assert Deposit(amount=Decimal("99.00")).of(price=price, units=350, price_per=1000) == Decimal("20.97")
