"""Products and variants: what may be written, what is refused, and that a refusal changes nothing."""

from collections.abc import Callable
from decimal import Decimal
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from hypothesis import given
from hypothesis import strategies as st

from catalog import lifecycle, selectors
from catalog import services as catalog
from catalog.errors import NotForSale, NothingToSell, SkuTaken, SlugTaken, UnknownSku
from catalog.models import Category, Product, ProductChange, ProductImage, Variant
from catalog.services import ProductSheet, VariantSheet
from catalog.tests import factories
from catalog.tests.factories import NOW, OWNER, add_variant, change_variant
from common.errors import InvalidTransition, Malformed, NotFound, Refusal
from common.testing import race, statements
from common.text import search_key

pytestmark = pytest.mark.django_db

BY: dict[str, Any] = {"actor": OWNER, "now": NOW}


def sheet(name: str = "Bolo de cenoura", **values: Any) -> ProductSheet:
    shelf, _made = Category.objects.get_or_create(slug="shelf", defaults={"name": "Shelf"})
    return ProductSheet(name=name, category_id=shelf.pk, **values)


def variant(sku: str = "BOLO", price: str = "30.00", **values: Any) -> VariantSheet:
    return VariantSheet(sku=sku, price=Decimal(price), **values)


def made(name: str = "Bolo de cenoura", *variants: VariantSheet, **options: Any) -> Product:
    return catalog.create_product(sheet=sheet(name), variants=variants or [variant()], **options, **BY)


def everything() -> list[Any]:
    tables = (Category, Product, Variant, ProductImage, ProductChange)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def refused(work: Callable[[], Any], refusal: type[Refusal]) -> Refusal:
    before = everything()
    with pytest.raises(refusal) as caught:
        work()
    assert everything() == before
    return caught.value


def changes() -> list[tuple[str, str, str, str]]:
    return list(ProductChange.objects.order_by("pk").values_list("sku", "key", "old", "new"))


def test_a_product_is_written_down_with_its_variants() -> None:
    options = [{"name": " Tamanho ", "value": "M"}]
    product = made(
        "  Bolo  de Cenoura ",
        variant("BOLO-M", "30", name=" Médio ", options=options),
        variant("BOLO-G", "45.50", is_active=False),
    )
    assert (product.name, product.slug, product.status, product.kind) == (
        "Bolo de Cenoura",
        "bolo-de-cenoura",
        "draft",
        "goods",
    )
    rows = Variant.objects.order_by("position").values_list("sku", "name", "price", "options", "is_active", "position")
    assert list(rows) == [
        ("BOLO-M", "Médio", Decimal("30.00"), [{"name": "Tamanho", "value": "M"}], True, 0),
        ("BOLO-G", "", Decimal("45.50"), [], False, 1),
    ]
    product.refresh_from_db()
    assert product.search_key == "bolo de cenoura\nbolo-m medio m bolo-g"
    assert (product.created_at, product.updated_at) == (NOW, NOW)
    assert changes()[0] == ("", "product", "", "Bolo de Cenoura")
    assert ("BOLO-G", "price", "", "45.50") in changes()


def test_names_alike_get_slugs_apart() -> None:
    assert [made("Pão", variant(f"P{n}")).slug for n in range(3)] == ["pao", "pao-2", "pao-3"]
    assert made("???", variant("Q")).slug == "item"


@pytest.mark.parametrize(
    ("product", "offered", "pointers"),
    [
        ({"name": "  "}, {}, ["/name"]),
        ({"name": "a" * 161}, {}, ["/name"]),
        ({"name": "a\u202eb"}, {}, ["/name"]),
        ({"name": "Bolo", "description": "a\x00b"}, {}, ["/description"]),
        ({"name": "Bolo", "slug": "não pode"}, {}, ["/slug"]),
        ({"name": "Bolo", "pickup_lead_minutes": -1}, {}, ["/pickup_lead_minutes"]),
        ({"name": "Bolo"}, {"sku": "a b"}, ["/sku"]),
        ({"name": "Bolo"}, {"sku": "BOLO\n"}, ["/sku"]),
        ({"name": "Bolo"}, {"sku": "x" * 65}, ["/sku"]),
        ({"name": "Bolo"}, {"price": "-0.01"}, ["/price"]),
        ({"name": "Bolo"}, {"price": "100000000"}, ["/price"]),
        ({"name": "Bolo"}, {"price": "1.999"}, ["/price"]),
        ({"name": "Bolo"}, {"price": "NaN"}, ["/price"]),
        ({"name": "Bolo"}, {"price": "Infinity"}, ["/price"]),
        ({"name": "Bolo"}, {"position": -1}, ["/position"]),
        ({"name": "Bolo"}, {"options": [{"name": "", "value": "M"}]}, ["/options"]),
        ({"name": "Bolo"}, {"options": [{"name": "Cor", "value": "a" * 61}]}, ["/options"]),
        ({"name": "Bolo"}, {"options": [{"name": "Cor", "value": "a"}, {"name": "COR", "value": "b"}]}, ["/options"]),
        ({"name": "Bolo"}, {"options": [{"name": f"n{n}", "value": "v"} for n in range(7)]}, ["/options"]),
    ],
)
def test_what_cannot_be_is_named_and_changes_nothing(
    product: dict[str, Any], offered: dict[str, Any], pointers: list[str]
) -> None:
    shelf = factories.category().pk
    refusal = refused(
        lambda: catalog.create_product(
            sheet=ProductSheet(category_id=shelf, **product), variants=[variant(**offered)], **BY
        ),
        Malformed,
    )
    assert isinstance(refusal, Malformed)
    assert [error.pointer for error in refusal.errors] == pointers


