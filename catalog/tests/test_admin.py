"""The desk's pages of the catalogue: what they show, what they save, what they refuse, and what they cost."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backoffice.tests.desk import at_desk, complaints_of, messages_of, text_of
from catalog import services as catalog
from catalog.errors import SkuTaken
from catalog.models import Category, Product, ProductChange, ProductImage, Variant
from catalog.services import ProductSheet, VariantSheet
from catalog.tests import factories
from catalog.tests.factories import NOW, OWNER, picture_file
from common.testing import statements

pytestmark = pytest.mark.django_db

PRODUCTS = "admin:catalog_product_changelist"


@pytest.fixture
def owner(settings: Any, tmp_path: Path) -> Client:
    settings.MEDIA_ROOT = tmp_path / "media"
    return at_desk(role="owner")


def shelf() -> Category:
    return Category.objects.filter(slug="padaria").first() or catalog.create_category(name="Padaria")


def made(name: str = "Bolo", *skus: str, published: bool = True) -> Product:
    variants = [VariantSheet(sku=sku, price=Decimal("10.00")) for sku in skus or (name.upper(),)]
    sheet = ProductSheet(name=name, category_id=shelf().pk)
    return catalog.create_product(sheet=sheet, variants=variants, published=published, actor=OWNER, now=NOW)


def typed(**values: Any) -> dict[str, Any]:
    """What the product's page sends: one variant and no picture, unless told otherwise."""
    page = {
        "name": "Bolo de cenoura",
        "shelf": str(shelf().pk),
        "kind": "goods",
        "description": "Fofo.",
        "pickup_lead_minutes": "",
        "deposit_kind": "none",
        "slug": "",
        "show": "on",
        "variants-TOTAL_FORMS": "1",
        "variants-INITIAL_FORMS": "0",
        "variants-0-sku": "BOLO-M",
        "variants-0-name": "Médio",
        "variants-0-options": "Tamanho: M; Cor: Azul",
        "variants-0-price": "1.234,50",
        "variants-0-is_active": "on",
        "variants-0-position": "",
        "images-TOTAL_FORMS": "0",
        "images-INITIAL_FORMS": "0",
        "_save": "1",
    }
    return page | values


def kept(product: Product, **values: Any) -> dict[str, Any]:
    """What the page of an existing product with one variant sends when nothing is typed."""
    row = product.variants.get()
    return typed(
        **{
            "name": product.name,
            "description": product.description,
            "slug": product.slug,
            "variants-INITIAL_FORMS": "1",
            "variants-0-id": str(row.pk),
            "variants-0-sku": row.sku,
            "variants-0-name": row.name,
            "variants-0-options": "",
            "variants-0-price": "10,00",
            "variants-0-position": "0",
        }
        | values
    )


def change(product: Product) -> str:
    return reverse("admin:catalog_product_change", args=[product.pk])


