"""Many products at once: the same as one after the other, or nothing."""

import json
import random
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import services as catalog
from catalog.barcodes import check_digit
from catalog.models import Category, Product, ProductChange, Variant
from catalog.services import ProductSheet, VariantSheet, bulk
from catalog.services.bulk import ProductRow
from catalog.tests import factories
from catalog.tests.factories import NOW, OWNER
from common import sql
from common.errors import Malformed
from common.testing import undone
from common.transactions import unit_of_work

pytestmark = pytest.mark.django_db
SOURCE = "SELECT * FROM unnest(%(numbers)s::integer[], %(contents)s::jsonb[])"


def fill(rows: Sequence[ProductRow]) -> None:
    contents = [json.dumps(bulk.judged(row=row)) for row in rows]
    bulk.fill(source=SOURCE, parameters={"numbers": list(range(2, len(rows) + 2)), "contents": contents})


def preview(*rows: ProductRow) -> list[tuple[str, str | None, dict[str, list[Any]]]]:
    with unit_of_work():
        fill(rows)
        bulk.compare()
        found = sql.rows("SELECT what, problem, changes FROM product_verdict ORDER BY number", {})
    return [
        (what, problem, {key: [old, new] for key, old, new in json.loads(changes)}) for what, problem, changes in found
    ]


def take_in(*rows: ProductRow, now: datetime = NOW) -> None:
    with unit_of_work():
        fill(rows)
        bulk.compare(locked=True)
        assert sql.rows("SELECT number, problem FROM product_verdict WHERE what = 'wrong'", {}) == []
        bulk.write(actor=OWNER, now=now)


def new(name: str, **values: Any) -> ProductRow:
    begun: dict[str, Any] = {"name": name, "price": Decimal("5.00"), "category": ("Padaria",)}
    return ProductRow(**begun | values)


def whole_catalogue() -> dict[str, list[Any]]:
    """Return everything that stands in the catalogue, in an order of its own, without ids that are drawn."""
    products = Product.objects.order_by("slug").values_list(
        "slug", "name", "description", "category__name", "category__slug", "status", "kind", "search_key", "updated_at",
        "created_at",
    )  # fmt: skip
    variants = Variant.objects.order_by("sku").values_list(
        "sku", "barcode", "product__slug", "name", "price", "unit", "price_per", "options", "position", "is_active"
    )
    changes = ProductChange.objects.values_list(
        "product__slug", "sku", "key", "old", "new", "actor_kind", "actor_id", "door", "at"
    )
    shelves = Category.objects.order_by("slug").values_list("slug", "name", "parent__slug", "position")
    return {
        "products": list(products),
        "variants": [tuple(map(str, row)) for row in variants],
        "changes": sorted(tuple(map(str, row)) for row in changes),
        "shelves": list(shelves),
    }


NAMES = ["Pão francês", "Bolo de fubá", "Café coado", "Queijo", "Água com gás", "Sonho", "Coxinha", "Empada", "Quindim"]
BARS = "7891000100103"
OPTIONS = (
    ({"name": "Tamanho", "value": "M"},),
    ({"name": "Cor", "value": "Azul"}, {"name": "Tamanho", "value": "G"}),
    (),
)


