"""A report as CSV and XLSX: what a spreadsheet in Portuguese reads is what the page shows."""

import csv
import io
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from time_machine import Traveller

from backoffice.tests.desk import at_desk
from catalog.models import Product
from counter.tests.factories import MONDAY, cash, goods, of, sell
from inventory.tests.factories import stocked

pytestmark = pytest.mark.django_db
PAGE = "/admin/reports/"
ASKED = {"first": "2026-03-01", "last": "2026-03-02", "compare": "before"}


@pytest.fixture(autouse=True)
def _monday(db: None, time_machine: Traveller) -> None:
    time_machine.move_to(MONDAY + timedelta(hours=4), tick=False)


@pytest.fixture
def desk() -> Client:
    variant = stocked(sku="PAO", price="1234.50", units=1000)
    Product.objects.filter(pk=variant.product_id).update(name='=HYPERLINK("http://x.example")')
    sell(cash("1234.50"), goods=goods(PAO=1))
    sell(of("card", "2469.00"), goods=goods(PAO=2))
    return at_desk(role="owner")


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_csv_opens_in_excel_in_portuguese(desk: Client) -> None:
    answer = desk.get(f"{PAGE}export.csv", ASKED)
    content = content_of(answer)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="relatorio-2026-03-01-2026-03-02.csv"'
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Balcão, de 01/03/2026 a 02/03/2026"]
    assert ["Número", "Nestes dias", "Na comparação", "Variação (%)"] in rows
    assert ["Faturamento (R$)", "3703,50", "0,00", ""] in rows
    assert ["Vendas", "2", "0", ""] in rows
    assert ["Ocupação (%)", "", "", ""] in rows
    assert ["02/03/2026", "3703,50", "3703,50", "0,00", "2", "3703,50", "0", "0", ""] in rows
    assert ["Forma de pagamento", "Pagamentos", "Recebido (R$)", "Devolvido (R$)", "Faturamento (R$)"] in rows
    assert ["Maquininha", "1", "2469,00", "0,00", "2469,00"] in rows
    sold, _lies_there = [row for row in rows if row[1:3] == ["PAO", "3"] and row[5] == "3703,50"]
    assert sold[0] == '\'=HYPERLINK("http://x.example")'
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


def test_a_workbook_holds_numbers_and_days_and_computes_nothing(desk: Client) -> None:
    answer = desk.get(f"{PAGE}export.xlsx", ASKED)
    book = load_workbook(io.BytesIO(content_of(answer)))
    assert book.sheetnames == [
        "Resumo", "Por forma de pagamento", "Por profissional", "Por canal", "Produtos mais vendidos",
        "Produtos parados", "Por dia",
    ]  # fmt: skip
    by_day = list(book["Por dia"].iter_rows(values_only=True))
    assert by_day[0][:3] == ("Dia", "Faturamento (R$)", "Faturamento em produtos (R$)")
    assert [row[:2] for row in by_day[1:]] == [
        (datetime(2026, 3, 1), 0), (datetime(2026, 3, 2), 3703.5), ("Total", 3703.5),
    ]  # fmt: skip
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    [day] = [cell for cell in book["Por dia"]["A"] if cell.value == datetime(2026, 3, 2)]
    assert day.number_format == "DD/MM/YYYY"
    summary = list(book["Resumo"].iter_rows(values_only=True))
    assert ("Ticket médio (R$)", 1851.75, None, None) in summary
    assert summary[-1][0] == "Balcão, de 01/03/2026 a 02/03/2026"


def test_what_is_saved_is_what_is_shown(desk: Client) -> None:
    page = desk.get(PAGE, ASKED)
    rows = list(
        csv.reader(io.StringIO(content_of(desk.get(f"{PAGE}export.csv", ASKED)).decode("utf-8-sig")), delimiter=";")
    )
    for section in page.context["sections"]:
        place = rows.index([section.title])
        saved = rows[place + 2 : place + 2 + len(section.rows)]
        assert len(saved) == len(section.rows)
        for line, shown in zip(saved, section.rows, strict=True):
            for text, cell in zip(line, shown, strict=True):
                assert text.lstrip("'") == written(cell.value), section.key


def written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(value) if isinstance(value, str | int) else f"{value:.2f}".replace(".", ",")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_wrong_days_lead_back_to_the_page_and_files_are_the_owners(desk: Client, form: str) -> None:
    answer = desk.get(f"{PAGE}export.{form}", {"first": "2026-03-02", "last": "2027-01-01"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{PAGE}?first=2026-03-02&last=2027-01-01")
    assert at_desk(role="counter").get(f"{PAGE}export.{form}").status_code == 403