def test_refusals_of_a_new_product() -> None:
    made(published=True)
    assert refused(lambda: made("Torta"), SkuTaken).data == {"sku": "BOLO"}
    assert refused(lambda: made("Torta", variant("T"), variant("T")), SkuTaken).data == {"sku": "T"}
    taken = sheet("Torta", slug="bolo-de-cenoura")
    told = refused(lambda: catalog.create_product(sheet=taken, variants=[variant("T")], **BY), SlugTaken)
    assert told.data == {"slug": "bolo-de-cenoura"}
    nowhere = ProductSheet(name="Torta", category_id=0)
    refused(lambda: catalog.create_product(sheet=nowhere, variants=[variant("T")], **BY), NotFound)
    off_sale = variant("T", is_active=False)
    refused(lambda: made("Torta", off_sale, published=True), NothingToSell)


def test_a_product_is_changed_with_its_variants() -> None:
    product = made("Bolo", variant("A", "10.00"), variant("B", "20.00"))
    before = len(changes())
    first = Variant.objects.get(sku="A")
    shelf = factories.category(slug="festas")
    catalog.change_product(
        product_id=product.pk,
        sheet=ProductSheet(name="Bolo de festa", category_id=shelf.pk, description="Grande.", pickup_lead_minutes=60),
        variants=[variant("A-NOVO", "12.00", pk=first.pk), variant("C", "30.00")],
        **BY,
    )
    product.refresh_from_db()
    assert (product.slug, product.category_id, product.pickup_lead_minutes) == ("bolo", shelf.pk, 60)
    assert product.search_key == "bolo de festa\ngrande. a-novo b c"
    rows = Variant.objects.order_by("pk").values_list("sku", "price", "position")
    assert list(rows) == [("A-NOVO", Decimal("12.00"), 0), ("B", Decimal("20.00"), 1), ("C", Decimal("30.00"), 2)]
    assert [row[1:] for row in changes()[before:]] == [
        ("name", "Bolo", "Bolo de festa"),
        ("description", "", "Grande."),
        ("pickup_lead_minutes", "", "60"),
        ("category", "shelf", "festas"),
        ("sku", "A", "A-NOVO"),
        ("price", "10.00", "12.00"),
        ("sku", "", "C"),
        ("price", "", "30.00"),
    ]


def test_refusals_of_a_change() -> None:
    product = made("Bolo", variant("A"))
    other = made("Torta", variant("B"))
    stranger = Variant.objects.get(sku="B")
    kept = ProductSheet(name="Bolo", category_id=product.category_id)

    def change(sheet: ProductSheet = kept, *variants: VariantSheet, pk: int = product.pk) -> Any:
        return catalog.change_product(product_id=pk, sheet=sheet, variants=variants, **BY)

    refused(lambda: change(pk=0), NotFound)
    refused(lambda: change(ProductSheet(name="Bolo", category_id=0)), NotFound)
    refused(lambda: change(kept, variant("B2", pk=stranger.pk)), NotFound)
    refused(lambda: change(kept, variant("B")), SkuTaken)
    taken = ProductSheet(name="Bolo", category_id=product.category_id, slug=other.slug)
    refused(lambda: change(taken), SlugTaken)


def test_nothing_changed_is_nothing_written_down() -> None:
    product = made("Bolo", variant("A"))
    before = len(changes())
    row = Variant.objects.get()
    same = ProductSheet(name="Bolo", category_id=product.category_id)
    catalog.change_product(product_id=product.pk, sheet=same, variants=[variant("A", "30.0", pk=row.pk)], **BY)
    assert len(changes()) == before