class Draw:
    """A catalogue, and a table over it, drawn by a seed; and the same table said to the single services."""

    def __init__(self, seed: int) -> None:
        self.chance, self.bars = random.Random(seed), 0
        self.shelves = {name: catalog.create_category(name=name).pk for name in ("Padaria", "Bebidas")}
        self.old = [self._old(number) for number in range(8)]
        self.rows: list[ProductRow] = []
        self.calls: list[Any] = []
        for product in self.chance.sample(self.old, 6):
            self._change(product)
        for number in range(12):
            self._fresh(number)

    def _price(self) -> Decimal:
        return Decimal(self.chance.randint(1, 20_000)) / 100

    def _bars(self) -> str | None:
        """Return a barcode that nothing has yet, or none."""
        if self.chance.random() < 0.5:
            return None
        self.bars += 1
        digits = f"789{self.bars:09}"
        return digits + check_digit(digits)

    def _old(self, number: int) -> Product:
        count = self.chance.randint(1, 3)
        return catalog.create_product(
            sheet=ProductSheet(name=f"{NAMES[number]} {number}", category_id=self.shelves["Padaria"]),
            variants=[
                VariantSheet(
                    sku=f"OLD-{number}-{place}" if self.chance.random() < 0.5 else "",
                    price=self._price(),
                    name=f"Tipo {place}" if count > 1 else "",
                )
                for place in range(count)
            ],
            published=self.chance.random() < 0.7,
            actor=OWNER,
            now=NOW,
        )

    def _change(self, product: Product) -> None:
        """Change some of what is there, and add a variant now and then."""
        kept = list(product.variants.all())
        renamed = f"{product.name} da casa" if self.chance.random() < 0.3 else product.name
        shelf = self.chance.choice(["Padaria", "Bebidas"])
        description = self.chance.choice(["", "Feito hoje."])
        shown = self.chance.choice([True, False])
        sheets = []
        for place, variant in enumerate(kept):
            price, options = self._price(), self.chance.choice(OPTIONS)
            bars = self._bars()
            row = ProductRow(
                sku=variant.sku, barcode=bars, name=renamed, description=description, category=(shelf,), shown=shown, price=price,
                variant=f"{variant.name} novo" if place else None, options=options, is_active=place == 0,
            )  # fmt: skip
            self.rows.append(row)
            sheets.append(
                VariantSheet(
                    sku="", pk=variant.pk, price=price, name=variant.name if row.variant is None else row.variant,
                    options=options, is_active=place == 0, barcode=bars,
                )
            )  # fmt: skip
        if self.chance.random() < 0.5:
            price = self._price()
            self.rows.append(ProductRow(name=renamed, variant="Extra", price=price))
            sheets.append(VariantSheet(sku="", price=price, name="Extra"))

        def call(now: datetime) -> None:
            catalog.change_product(
                product_id=product.pk,
                sheet=ProductSheet(name=renamed, category_id=self.shelves[shelf], description=description),
                variants=sheets,
                actor=OWNER,
                now=now,
            )
            (catalog.publish if shown else catalog.hide)(product_id=product.pk, actor=OWNER, now=now)

        self.calls.append(call)

    def _fresh(self, number: int) -> None:
        """A new product with some variants; every third has a name that makes the same SKU and slug as another."""
        name = f"Doce {number // 3}{'!' * (number % 3)}"
        weighed = self.chance.random() < 0.3
        shown = self.chance.choice([True, False, None])
        sheets = []
        for place in range(self.chance.randint(1, 3)):
            row = new(
                name,
                category=("Doces", "De festa") if number % 2 else ("Padaria",),
                sku=f"NEW-{number}-{place}" if self.chance.random() < 0.3 else "",
                barcode=self._bars(),
                variant=f"Tipo {place}" if place else None,
                price=self._price(),
                unit="g" if weighed else None,
                price_per=1000 if weighed else None,
                options=self.chance.choice(OPTIONS),
                is_active=place == 0,
                shown=shown,
                description="Vem em caixa.",
            )
            self.rows.append(row)
            sheets.append(
                VariantSheet(
                    sku=row.sku, price=row.price or Decimal(0), name=row.variant or "", options=row.options or (),
                    is_active=place == 0, unit=row.unit, price_per=row.price_per, barcode=row.barcode,
                )
            )  # fmt: skip

        def call(now: datetime) -> None:
            catalog.create_product(
                sheet=ProductSheet(name=name, category_id=self._shelf(number), description="Vem em caixa."),
                variants=sheets,
                published=shown is not False,
                actor=OWNER,
                now=now,
            )

        self.calls.append(call)

    def _shelf(self, number: int) -> int:
        if number % 2 == 0:
            return self.shelves["Padaria"]
        found = Category.objects.filter(name="De festa").first()
        if found is None:
            above = catalog.create_category(name="Doces")
            found = catalog.create_category(name="De festa", parent_id=above.pk)
        return found.pk


