"""A bank statement at the desk: what is in it first, then one click, and no file that does anything twice."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from time_machine import Traveller

from backoffice.tests.desk import at_desk, messages_of, text_of
from desk.models import KeptFile
from payments.models import MoneyCase, Payment, StatementLine
from payments.tests.statement_files import ofx, sheet
from payments.tests.test_reconcile_pix import DAY, HEAD, LATER, SHOWN_DAY, by_pix, line, pix_shop, stands

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pix_shop")]
PAGE = "/admin/payments/payment/statement/"
__all__ = ["pix_shop"]


@pytest.fixture(autouse=True)
def clock(time_machine: Traveller) -> Traveller:
    time_machine.move_to(LATER, tick=False)
    return time_machine


@pytest.fixture
def counter() -> Client:
    return at_desk(role="counter")


def send(browser: Client, content: bytes, name: str = "extrato.ofx") -> Any:
    return browser.post(PAGE, {"file": SimpleUploadedFile(name, content)})


def click(browser: Client, page: Any, take: str) -> Any:
    carried = re.search(r'name="lines" value="([^"]+)"', text_of(page))
    assert carried is not None
    return browser.post(PAGE, {"lines": carried[1], "take": take})


def test_it_shows_first_and_takes_in_at_a_click(counter: Client) -> None:
    order = by_pix()
    assert "Extrato do banco" in text_of(counter.get("/admin/"))
    assert "Ver o que há nele" in text_of(counter.get(PAGE))
    shown = send(counter, line(order))
    page = text_of(shown)
    assert "Estes citam o pedido (1)" in page
    assert "R$ 59,90" in page
    assert order.number in page
    assert "Lançar 1" in page
    assert (stands(order)[0], KeptFile.objects.count(), StatementLine.objects.count()) == ("pending", 0, 0)
    done = click(counter, shown, "all")
    assert messages_of(done) == ["1 pagamento foi lançado."]
    assert "Já lançados (1)" in text_of(done)
    assert stands(order) == ("confirmed", "59.90", "0.00")
    again = click(counter, shown, "all")
    assert (messages_of(again), Payment.objects.count()) == ([], 1)
    assert "Já lançados (1)" in text_of(send(counter, line(order)))


def test_what_names_no_order_is_taken_in_by_its_own_click(counter: Client) -> None:
    order, other = by_pix(), by_pix()
    name = order.contact.name.upper()
    shown = send(counter, ofx((DAY, "59.90", "A|1", f"PIX RECEBIDO {name}"), (DAY, "9.00", "A2", "RENDIMENTO")))
    page = text_of(shown)
    assert "Estes não citam pedido: é um destes? (1)" in page
    assert f"É o {order.number}" in page
    assert f"É o {other.number}" in page
    assert "entradas sem pedido: 1, saídas: 0" in page
    assert "Lançar 1" not in page
    reference = f"{DAY[:4]}-{DAY[4:6]}-{DAY[6:]}:59.90:A|1"
    done = click(counter, shown, f"{reference}|{order.number}")
    assert messages_of(done) == ["1 pagamento foi lançado."]
    assert (stands(order)[0], stands(other)[0]) == ("confirmed", "pending")
    assert messages_of(click(counter, shown, f"{reference}|{other.number}")) == ["1 já estava lançado."]
    assert stands(other)[0] == "pending"
    assert messages_of(click(counter, shown, f"unknown|{other.number}")) == []


def test_another_amount_goes_into_the_inbox(counter: Client) -> None:
    order = by_pix()
    done = click(counter, send(counter, line(order, "50.00")), "all")
    assert messages_of(done) == ["1 foi para as pendências de dinheiro."]
    assert (stands(order)[0], MoneyCase.objects.get().kind) == ("pending", "mismatch")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (sheet(HEAD, (SHOWN_DAY, "1.234", "a", "x")), "Linha 2, Valor: “1.234” pode ser lido como dois valores."),
        (b"", "O arquivo está vazio."),
        (b"%PDF-1.7", "Este arquivo não é OFX nem CSV."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_the_field(counter: Client, content: bytes, told: str) -> None:
    answer = send(counter, content, "extrato.csv")
    assert answer.status_code == 400
    assert told in text_of(answer)


def test_what_the_page_carries_is_good_for_its_person_and_an_hour(counter: Client, clock: Traveller) -> None:
    order = by_pix()
    shown = send(counter, line(order))
    assert click(at_desk(role="owner"), shown, "all").status_code == 400
    assert counter.post(PAGE, {"lines": "forged", "take": "all"}).status_code == 400
    clock.move_to(LATER + timedelta(minutes=61), tick=False)
    assert click(counter, shown, "all").status_code == 400
    assert stands(order)[0] == "pending"


def test_only_who_records_money_and_confirms_orders_may() -> None:
    browser = at_desk(role="professional")
    assert browser.get(PAGE).status_code == 403
    assert send(browser, line(by_pix())).status_code == 403
    assert Client().get(PAGE).status_code == 302