def test_one_variant_at_a_time() -> None:
    product = made("Bolo", variant("A"))
    added = add_variant(product_id=product.pk, sheet=variant("B", "5.00", name="Família"), **BY)
    assert (added.sku, added.position) == ("B", 1)
    changed = change_variant(sku="B", sheet=variant("B-2", "6.00", is_active=False), **BY)
    assert (changed.pk, changed.sku, changed.is_active, changed.position) == (added.pk, "B-2", False, 1)
    assert change_variant(sku="B-2", sheet=variant("B-2", "7.5", is_active=False), **BY).price == Decimal("7.50")
    product.refresh_from_db()
    assert product.search_key == "bolo\na b-2"
    assert changes()[-1] == ("B-2", "price", "6.00", "7.50")
    refused(
        lambda: catalog.change_product(
            product_id=0, sheet=ProductSheet(name="Bolo", category_id=product.category_id), **BY
        ),
        NotFound,
    )
    refused(lambda: add_variant(product_id=product.pk, sheet=variant("A"), **BY), SkuTaken)
    refused(lambda: change_variant(sku="B-2", sheet=variant("A"), **BY), SkuTaken)
    refused(lambda: change_variant(sku="B-2", sheet=variant("B-2", "-1"), **BY), Malformed)


def test_skus_are_told_apart_by_case() -> None:
    product = made("Bolo", variant("a"))
    assert add_variant(product_id=product.pk, sheet=variant("A"), **BY).sku == "A"


VERBS = {
    "publish": catalog.publish,
    "hide": catalog.hide,
    "archive": catalog.archive,
    "unarchive": catalog.unarchive,
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", ["draft", "published", "archived"])
def test_what_may_become_of_a_product(verb: str, status: str) -> None:
    product = made()
    Product.objects.filter(pk=product.pk).update(status=status)
    after = lifecycle.after(verb=verb, status=status)
    if after is None:
        told = refused(lambda: VERBS[verb](product_id=product.pk, **BY), InvalidTransition)
        assert told.data == {"from": status, "allowed": lifecycle.open_verbs(status=status)}
        return
    before = len(changes())
    assert VERBS[verb](product_id=product.pk, **BY).status == after
    assert Product.objects.get().status == after
    assert changes()[before:] == ([("", "status", status, after)] if after != status else [])


def test_publishing_needs_something_to_sell() -> None:
    product = made("Bolo", variant("A", is_active=False))
    refused(lambda: catalog.publish(product_id=product.pk, **BY), NothingToSell)
    refused(lambda: catalog.publish(product_id=0, **BY), NotFound)


@pytest.mark.fault("A7")
def test_an_archived_product_is_not_for_sale_and_comes_back() -> None:
    product = made(published=True)
    assert selectors.offers_for_sale(skus=["BOLO"])[0].price == Decimal("30.00")
    catalog.archive(product_id=product.pk, **BY)
    with pytest.raises(NotForSale):
        selectors.offers_for_sale(skus=["BOLO"])
    catalog.unarchive(product_id=product.pk, **BY)
    catalog.publish(product_id=product.pk, **BY)
    assert selectors.offers_for_sale(skus=["BOLO"])[0].for_sale
    with pytest.raises(UnknownSku):
        selectors.offers_for_sale(skus=["NADA"])


@pytest.mark.fault("A8")
def test_nothing_is_deleted_in_a_cascade() -> None:
    product = made()
    with pytest.raises(ProtectedError):
        product.delete()
    with pytest.raises(ProtectedError):
        product.category.delete()
    assert (Product.objects.count(), Variant.objects.count()) == (1, 1)


def test_what_was_written_down_stays_written_down() -> None:
    made()
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in (
        "UPDATE catalog_productchange SET new = ''",
        "DELETE FROM catalog_productchange",
        "TRUNCATE catalog_productchange",
    ):
        with pytest.raises(DatabaseError, match="may not be changed"), transaction.atomic():
            connection.cursor().execute(statement)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"price": Decimal("-0.01")}, "variant_price_bounds"),
        ({"price": Decimal(100000000)}, "variant_price_bounds"),
        ({"sku": "a b"}, "variant_sku_form"),
        ({"sku": "a\n"}, "variant_sku_form"),
        ({"options": {"Cor": "Azul"}}, "variant_options_list"),
        ({"price": None}, "not-null"),
    ],
)
def test_the_database_refuses_impossible_variants(values: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        factories.variant(**values)


def test_the_database_refuses_a_price_that_is_no_number() -> None:
    row = factories.variant()
    with pytest.raises(IntegrityError, match="variant_price_bounds"), transaction.atomic():
        connection.cursor().execute("UPDATE catalog_variant SET price = 'NaN' WHERE id = %s", [row.pk])


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"kind": "food"}, "product_kind_known"),
        ({"status": "gone"}, "product_status_known"),
        ({"name": ""}, "product_slug_and_name_given"),
        ({"slug": ""}, "product_slug_and_name_given"),
        ({"pickup_lead_minutes": 525_601}, "product_lead_bounds"),
        ({"deposit_percent": 101}, "product_deposit_bounds"),
        ({"deposit_percent": 30, "deposit_amount": "5.00"}, "product_deposit_one_way"),
        ({"deposit_amount": "-0.01"}, "product_deposit_one_way"),
        ({"kind": "service", "deposit_percent": 30}, "product_deposit_of_goods"),
    ],
)
def test_the_database_refuses_impossible_products(values: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        factories.product(**values)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_of_many_writers_of_one_sku_one_wins() -> None:
    shelf = factories.category().pk
    results = race(
        workers=8,
        work=lambda number: catalog.create_product(
            sheet=ProductSheet(name=f"Bolo {number}", category_id=shelf), variants=[variant("SAME")], **BY
        ),
    )
    assert sorted(type(result).__name__ for result in results) == ["Product"] + ["SkuTaken"] * 7
    assert (Product.objects.count(), Variant.objects.count()) == (1, 1)


def test_seeding_costs_the_same_for_each_product() -> None:
    shelf = factories.category().pk
    costs = []
    for number in range(3):
        given = [variant(f"S-{number}-{place}") for place in range(3)]
        with statements() as ran:
            catalog.create_product(
                sheet=ProductSheet(name=f"P {number}", category_id=shelf), variants=given, published=True, **BY
            )
        costs.append(len(ran))
    assert costs == [costs[0]] * 3


def test_an_operator_without_the_extension_for_fast_search_gets_a_shop_all_the_same() -> None:
    trigrams = import_module("catalog.migrations.0002_changes_and_search").TRIGRAMS
    role = f"clerk_{uuid4().hex}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('product_search_trigrams') IS NOT NULL")
        assert cursor.fetchone() == (True,)
        cursor.execute(f"DROP INDEX product_search_trigrams; DROP EXTENSION pg_trgm CASCADE; CREATE ROLE {role}")
        cursor.execute(f"SET LOCAL ROLE {role}")
        cursor.execute(trigrams)
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT to_regclass('product_search_trigrams')")
        assert cursor.fetchone() == (None,)
    made("Pão de queijo")
    assert Product.objects.filter(search_key__contains="queijo").count() == 1