@pytest.mark.parametrize("seed", range(6))
def test_a_table_writes_what_the_single_services_write(seed: int) -> None:
    draw = Draw(seed)
    later = NOW.replace(year=NOW.year + 1)
    with undone():
        for call in draw.calls:
            call(later)
        one_by_one = whole_catalogue()

    take_in(*draw.rows, now=later)

    at_once = whole_catalogue()
    for part, rows in one_by_one.items():
        assert at_once[part] == rows, part


def test_the_same_table_again_changes_nothing() -> None:
    rows = [new("Pão", variant="Grande", options=OPTIONS[1]), new("Pão", variant="Pequeno"), new("Bolo", shown=False)]
    take_in(*rows)
    before = whole_catalogue()

    assert [what for what, *_rest in preview(*rows)] == ["same"] * 3
    take_in(*rows, now=NOW.replace(year=2030))

    assert whole_catalogue() == before


def test_a_preview_says_field_by_field_what_changes_and_writes_nothing() -> None:
    take_in(new("Pão", sku="PAO"), new("Bolo", sku="BOLO"))
    before = whole_catalogue()

    found = preview(
        ProductRow(sku="PAO", name="Pão francês", price=Decimal("6.50"), category=("Pães",), shown=False),
        ProductRow(sku="BOLO"),
        new("Sonho"),
    )

    assert found == [
        (
            "changed",
            None,
            {
                "name": ["Pão", "Pão francês"],
                "category": ["Padaria", "Pães"],
                "shown": [True, False],
                "price": ["5.00", "6.50"],
            },
        ),
        ("same", None, {}),
        ("new", None, {}),
    ]
    assert whole_catalogue() == before


def test_a_price_list_with_nothing_but_skus_and_prices() -> None:
    take_in(new("Pão", sku="PAO", description="Quentinho", options=OPTIONS[0]))

    take_in(ProductRow(sku="PAO", price=Decimal("7.00")))

    variant = Variant.objects.select_related("product").get(sku="PAO")
    assert (variant.price, variant.product.description, variant.options) == (
        Decimal("7.00"), "Quentinho", list(OPTIONS[0]),
    )  # fmt: skip


def test_a_row_without_a_sku_finds_the_variant_by_its_names() -> None:
    take_in(new("Pão de queijo", variant="Grande"), new("Pão de queijo", variant="Pequeno"), new("Sonho"))

    take_in(
        ProductRow(name="PAO DE QUEIJO", variant="grande", price=Decimal("9.00")),
        ProductRow(name="sonho", price=Decimal("8.00")),
    )

    prices = dict(Variant.objects.values_list("sku", "price"))
    assert prices == {
        "PAO-DE-QUEIJO-GRANDE": Decimal("9.00"),
        "PAO-DE-QUEIJO-PEQUENO": Decimal("5.00"),
        "SONHO": Decimal("8.00"),
    }


def problems(*rows: ProductRow) -> list[str | None]:
    return [problem for _what, problem, _changes in preview(*rows)]


