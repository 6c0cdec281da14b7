"""The desk's lists of the catalogue: products, categories and changes, their buttons, and who may use them."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.tests.desk import at_desk, messages_of, text_of
from catalog import services as catalog
from catalog.models import Category, Product, ProductChange, Variant
from catalog.services import VariantSheet
from catalog.tests import factories
from catalog.tests.desk import PRODUCTS, change, kept, made, owner, shelf
from catalog.tests.factories import NOW, OWNER, change_variant, picture_file
from common.testing import statements

__all__ = ["owner"]

pytestmark = pytest.mark.django_db


BUTTONS = {"publish_this": "published", "hide_this": "draft", "archive_this": "archived", "unarchive_this": "draft"}

OPEN = {
    "draft": ["publish_this", "archive_this"],
    "published": ["hide_this", "archive_this"],
    "archived": ["unarchive_this"],
}


@pytest.mark.parametrize("status", OPEN)
def test_the_buttons_of_a_product_are_those_that_lead_somewhere(owner: Client, status: str) -> None:
    product = made("Bolo", "BOLO")
    Product.objects.filter(pk=product.pk).update(status=status)
    page = text_of(owner.get(change(product)))
    assert [name for name in BUTTONS if f'name="catalog_product_{name}"' in page] == OPEN[status]
    for name, after in BUTTONS.items():
        Product.objects.filter(pk=product.pk).update(status=status)
        owner.post(change(product), kept(product, name="Bolo novo", **{f"catalog_product_{name}": "1"}))
        product.refresh_from_db()
        expected = after if name in OPEN[status] else status
        assert (product.name, product.status) == ("Bolo novo", expected), name


def test_several_products_are_shown_hidden_and_archived_together(owner: Client) -> None:
    products = [made("Bolo", "A"), made("Torta", "B"), made("Sonho", "C", published=False)]
    Variant.objects.filter(sku="C").update(is_active=False)
    chosen = [str(product.pk) for product in products]

    def act(verb: str) -> Any:
        return owner.post(reverse(PRODUCTS), {"action": verb, "_selected_action": chosen}, follow=True)

    answer = act("publish")
    assert len(messages_of(answer)) == 2
    for verb, status in (("hide", "draft"), ("archive", "archived"), ("unarchive", "draft")):
        act(verb)
        assert set(Product.objects.values_list("status", flat=True)) == {status}
    assert "delete_selected" not in text_of(owner.get(reverse(PRODUCTS)))


def test_no_product_can_be_deleted(owner: Client) -> None:
    product = made()
    answer = owner.post(reverse("admin:catalog_product_delete", args=[product.pk]), {"post": "yes"})
    assert (answer.status_code, Product.objects.count()) == (403, 1)


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_of_products_costs_the_same_however_long(owner: Client, rows: int) -> None:
    picture = catalog.prepare_picture(content=picture_file())
    for number in range(rows):
        product = made(f"Bolo {number}", f"B-{number}", f"B-{number}-G")
        catalog.add_image(product_id=product.pk, picture=picture, actor=OWNER, now=NOW)
    owner.get(reverse(PRODUCTS))
    with statements() as ran:
        page = text_of(owner.get(reverse(PRODUCTS)))
    assert (page.count("R$ 10,00"), len([sql for sql in ran if "catalog_" in sql])) == (rows, 3)


@pytest.mark.parametrize("rows", [1, 12])
def test_a_products_page_costs_the_same_however_much_there_is(owner: Client, rows: int) -> None:
    product = made("Bolo", *(f"B-{number}" for number in range(rows)))
    owner.get(change(product))
    with statements() as ran:
        assert owner.get(change(product)).status_code == 200
    assert len([sql for sql in ran if "catalog_" in sql]) == 6  # the prices stand on the first tab, too


def test_products_are_found_by_words_and_shelf(owner: Client) -> None:
    made("Pão de queijo", "QUEIJO")
    below = catalog.create_category(name="Doces", parent_id=shelf().pk)
    sweet = factories.product(name="Sonho", category=below)
    barber = factories.product(name="Pomada")

    def found(query: str) -> list[str]:
        answer = owner.get(f"{reverse(PRODUCTS)}?{query}")
        return [product.name for product in answer.context["cl"].result_list]

    assert found("q=queijo+PAO") == ["Pão de queijo"]
    assert found("q=%25") == []
    assert found(f"category={shelf().pk}") == ["Pão de queijo", "Sonho"]
    assert found(f"category={sweet.category_id}") == ["Sonho"]
    assert found(f"category={barber.category_id}") == ["Pomada"]
    assert found("category=0") == []
    assert len(found("category=x")) == 3


def test_categories_are_put_up_moved_and_taken_down(owner: Client) -> None:
    page = {"name": "Padaria", "above": "", "position": "", "slug": ""}
    owner.post(reverse("admin:catalog_category_add"), page)
    bakery = Category.objects.get()
    owner.post(reverse("admin:catalog_category_add"), page | {"name": "Pães", "above": str(bakery.pk)})
    breads = Category.objects.get(slug="paes")
    assert (bakery.slug, breads.parent_id, breads.position) == ("padaria", bakery.pk, 0)
    url = reverse("admin:catalog_category_change", args=[bakery.pk])
    answer = owner.post(url, page | {"name": "Padaria", "above": str(breads.pk), "position": "0"})
    assert (answer.status_code, list(answer.context["adminform"].form.errors)) == (200, ["above"])
    owner.post(url, page | {"name": "Forno", "position": "2", "slug": "forno"})
    bakery.refresh_from_db()
    assert (bakery.name, bakery.slug, bakery.position) == ("Forno", "forno", 2)
    remove = reverse("admin:catalog_category_delete", args=[breads.pk])
    product = factories.product(category=breads)
    owner.post(remove, {"post": "yes"}, follow=True)
    assert Category.objects.filter(pk=breads.pk).exists()
    Product.objects.filter(pk=product.pk).update(category=bakery)
    owner.post(remove, {"post": "yes"})
    assert not Category.objects.filter(pk=breads.pk).exists()


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_of_categories_stands_in_the_order_of_the_tree(owner: Client, rows: int) -> None:
    bakery = catalog.create_category(name="Padaria", position=9)
    for number in range(rows):
        catalog.create_category(name=f"Doces {number:02}", parent_id=bakery.pk)
    catalog.create_category(name="Barbearia", position=1)
    factories.product(category=bakery)
    with statements() as ran:
        answer = owner.get(reverse("admin:catalog_category_changelist"))
    paths = [row.path_text for row in answer.context["cl"].result_list]
    assert paths[:3] == ["Barbearia", "Padaria", "Padaria › Doces 00"]
    assert (len(paths), len([sql for sql in ran if "catalog_" in sql])) == (rows + 2, 3)


@pytest.mark.parametrize("rows", [1, 20])
def test_the_changes_of_a_product_can_be_read_and_not_rewritten(owner: Client, rows: int) -> None:
    product, other = made("Bolo", "BOLO"), made("Torta", "TORTA")
    for number in range(rows):
        change_variant(sku="BOLO", sheet=VariantSheet(sku="BOLO", price=Decimal(11 + number)), actor=OWNER, now=NOW)
    answer = owner.get(reverse("admin:catalog_product_history", args=[product.pk]))
    changes = reverse("admin:catalog_productchange_changelist")
    assert (answer.status_code, answer.context["noted"]) == (200, f"{changes}?product__id__exact={product.pk}")
    with statements() as ran:
        page = owner.get(f"{changes}?product__id__exact={product.pk}")
    text = text_of(page)
    assert ("R$ 11,00" in text, "TORTA" in text) == (True, False)
    assert len([sql for sql in ran if "catalog_" in sql]) == 2
    first = ProductChange.objects.filter(product=other).first()
    assert first is not None
    url = reverse("admin:catalog_productchange_change", args=[first.pk])
    assert owner.get(url).context["subtitle"] == "Torta · situação"
    assert owner.post(url, {"new": "x"}).status_code == 403


def test_the_counter_reads_and_does_not_write(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    product = made()
    counter = at_desk(role="counter")
    assert counter.get(reverse(PRODUCTS)).status_code == 200
    page = text_of(counter.get(change(product)))
    assert [name for name in BUTTONS if f'name="catalog_product_{name}"' in page] == []
    assert counter.post(change(product), kept(product, name="Outro")).status_code == 403
    assert counter.get(reverse("admin:catalog_product_add")).status_code == 403
    counter.post(reverse(PRODUCTS), {"action": "archive", "_selected_action": [str(product.pk)]})
    product.refresh_from_db()
    assert (product.name, product.status) == ("Bolo", "published")


@pytest.mark.fault("E13")
def test_a_name_is_text_and_never_a_page(owner: Client) -> None:
    made("<script>alert(1)</script>", "XSS")
    for url in (reverse(PRODUCTS), change(Product.objects.get())):
        text = text_of(owner.get(url))
        assert "<script>alert(1)</script>" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
