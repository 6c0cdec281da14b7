"""The desk's pages of the catalogue: what they show, what they save, what they refuse, and what they cost."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.tests.desk import complaints_of, messages_of, text_of
from catalog import services as catalog
from catalog.errors import SkuTaken
from catalog.models import Category, Product, ProductChange, ProductImage, Variant
from catalog.tests.desk import PRODUCTS, change, kept, made, owner, typed, upload
from catalog.tests.factories import NOW, OWNER, picture_file

__all__ = ["owner"]

pytestmark = pytest.mark.django_db


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


def test_a_barcode_is_pasted_with_the_marks_that_came_with_it(owner: Client) -> None:
    owner.post(reverse("admin:catalog_product_add"), typed(**{"variants-0-barcode": "\u202a7891000100103\u202c"}))
    assert Variant.objects.get().barcode == "7891000100103"


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


def test_a_category_is_made_by_typing_its_name(owner: Client) -> None:
    Category.objects.all().delete()
    page = owner.get(reverse("admin:catalog_product_add"))
    assert not page.context["desk_page"]["missing"]
    sent = typed() | {"shelf": ""}
    Category.objects.all().delete()
    answer = owner.post(reverse("admin:catalog_product_add"), sent)
    assert list(answer.context["adminform"].form.errors) == ["shelf"]
    assert owner.post(reverse("admin:catalog_product_add"), sent | {"new_shelf": "Bolos"}).status_code == 302
    assert Product.objects.get().category.name == "Bolos"
    again = typed(**{"name": "Torta", "variants-0-sku": "TORTA"}) | {"new_shelf": "Tortas"}
    assert owner.post(reverse("admin:catalog_product_add"), again).status_code == 302
    assert Product.objects.get(name="Torta").category.name == "Tortas", "what is typed comes first"