def test_rows_that_cannot_be_are_wrong_for_a_reason() -> None:
    take_in(new("Pão", sku="PAO"), new("Bolo", sku="BOLO-P", variant="P"), new("Bolo", sku="BOLO-G", variant="G"))
    factories.variant(sku="CORTE", product=factories.product(name="Corte", kind="service"))
    archived = factories.variant(sku="VELHO", product=factories.product(name="Velho", status="archived"))
    for _twice in range(2):
        factories.variant(product=factories.product(name="Duplo"))
    shelf = Category.objects.get(name="Padaria")
    catalog.create_category(name="Iguais")
    catalog.create_category(name="Iguais", parent_id=shelf.pk)
    other = catalog.create_category(name="Outra")
    catalog.create_category(name="Gêmeas", parent_id=shelf.pk)
    catalog.create_category(name="Gêmeas", parent_id=other.pk)

    assert problems(ProductRow(name="Duplo", price=Decimal(1))) == ["several_products"]
    assert problems(ProductRow(name="Bolo", price=Decimal(1))) == ["several_variants"]
    assert problems(ProductRow(sku="CORTE", price=Decimal(1))) == ["is_service"]
    assert problems(ProductRow(sku="NADA", price=Decimal(1))) == ["unknown_sku"]
    assert problems(new("Novo", price=None)) == ["price_missing"]
    assert problems(new("Novo", category=None)) == ["category_missing"]
    assert problems(new("Novo", category=("Gêmeas",))) == ["category_unclear"]
    assert problems(new("Novo", category=("Iguais",))) == [None]  # the one of the first rank is meant
    assert problems(new("A", sku="X"), new("B", sku="X")) == [None, "sku_twice"]
    assert problems(ProductRow(sku="PAO"), ProductRow(name="Pão")) == [None, "row_twice"]
    assert problems(new("A", variant="x"), new("A", variant="X")) == [None, "row_twice"]
    assert problems(ProductRow(sku="PAO", unit="g", price_per=1000)) == ["unit_fixed"]
    assert problems(ProductRow(sku="PAO", unit="piece", price_per=1)) == [None]
    assert problems(new("A", variant="x"), new("a", variant="y")) == [None, "name_differs"]
    assert problems(new("A", description="x"), new("A", variant="y", description="z")) == [None, "description_differs"]
    assert problems(new("A"), new("A", variant="y", category=("Outra",))) == [None, "category_differs"]
    assert problems(new("A", shown=True), new("A", variant="y", shown=False)) == [None, "shown_differs"]
    assert problems(ProductRow(sku=archived.sku, shown=True)) == ["archived"]
    assert problems(new("A", barcode=BARS), new("B", barcode=BARS)) == [None, "barcode_twice"]
    factories.variant(sku="BARRAS", barcode=BARS)
    assert problems(new("A", barcode=BARS)) == ["barcode_taken"]
    assert problems(ProductRow(sku="PAO", barcode=BARS)) == ["barcode_taken"]
    assert problems(ProductRow(sku="BARRAS", barcode=BARS)) == [None]
    assert problems(new("A", is_active=False)) == ["nothing_to_sell"]
    assert problems(new("A", is_active=False, shown=False)) == [None]


def test_a_name_filled_down_by_mistake_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.services.bulk.verdicts.MOST_VARIANTS", 2)

    assert problems(*(new("A", variant=f"{one}") for one in range(3))) == [None, None, "too_many_variants"]


def test_a_value_is_judged_by_what_judges_a_form() -> None:
    with pytest.raises(Malformed) as refused:
        bulk.judged(
            row=ProductRow(
                sku="a b",
                barcode="7891000100104",
                name="x" * 200,
                variant="y" * 200,
                price=Decimal("1.005"),
                unit="kg",
                description="\u202e",
            )
        )

    assert [error.pointer for error in refused.value.errors] == [
        "/name", "/description", "/variant", "/sku", "/price", "/unit", "/barcode",
    ]  # fmt: skip


def test_every_row_has_a_value_for_every_column() -> None:
    assert set(bulk.judged(row=ProductRow())) == {*asdict(ProductRow()), "name_key"}


def test_the_number_of_statements_does_not_depend_on_the_number_of_rows() -> None:
    counts = []
    for number in (2, 60):
        take_in(*(new(f"Velho {number} {one}", sku=f"V-{number}-{one}") for one in range(number)))
        changed = [ProductRow(sku=f"V-{number}-{one}", price=Decimal(7)) for one in range(number)]
        fresh = [new(f"Novo {number} {one}", category=(f"Nova {number}", f"{one}")) for one in range(number)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            take_in(*changed, *fresh)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_rows_do_not_each_look_through_the_whole_catalogue() -> None:
    number = 200
    take_in(*(new(f"Velho {one}", sku=f"V-{one}") for one in range(number)))
    changed = [ProductRow(sku=f"V-{one}", price=Decimal(7)) for one in range(number)]

    before = variants_read()
    preview(*changed)

    assert variants_read() - before < 20 * number


def variants_read() -> int:
    [[read]] = sql.rows("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'catalog_variant'", {})
    return int(read)
