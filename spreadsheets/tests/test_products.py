"""Products from a spreadsheet: previewed field by field, then all of them or none."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Category, Product, ProductChange, Variant
from catalog.services import VariantSheet
from catalog.tests.factories import NOW, OWNER, change_variant
from common import sql
from common.errors import NotFound
from common.testing import Lines
from inventory import services as inventory
from inventory.models import StockItem, StockMovement
from spreadsheets import exports, services
from spreadsheets.errors import ChangedMeanwhile, NotReady
from spreadsheets.models import Import, ImportRow
from spreadsheets.services import taking

pytestmark = pytest.mark.django_db
HEADINGS = "Produto;Categoria;Variação;SKU;Preço;Vendido por;Opções;Descrição;Na loja;À venda;Somar ao estoque;Contagem do estoque"


def brought(*lines: str, headings: str = HEADINGS, language: str = "pt-br") -> Import:
    """Return a preview of a file with these rows."""
    content = "\r\n".join([headings, *lines]).encode("cp1252")
    run = services.begin(
        kind="products",
        name="C:\\fakepath\\lista de junho.csv",
        content=content,
        language=language,
        actor=OWNER,
        now=NOW,
    )
    return services.prepare(public_id=run.public_id, now=NOW)


def taken(run: Import) -> Import:
    services.confirm(public_id=run.public_id, seal=run.seal)
    return services.take_in(public_id=run.public_id, now=NOW)


def rows(run: Import) -> list[tuple[int, str, Any, Any]]:
    return list(ImportRow.objects.filter(run=run).order_by("number").values_list("number", "what", "changes", "errors"))


def stocked(sku: str = "PAO", *, units: int = 10) -> Variant:
    taken(brought(f"Pão;Padaria;;{sku};1,00;;;;;;{units};"))
    return Variant.objects.get(sku=sku)


def test_a_list_becomes_products_with_variants_prices_and_units() -> None:
    run = brought(
        "Pão de queijo;Padaria > Salgados;Grande;PQ-G;1.234,50;peça;Tamanho: G;Quentinho;sim;sim;40;",
        "Pão de queijo;Padaria > Salgados;Pequeno;;2.50;;;;;não;;",
        "Queijo minas;Frios;;;59,90;kg;;;não;;;2500",
    )
    assert (run.state, run.fresh, run.wrong, run.name) == ("ready", 3, 0, "lista de junho.csv")
    assert Product.objects.count() == 0

    taken(run)

    assert list(
        Variant.objects.order_by("sku").values_list("sku", "product__name", "price", "unit", "price_per", "is_active")
    ) == [
        ("PAO-DE-QUEIJO-PEQUENO", "Pão de queijo", Decimal("2.50"), "piece", 1, False),
        ("PQ-G", "Pão de queijo", Decimal("1234.50"), "piece", 1, True),
        ("QUEIJO-MINAS", "Queijo minas", Decimal("59.90"), "g", 1000, True),
    ]
    assert Category.objects.get(name="Salgados").parent == Category.objects.get(name="Padaria")
    assert dict(Product.objects.values_list("name", "status")) == {
        "Pão de queijo": "published",
        "Queijo minas": "draft",
    }
    assert list(
        StockMovement.objects.order_by("pk").values_list("kind", "delta", "reason", "actor_kind", "actor_id", "door")
    ) == [
        ("received", 40, "Planilha lista de junho.csv", "staff", "1", "admin"),
        ("counted", 2500, "Planilha lista de junho.csv", "staff", "1", "admin"),
    ]


def test_the_preview_says_what_changes_and_the_same_file_again_changes_nothing() -> None:
    lines = ["Pão;Padaria;;PAO;1,00;;;;sim;;10;", "Bolo;Padaria;;BOLO;5,00;;;;sim;;;3"]
    taken(brought(*lines))

    run = brought(
        "Pão francês;Padaria;;PAO;1,50;;;;não;;5;", "Bolo;Padaria;;BOLO;5,00;;;;sim;;;7", "Sonho;Doces;;;4;;;;;;;"
    )

    assert (run.fresh, run.changed, run.same) == (1, 2, 0)
    assert rows(run) == [
        (
            2,
            "changed",
            [["name", "Pão", "Pão francês"], ["shown", True, False], ["price", "1.00", "1.50"], ["stock_add", 10, 15]],
            [],
        ),
        (3, "changed", [["stock_set", 3, 7]], []),
        (4, "new", [], []),
    ]
    again = brought("Pão;Padaria;;PAO;1,00;;;;sim;;;10", lines[1])
    assert (again.fresh, again.changed, again.same) == (0, 0, 2)
    with pytest.raises(NotReady):
        services.confirm(public_id=again.public_id, seal=again.seal)


def test_every_error_has_its_row_its_column_and_a_sentence_and_nothing_is_taken_in() -> None:
    run = brought(
        "Pão;Padaria;;PAO;1.234;;;;;;;",
        "Bolo;;;;5,00;;;;;;;",
        "Bolo;Padaria;;a b;-5;quilos;sem dois pontos;;talvez;;1,5;",
        ";;;;;;;;;;;",
        ";;;;3,00;;;;;;;",
        "=SOMA(A1);Padaria;;;3,00;;;;;;;",
        "Café;Padaria;;;3,00;;;;;;1;2",
        "Bom;Padaria;;;3,00;;;;;;;",
    )

    assert (run.fresh, run.wrong) == (1, 6)
    found = {number: errors for number, what, _changes, errors in rows(run) if what == "wrong"}
    assert found[2] == [
        ["price", "Isto pode ser dois valores. Escreva com duas casas depois da vírgula, como 1234,00 ou 1,23."]
    ]
    assert found[3] == [["category", "category_missing"]]
    assert [column for column, _text in found[4]] == [
        "sold",
        "price",
        "options",
        "shown",
        "stock_add",
        "sku",
    ] or sorted(column for column, _text in found[4]) == ["options", "price", "shown", "sku", "sold", "stock_add"]
    assert found[6] == [["name", "Escreva o nome do produto ou o SKU."]]
    assert found[7][0] == ["name", "Isto é uma fórmula. Copie a célula e cole só o valor."]
    assert found[8] == [["stock_set", "Escreva o que chegou ou o que foi contado, não os dois."]]
    with pytest.raises(NotReady):
        services.confirm(public_id=run.public_id, seal=run.seal)
    assert Product.objects.count() == 0


def test_a_way_to_a_category_that_is_too_long_or_has_a_gap_is_an_error_of_its_cell() -> None:
    run = brought("Pão;A > B > C > D > E > F > G;;;1,00;;;;;;;", "Bolo;A > ;;;1,00;;;;;;;")

    assert [errors[0][0] for _number, what, _changes, errors in rows(run) if what == "wrong"] == ["category"] * 2


def test_units_are_never_taken_from_what_is_promised() -> None:
    variant = stocked()
    StockItem.objects.filter(variant=variant).update(reserved=4)

    run = brought(";;;PAO;;;;;;;;3")

    assert rows(run)[0][1:] == ("wrong", [["stock_set", 10, 3]], [["stock_set", "below_reserved"]])


def test_a_price_changed_meanwhile_takes_nothing_in_and_is_shown() -> None:
    variant = stocked()
    run = brought(";;;PAO;2,00;;;;;;;", "Bolo;Padaria;;;5,00;;;;;;;")
    services.confirm(public_id=run.public_id, seal=run.seal)
    change_variant(sku="PAO", sheet=VariantSheet(sku="PAO", price=Decimal("1.80")), actor=OWNER, now=NOW)

    again = services.take_in(public_id=run.public_id, now=NOW)

    assert (again.state, again.problem) == (
        "ready",
        "Algo mudou desde esta prévia. Nada entrou; veja-a de novo.",
    )
    assert rows(again)[0] == (2, "changed", [["price", "1.80", "2.00"]], [])
    assert not Product.objects.filter(name="Bolo").exists()
    assert again.seal != run.seal
    with pytest.raises(ChangedMeanwhile):
        services.confirm(public_id=run.public_id, seal=run.seal)
    assert taken(again).state == "done"
    variant.refresh_from_db()
    assert variant.price == Decimal("2.00")


def test_a_sale_meanwhile_matters_to_a_count_and_not_to_what_arrived() -> None:
    stocked("PAO")
    stocked("BOLO")
    Product.objects.filter(variants__sku="BOLO").update(name="Bolo", search_key="bolo\n")
    arrived, counted = brought(";;;PAO;;;;;;;5;"), brought(";;;BOLO;;;;;;;;8")
    for run, sku in ((arrived, "PAO"), (counted, "BOLO")):
        services.confirm(public_id=run.public_id, seal=run.seal)
        inventory.adjust_stock(sku=sku, operation="remove", quantity=1, reason="x", actor=OWNER, now=NOW)

    assert services.take_in(public_id=arrived.public_id, now=NOW).state == "done"
    assert services.take_in(public_id=counted.public_id, now=NOW).state == "ready"

    assert dict(StockItem.objects.values_list("variant__sku", "on_hand")) == {"PAO": 14, "BOLO": 9}


def test_taking_in_twice_does_it_once() -> None:
    run = brought("Pão;Padaria;;PAO;1,00;;;;;;10;")
    taken(run)
    taken(run)

    assert StockItem.objects.get().on_hand == 10
    assert ProductChange.objects.filter(key="product").count() == 1


def test_a_mistake_of_ours_takes_nothing_in_and_leaves_the_preview(
    monkeypatch: pytest.MonkeyPatch, log_lines: Lines
) -> None:
    run = brought("Pão;Padaria;;PAO;1,00;;;;;;10;")
    taker = taking.TAKERS["products"]

    def broken(**said: Any) -> None:
        taker.write(**said)
        sql.execute("UPDATE catalog_variant SET price = -1", {})

    monkeypatch.setitem(taking.TAKERS, "products", replace(taker, write=broken))
    again = taken(run)
    assert (again.state, again.problem) == (
        "ready",
        "Nada entrou: algo deu errado, e o erro não é seu. Está no registro da loja.",
    )
    assert not Product.objects.exists()
    [line] = log_lines.of("spreadsheets.services.taking")
    assert (line["event"], line["spreadsheet"]) == ("spreadsheet_not_taken_in", str(run.public_id))
    monkeypatch.undo()
    assert (taken(again).state, StockItem.objects.get().on_hand) == ("done", 10)


def test_a_file_that_cannot_be_read_is_refused_in_the_owners_language() -> None:
    run = brought("x;y", headings="Foo;Bar")
    assert (run.state, run.problem) == (
        "refused",
        "A primeira linha não tem nenhum título conhecido. Comece pelo modelo; os títulos dele precisam ficar.",
    )
    assert brought("5", headings="Price", language="en").problem.startswith("The column “Product” is missing.")
    assert not ImportRow.objects.exists()


def test_headings_of_either_language_and_what_nobody_knows() -> None:
    run = brought("Bread;Bakery;3.50;later", headings="Product;Category;Price;Remarks", language="en")

    assert (run.fresh, run.wrong, run.ignored) == (1, 0, ["Remarks"])


def test_what_nobody_took_in_is_forgotten_and_what_was_leaves_its_rows_only() -> None:
    kept, left = brought("Pão;Padaria;;;1,00;;;;;;;"), brought("Bolo;Padaria;;;1,00;;;;;;;")
    taken(kept)

    assert services.forget(now=NOW + timedelta(hours=1)) == 0
    assert services.forget(now=NOW + timedelta(days=2)) == 1

    assert list(Import.objects.all()) == [kept]
    assert not ImportRow.objects.exists()
    with pytest.raises(NotFound):
        services.prepare(public_id=left.public_id, now=NOW)


def test_a_discarded_file_is_gone_and_one_taken_in_stays() -> None:
    kept, left = brought("Pão;Padaria;;;1,00;;;;;;;"), brought("Bolo;Padaria;;;1,00;;;;;;;")
    taken(kept)
    for run in (kept, left):
        services.discard(public_id=run.public_id)

    assert list(Import.objects.all()) == [kept]


def test_barcodes_come_go_and_are_refused_beside_their_cell() -> None:
    headings = "Produto;Categoria;SKU;EAN;Preço"
    run = brought(
        "Farinha;Mercearia;FAR;\u00a07891000\u00ad100103;6,00", "Açúcar;Mercearia;ACU;;4,00", headings=headings
    )
    taken(run)
    assert dict(Variant.objects.values_list("sku", "barcode")) == {"FAR": "7891000100103", "ACU": ""}

    run = brought(
        "Farinha;;FAR;7891000100104;", "Açúcar;;ACU;7891000100103;", "Sal;Mercearia;SAL;96385074;2,00",
        "Sal fino;Mercearia;SAL2;96385074;3,00", headings=headings,
    )  # fmt: skip
    told = "Um código de barras tem 8, 12, 13 ou 14 dígitos, e o último confere os outros."
    assert [(what, errors) for _number, what, _changes, errors in rows(run)] == [
        ("wrong", [["barcode", told]]),
        ("wrong", [["barcode", "barcode_taken"]]),
        ("new", []),
        ("wrong", [["barcode", "barcode_twice"]]),
    ]

    run = brought("Farinha;;FAR;;7,00", "Açúcar;;ACU;96385074;", headings=headings)
    assert [changes for _number, _what, changes, _errors in rows(run)] == [
        [["price", "6.00", "7.00"]], [["barcode", "", "96385074"]],
    ]  # fmt: skip
    taken(run)
    assert dict(Variant.objects.values_list("sku", "barcode")) == {"FAR": "7891000100103", "ACU": "96385074"}
    assert ProductChange.objects.filter(key="barcode").values_list("old", "new").get() == ("", "96385074")
    table = list(exports.products())
    assert [row[3:5] for row in table] == [["SKU", "Código de barras"], ["ACU", "96385074"], ["FAR", "7891000100103"]]