@given(st.text(max_size=80), st.randoms(use_true_random=False))
def test_every_word_of_a_text_is_found_in_its_key_in_any_order_and_case(text: str, chance: Any) -> None:
    key = search_key(text)
    words = text.split()
    chance.shuffle(words)
    typed = " ".join(chance.choice([word, word.casefold(), search_key(word)]) for word in words)
    assert all(word in key for word in search_key(typed).split())
    assert search_key(key) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Pão de Queijo", "pao de queijo"),
        ("  AÇÚCAR\t Mascavo\n", "acucar mascavo"),
        ("Straße", "strasse"),
        ("ﬁgo ½", "figo 1⁄2"),
        ("pa\u0303o", "pao"),
    ],
)
def test_keys(text: str, key: str) -> None:
    assert search_key(text) == key


def test_a_category_is_made_with_what_stands_in_it() -> None:
    def stands_in(name: str, sku: str) -> Category:
        asked = ProductSheet(name=sku, category_id=None, new_category=name)
        return catalog.create_product(sheet=asked, variants=[variant(sku)], **BY).category

    breads = stands_in("  Pães  e   roscas ", "A")
    assert (breads.name, breads.slug, breads.parent) == ("Pães e roscas", "paes-e-roscas", None)
    assert stands_in("PÃES E ROSCAS", "B") == breads
    below = catalog.create_category(name="Doces", parent_id=breads.pk)
    assert stands_in("doces", "C") == below
    above = catalog.create_category(name="Doces")
    assert stands_in("Doces", "D") == above, "the highest of two"
    assert Category.objects.count() == 3


def test_a_category_is_not_made_for_what_cannot_be() -> None:
    for name, refusal in (("", Malformed), ("x" * 81, Malformed), ("a\u0000b", Malformed)):
        asked = ProductSheet(name="Torta", category_id=None, new_category=name)
        told = refused(lambda asked=asked: catalog.create_product(sheet=asked, **BY), refusal)  # type: ignore[misc]
        assert isinstance(told, Malformed)
        assert [error.pointer for error in told.errors] == ["/category"]
    asked = ProductSheet(name="Torta", category_id=None, new_category="Tortas")
    refused(lambda: catalog.create_product(sheet=asked, published=True, **BY), NothingToSell)


def test_a_product_moves_to_a_category_that_is_made_for_it() -> None:
    product = made()
    moved = ProductSheet(name=product.name, category_id=None, new_category="Tortas")
    assert catalog.change_product(product_id=product.pk, sheet=moved, **BY).category.slug == "tortas"
    assert changes()[-1] == ("", "category", "shelf", "tortas")
