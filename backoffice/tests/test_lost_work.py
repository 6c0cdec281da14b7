"""An error on a form costs nobody their work: what was chosen, typed and uploaded is there again, and named if it is not."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backoffice.tests.desk import at_desk, complaints_of, text_of
from backoffice.tests.pages import Tab, fields_of
from catalog.models import Product, ProductImage, Variant
from catalog.tests import factories as products
from common import clock
from desk import kept
from desk.models import KeptFile
from desk.tasks import forget_files
from inventory.models import StockItem
from inventory.tests.factories import stocked
from scheduling.models import Professional
from scheduling.tests import factories as agenda

pytestmark = pytest.mark.django_db
ADD = "admin:catalog_product_add"


@pytest.fixture
def owner(settings: Any, tmp_path: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path
    return at_desk(role="owner")


def photo(name: str = "pao.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, products.picture_file(), content_type="image/jpeg")


def new_product(client: Client, **typed: Any) -> Tab:
    """A new product on its page, with a photo to come."""
    shelf = products.category()
    row = {"variants-0-sku": "PAO", "variants-0-price": "1,00", "images-TOTAL_FORMS": "1", "images-0-alt": "Um pão"}
    return Tab(client, reverse(ADD)).type(**{"name": "Pão", "shelf": str(shelf.pk), **row, **typed})


def test_units_added_without_a_reason_are_added_once_there_is_one(owner: Client) -> None:
    stocked(sku="PAO", units=1)
    page = reverse("admin:inventory_stockitem_do_add", args=[StockItem.objects.get().pk])

    answer = owner.post(page, {**fields_of(owner.get(page)), "quantity": "5", "reason": ""})
    again = fields_of(answer)
    assert (answer.status_code, again["quantity"]) == (400, ["5"])

    assert owner.post(page, {**again, "reason": "Feito hoje"}).status_code == 302
    assert StockItem.objects.get().on_hand == 6


def test_a_photo_survives_a_bad_sku(owner: Client) -> None:
    tab = new_product(owner, **{"variants-0-sku": "pão de queijo"})

    answer = tab.save(**{"images-0-upload": photo()})

    told = "Um SKU tem de 1 a 64 letras, números, pontos, hífens ou sublinhados."
    assert complaints_of(answer) == [f"Variações, linha 1 · SKU: {told}"]
    assert answer.context["desk_page"]["tab"] == "variants"
    assert "“pao.jpg” está guardado." in text_of(answer)
    assert not Product.objects.exists()
    assert tab.type(**{"variants-0-sku": "PAO"}).save().status_code == 302
    assert ProductImage.objects.get().alt == "Um pão"


def test_a_photo_survives_several_errors_and_is_kept_once(owner: Client) -> None:
    tab = new_product(owner, name="")
    assert complaints_of(tab.save(**{"images-0-upload": photo()})) == ["Nome: Este campo é obrigatório."]
    assert tab.save().context["desk_page"]["tab"] == "general"
    assert KeptFile.objects.count() == 1
    assert tab.type(name="Pão").save().status_code == 302
    assert ProductImage.objects.count() == 1


def test_a_file_that_is_gone_is_asked_for_again(owner: Client) -> None:
    tab = new_product(owner, name="")
    tab.save(**{"images-0-upload": photo()})
    KeptFile.objects.all().delete()

    answer = tab.type(name="Pão").save()

    assert complaints_of(answer) == [
        "Fotos, linha 1 · Foto: O arquivo que você tinha escolhido não está mais guardado. Escolha de novo."
    ]
    assert not Product.objects.exists()


def test_a_file_that_is_no_picture_is_not_kept(owner: Client) -> None:
    bad = SimpleUploadedFile("notas.jpg", b"no picture", content_type="image/jpeg")
    answer = new_product(owner).save(**{"images-0-upload": bad})
    assert len(complaints_of(answer)) == 1
    assert "images-0-upload-kept" not in text_of(answer)
    assert not KeptFile.objects.exists()


def test_what_is_too_large_to_be_kept_is_said(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MAX_BYTES", 10)
    answer = new_product(owner, name="").save(**{"images-0-upload": photo()})
    assert "“pao.jpg” é grande demais para ficar guardado. Escolha de novo." in text_of(answer)


def test_files_are_kept_for_an_hour_and_a_few_dozen_at_most() -> None:
    now = clock.now()
    tokens = [kept.keep(upload=photo(f"{number}.jpg"), now=now) for number in range(kept.AT_MOST + 2)]
    assert KeptFile.objects.count() == kept.AT_MOST
    first, last = str(tokens[0]), str(tokens[-1])
    assert kept.take(token=first, now=now) is None
    found = kept.take(token=last, now=now)
    assert found is not None
    assert (found.name, found.content_type) == ("41.jpg", "image/jpeg")
    assert kept.take(token=last, now=now + kept.FOR) is None
    assert kept.take(token=last + "x", now=now) is None
    assert kept.forget(now=now + kept.FOR - timedelta(seconds=1)) == 0
    assert forget_files() == 0
    assert kept.forget(now=now + kept.FOR) == kept.AT_MOST


def test_what_another_row_has_already_keeps_the_page(owner: Client) -> None:
    products.product(slug="pao")
    tab = new_product(owner, slug="pao", description="Do dia.")

    answer = tab.save(**{"images-0-upload": photo()})

    assert [text.partition(":")[0] for text in complaints_of(answer)] == ["Endereço"]
    assert tab.sent["description"] == ["Do dia."]
    assert tab.type(slug="").save().status_code == 302
    assert (ProductImage.objects.count(), Variant.objects.get().price) == (1, Decimal("1.00"))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (
            {"rules-0-valid_from": "02/02/2030", "rules-0-valid_until": "01/02/2030"},
            "O último dia vem antes do primeiro.",
        ),
        (
            {
                "time_off-TOTAL_FORMS": "1",
                "time_off-0-starts_at_0": "02/02/2030",
                "time_off-0-starts_at_1": "10:00",
                "time_off-0-ends_at_0": "01/02/2030",
                "time_off-0-ends_at_1": "10:00",
            },
            "Termina antes de começar.",
        ),
    ],
)
def test_no_rule_of_the_database_is_told_by_its_name(owner: Client, typed: dict[str, str], told: str) -> None:
    who: Professional = agenda.salon().people["Ana"]
    answer = Tab(owner, reverse("admin:scheduling_professional_change", args=[who.pk])).type(**typed).save()
    assert [text.rpartition(": ")[2] for text in complaints_of(answer)] == [told]
    assert "Restrição" not in text_of(answer)
    assert answer.context["desk_page"]["tab"] == next(iter(typed)).partition("-")[0]