def upload(content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("../../x.php", content or picture_file(), content_type="text/html")


def test_a_product_is_written_down_with_variant_and_picture(owner: Client) -> None:
    page = {
        "images-TOTAL_FORMS": "1",
        "images-0-upload": upload(),
        "images-0-alt": "Bolo inteiro",
        "images-0-position": "",
    }
    answer = owner.post(reverse("admin:catalog_product_add"), typed(**page), follow=True)
    assert answer.redirect_chain[-1][0] == reverse(PRODUCTS), text_of(answer)
    product = Product.objects.get()
    assert (product.slug, product.status, product.search_key) == (
        "bolo-de-cenoura",
        "published",
        "bolo de cenoura\nfofo. bolo-m medio m azul",
    )
    variant = product.variants.get()
    assert (variant.price, variant.is_active, variant.options) == (
        Decimal("1234.50"),
        True,
        [{"name": "Tamanho", "value": "M"}, {"name": "Cor", "value": "Azul"}],
    )
    image = product.images.get()
    assert (image.alt, image.width, str(image.file.name).endswith(".jpg")) == ("Bolo inteiro", 40, True)
    by = set(ProductChange.objects.values_list("actor_kind", "door"))
    assert by == {("staff", "admin")}


def test_a_product_can_wait_as_a_draft(owner: Client) -> None:
    page = typed()
    del page["show"]
    owner.post(reverse("admin:catalog_product_add"), page)
    assert Product.objects.get().status == "draft"


def test_without_a_variant_for_sale_it_waits_as_a_draft_and_nothing_typed_is_lost(owner: Client) -> None:
    page = typed()
    del page["variants-0-is_active"]
    answer = owner.post(reverse("admin:catalog_product_add"), page, follow=True)
    assert len(messages_of(answer)) == 2
    assert (Product.objects.get().status, Variant.objects.count()) == ("draft", 1)


@pytest.mark.parametrize(
    "values",
    [
        {"name": " "},
        {"name": "a\u202eb"},
        {"shelf": "0"},
        {"kind": "food"},
        {"slug": "a b"},
        {"description": "a\x01b"},
        {"pickup_lead_minutes": "-1"},
        {"variants-0-sku": "a b"},
        {"variants-0-price": ""},
        {"variants-0-price": "1,234.56"},
        {"variants-0-price": "1.234"},
        {"variants-0-price": "-1"},
        {"variants-0-price": "999.999.999,00"},
        {"variants-0-options": "Tamanho"},
        {"variants-0-options": "Cor: a; cor: b"},
        {"variants-0-options": ": M"},
        {"variants-0-position": "-1"},
    ],
)
def test_what_cannot_be_is_said_on_the_page(owner: Client, values: dict[str, str]) -> None:
    answer = owner.post(reverse("admin:catalog_product_add"), typed(**values))
    assert (answer.status_code, "errorlist" in text_of(answer) or "text-red" in text_of(answer)) == (200, True)
    assert (Product.objects.count(), Variant.objects.count()) == (0, 0)


@pytest.mark.fault("E17")
@pytest.mark.parametrize("content", [b"<svg/>", b"GIF89a", picture_file()[:200], b"\xff" * (5 * 1024 * 1024 + 1)])
def test_a_file_that_is_no_picture_is_said_beside_its_field(owner: Client, content: bytes) -> None:
    page = typed(**{"images-TOTAL_FORMS": "1", "images-0-upload": upload(content), "images-0-alt": ""})
    answer = owner.post(reverse("admin:catalog_product_add"), page)
    assert answer.status_code == 200
    assert list(answer.context["inline_admin_formsets"][1].formset.errors[0]) == ["upload"]
    assert not Product.objects.exists()


def test_a_free_variant_costs_nothing(owner: Client) -> None:
    owner.post(reverse("admin:catalog_product_add"), typed(**{"variants-0-price": "0,00"}))
    assert Variant.objects.get().price == Decimal("0.00")


def test_a_taken_sku_and_slug_are_said_on_the_page(owner: Client) -> None:
    made("Bolo de cenoura", "BOLO-M")
    answer = owner.post(reverse("admin:catalog_product_add"), typed(slug="bolo-de-cenoura"))
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == ["slug"]
    assert list(answer.context["inline_admin_formsets"][0].formset.errors[0]) == ["sku"]
    assert Product.objects.count() == 1


def test_a_race_for_a_sku_is_told_and_not_an_accident(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(**_values: Any) -> None:
        raise SkuTaken(sku="BOLO-M")

    monkeypatch.setattr(catalog, "create_product", lose)
    answer = owner.post(reverse("admin:catalog_product_add"), typed(), follow=True)
    assert (answer.status_code, complaints_of(answer)) == (409, ["Variações, linha 1 · SKU: Este SKU já está em uso"])
    assert 'value="1.234,50"' in text_of(answer)
    assert not Product.objects.exists()


def test_only_what_was_typed_differently_is_written_down(owner: Client) -> None:
    product = made("Bolo", "BOLO")
    before = ProductChange.objects.count()
    owner.post(change(product), kept(product))
    assert ProductChange.objects.count() == before
    owner.post(change(product), kept(product, **{"variants-0-price": "12,50", "variants-0-options": "Tamanho: G"}))
    rows = list(ProductChange.objects.order_by("pk").values_list("sku", "key", "old", "new"))[before:]
    assert rows == [("BOLO", "price", "10.00", "12.50"), ("BOLO", "options", "", "Tamanho: G")]


def test_variants_are_added_and_taken_off_sale_and_never_deleted(owner: Client) -> None:
    product = made("Bolo", "BOLO")
    page = kept(
        product,
        **{
            "variants-TOTAL_FORMS": "2",
            "variants-0-DELETE": "on",
            "variants-1-sku": "BOLO-G",
            "variants-1-price": "20",
            "variants-1-is_active": "on",
        },
    )
    del page["variants-0-is_active"]
    owner.post(change(product), page)
    rows = Variant.objects.order_by("pk").values_list("sku", "price", "is_active", "position")
    assert list(rows) == [("BOLO", Decimal("10.00"), False, 0), ("BOLO-G", Decimal("20.00"), True, 1)]


def test_pictures_are_shown_described_and_removed(owner: Client) -> None:
    product = made("Bolo", "BOLO")
    picture = catalog.prepare_picture(content=picture_file())
    first, second = (
        catalog.add_image(product_id=product.pk, picture=picture, actor=OWNER, now=NOW) for _number in range(2)
    )
    page = text_of(owner.get(change(product)))
    assert f'src="/media/{first.file.name}"' in page
    values = {"images-TOTAL_FORMS": "2", "images-INITIAL_FORMS": "2"}
    for place, image in enumerate((first, second)):
        values |= {f"images-{place}-id": str(image.pk), f"images-{place}-alt": "", f"images-{place}-position": "0"}
    values |= {"images-0-DELETE": "on", "images-1-alt": "Fatia", "images-1-position": "4"}
    owner.post(change(product), kept(product, **values))
    assert list(ProductImage.objects.values_list("pk", "alt", "position")) == [(second.pk, "Fatia", 4)]


def test_a_picture_is_replaced_in_its_place(owner: Client) -> None:
    product = made("Bolo", "BOLO")
    picture = catalog.prepare_picture(content=picture_file())
    old = catalog.add_image(product_id=product.pk, picture=picture, alt="Bolo", actor=OWNER, now=NOW)
    values = {
        "images-TOTAL_FORMS": "1",
        "images-INITIAL_FORMS": "1",
        "images-0-id": str(old.pk),
        "images-0-alt": "Bolo",
        "images-0-position": "0",
        "images-0-upload": upload(picture_file(size=(60, 60))),
    }
    owner.post(change(product), kept(product, **values))
    new = product.images.get()
    assert (new.pk == old.pk, new.alt, new.position, new.width) == (False, "Bolo", 0, 60)


def test_one_picture_too_many_is_told(owner: Client) -> None:
    product = made("Bolo", "BOLO")
    picture = catalog.prepare_picture(content=picture_file())
    for _number in range(12):
        catalog.add_image(product_id=product.pk, picture=picture, actor=OWNER, now=NOW)
    rows = list(product.images.order_by("position"))
    values: dict[str, Any] = {"images-TOTAL_FORMS": "13", "images-INITIAL_FORMS": "12", "images-12-upload": upload()}
    for place, image in enumerate(rows):
        values |= {f"images-{place}-id": str(image.pk), f"images-{place}-position": str(place)}
    answer = owner.post(change(product), kept(product, **values), follow=True)
    assert any("12" in message for message in messages_of(answer))
    assert product.images.count() == 12


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
    assert len([sql for sql in ran if "catalog_" in sql]) == 5


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
        catalog.change_variant(
            sku="BOLO", sheet=VariantSheet(sku="BOLO", price=Decimal(11 + number)), actor=OWNER, now=NOW
        )
    answer = owner.get(reverse("admin:catalog_product_history", args=[product.pk]))
    changes = reverse("admin:catalog_productchange_changelist")
    assert (answer.status_code, answer["Location"]) == (302, f"{changes}?product__id__exact={product.pk}")
    with statements() as ran:
        page = owner.get(f"{changes}?product__id__exact={product.pk}")
    text = text_of(page)
    assert ("R$ 11,00" in text, "TORTA" in text) == (True, False)
    assert len([sql for sql in ran if "catalog_" in sql]) == 2
    first = ProductChange.objects.filter(product=other).first()
    assert first is not None
    url = reverse("admin:catalog_productchange_change", args=[first.pk])
    assert owner.get(url).status_code == 200
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
