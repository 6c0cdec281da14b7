"""The pages of spreadsheets: who may see them, and a file on its way from the template to the shop and back."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from backoffice.tests.desk import at_desk, messages_of, text_of
from catalog.models import Product, Variant
from catalog.tests import factories as catalog
from common import workers
from inventory import services as inventory
from inventory.models import StockItem
from orders.tests import factories as orders
from spreadsheets import services, views
from spreadsheets.models import Import

pytestmark = pytest.mark.django_db
PAGE = "/admin/spreadsheets/"


@pytest.fixture
def owner() -> Client:
    return at_desk(role="owner")


def sent(client: Client, content: bytes | str, *, kind: str = "products", name: str = "lista.csv") -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post(f"{PAGE}bring/{kind}/", {"file": SimpleUploadedFile(name, raw)}, HTTP_ACCEPT_LANGUAGE="pt-br")


def saved(client: Client, name: str) -> str:
    return downloaded(client.get(f"{PAGE}export/{name}.csv", HTTP_ACCEPT_LANGUAGE="pt-br"))


def downloaded(answer: Any) -> str:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


LIST = "Produto;Categoria;Preço;Somar ao estoque\r\nPão francês;Padaria;1,20;40\r\nBolo;Padaria;25,00;3\r\n"


def test_a_file_is_previewed_and_taken_in_with_one_click(owner: Client) -> None:
    answer = sent(owner, LIST)
    assert answer.status_code == 302
    preview = owner.get(answer["Location"], HTTP_ACCEPT_LANGUAGE="pt-br")
    assert "Pão francês" in text_of(preview)
    assert "R$ 1,20" in text_of(preview)
    assert not Product.objects.exists()
    run = Import.objects.get()

    done = owner.post(f"{PAGE}{run.public_id}/take/", {"seal": run.seal}, follow=True, HTTP_ACCEPT_LANGUAGE="pt-br")

    assert "Entrou tudo: 2 novas, 0 alteradas, 0 como estavam." in text_of(done)
    assert dict(StockItem.objects.values_list("variant__sku", "on_hand")) == {"PAO-FRANCES": 40, "BOLO": 3}


def test_what_was_saved_can_be_changed_and_brought_back(owner: Client) -> None:
    sent(owner, LIST)
    run = Import.objects.get()
    owner.post(f"{PAGE}{run.public_id}/take/", {"seal": run.seal})
    catalog.variant(sku="TRAP", product=catalog.product(name="=1+1", description="@x\n'y"), unit="g", price_per=1000)

    table = saved(owner, "products")

    assert table.startswith("\ufeffProduto;Categoria;Variação;SKU;Código de barras;Preço;Vendido por;")
    assert "Bolo;Padaria;;BOLO;;25,00;unidade;;;sim;sim;;;3\r\n" in table
    assert "'=1+1" in table
    same = sent(owner, table)
    assert Import.objects.get(public_id=same["Location"].split("/")[-2]).same == 3
    changed = sent(owner, table.replace("25,00", "27,50"))
    page = text_of(owner.get(changed["Location"]))
    assert "R$ 25,00" in page
    assert "R$ 27,50" in page


def test_a_wrong_file_says_where_and_offers_no_click(owner: Client) -> None:
    answer = sent(owner, "Produto;Categoria;Preço\r\nPão;Padaria;1.234\r\nBolo;;2\r\n")

    page = text_of(owner.get(answer["Location"], HTTP_ACCEPT_LANGUAGE="pt-br"))

    assert "Isto pode ser dois valores." in page
    assert "Um produto novo precisa de uma categoria." in page
    assert "/take/" not in page
    run = Import.objects.get()
    told = owner.post(f"{PAGE}{run.public_id}/take/", {"seal": run.seal}, follow=True)
    assert len(messages_of(told)) == 1
    assert not Product.objects.exists()


@pytest.mark.parametrize("content", ["", "a;b\r\n1;2", "Produto;Preço\r\n", b"Produto\x00", b"PK\x03\x04rest"])
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(owner: Client, content: bytes | str) -> None:
    answer = sent(owner, content)

    assert answer.status_code == 400
    assert any(form["form"].errors.get("file") for form in answer.context["kinds"])
    assert not Import.objects.exists()


def test_no_file_and_one_that_is_too_large(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert owner.post(f"{PAGE}bring/products/").status_code == 400
    monkeypatch.setattr("spreadsheets.forms.MAX_BYTES", 10)
    assert sent(owner, LIST).status_code == 400


def test_a_long_file_waits_for_a_worker_or_for_a_click(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def ask(*asking: str, expires: int) -> bool:
        asked.append(asking)
        return True

    monkeypatch.setattr(views, "SMALL", 10)
    monkeypatch.setattr(views, "FEW", 1)
    monkeypatch.setattr(workers, "ask", ask)

    answer = sent(owner, LIST)
    address = answer["Location"]
    run = Import.objects.get()
    assert asked == [("spreadsheets.tasks.prepare", str(run.public_id))]
    waiting = text_of(owner.get(address, HTTP_ACCEPT_LANGUAGE="pt-br"))
    assert '<noscript><meta http-equiv="refresh"' in waiting
    assert "spreadsheets/waiting.js" in waiting
    assert "Fazer aqui e agora" in waiting
    services.progress.tell(public_id=run.public_id, done=1, of=2)
    waiting = text_of(owner.get(address, HTTP_ACCEPT_LANGUAGE="pt-br"))
    assert 'value="50"' in waiting
    assert "Fazer aqui e agora" not in waiting

    owner.post(f"{PAGE}{run.public_id}/again/")
    run.refresh_from_db()
    owner.post(f"{PAGE}{run.public_id}/take/", {"seal": run.seal})
    assert asked[-1] == ("spreadsheets.tasks.take_in", str(run.public_id))
    run.refresh_from_db()
    assert run.state == "confirmed"
    owner.post(f"{PAGE}{run.public_id}/again/")
    run.refresh_from_db()
    assert run.state == "done"


def test_where_no_worker_can_be_asked_the_page_does_it(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "SMALL", 10)
    monkeypatch.setattr(workers, "ask", lambda *_asking, expires: False)

    sent(owner, LIST)

    assert Import.objects.get().state == "ready"


def test_a_preview_has_pages_and_sorts(owner: Client) -> None:
    lines = "".join(f"Produto {number};Padaria;1,00\r\n" for number in range(120))
    answer = sent(owner, "Produto;Categoria;Preço\r\n" + lines)

    last = owner.get(answer["Location"] + "?show=new&page=3")

    assert "Produto 119" in text_of(last)
    assert "Produto 1<" not in text_of(last)
    assert owner.get(answer["Location"] + "?show=nothing&page=x").status_code == 200


def test_a_preview_thrown_away_is_gone(owner: Client) -> None:
    address = sent(owner, LIST)["Location"]
    owner.post(address + "discard/")

    assert not Import.objects.exists()
    assert owner.get(address).status_code == 302


def test_templates_have_the_headings_and_nothing_else(owner: Client) -> None:
    csv = downloaded(owner.get(f"{PAGE}template/products.csv", HTTP_ACCEPT_LANGUAGE="pt-br"))
    xlsx = owner.get(f"{PAGE}template/products.xlsx", HTTP_ACCEPT_LANGUAGE="pt-br").content

    [row] = load_workbook(io.BytesIO(xlsx)).active.iter_rows(values_only=True)
    assert csv == "\ufeff" + ";".join(str(cell) for cell in row) + "\r\n"
    assert sent(owner, csv).status_code == 400  # no row below the headings
    assert owner.get(f"{PAGE}template/products.pdf").status_code == 404
    assert owner.get(f"{PAGE}template/nothing.csv").status_code == 404


def test_orders_and_payments_are_saved(owner: Client) -> None:
    sku = catalog.variant(sku="PAO").sku
    inventory.adjust_stock(sku=sku, operation="add", quantity=9, reason="x", actor=catalog.OWNER, now=orders.MONDAY)
    order = orders.ordered(units={sku: 2})

    table = saved(owner, "orders")

    assert table.startswith("\ufeffPedido;")
    assert f"\r\n{order.number};" in table
    assert saved(owner, "payments").startswith("\ufeffPagamento;")


@pytest.mark.parametrize("role", ["counter", "professional"])
def test_only_who_may_sees_and_brings(role: str) -> None:
    client = at_desk(role=role)
    run = services.begin(
        kind="products", name="x.csv", content=LIST.encode(), language="pt-br", actor=catalog.OWNER, now=catalog.NOW
    )
    for address in ("", "template/products.csv", "export/products.csv", "export/orders.csv", f"{run.public_id}/"):
        assert client.get(PAGE + address).status_code == 403, address
    for address in (
        "bring/products/",
        f"{run.public_id}/take/",
        f"{run.public_id}/again/",
        f"{run.public_id}/discard/",
    ):
        assert client.post(PAGE + address).status_code == 403, address
    assert reverse("spreadsheets:page") not in text_of(client.get("/admin/"))


def test_nobody_who_is_not_signed_in_gets_anything() -> None:
    assert Client().get(f"{PAGE}export/products.csv").status_code == 302
    assert not Variant.objects.exists()
