"""Bank statements: a line that names its order pays it once, whatever file it comes in; the others are proposed."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from common import outbox
from common.testing import race
from inventory.tests.factories import stocked
from operations.integrity import examine
from orders import services as orders
from orders.models import Order
from orders.tests.factories import ALL, GUEST, MONDAY, STAFF, cancel, cart_with, late_pickup, ordered, placement_of
from payments import services as payments
from payments import statements
from payments.likeness import likeness
from payments.models import MoneyCase, Payment, Refund, StatementLine
from payments.tests.statement_files import ofx, sheet
from shop import services as shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pix_shop")]
HEAD = ("Data", "Valor", "Identificador", "Descrição")
DAY = MONDAY.strftime("%Y%m%d")
SHOWN_DAY = MONDAY.strftime("%d/%m/%Y")
LATER = MONDAY + timedelta(minutes=5)


@pytest.fixture
def pix_shop(settings: Any) -> None:
    """There are cakes, and Pix goes to the shop's own key."""
    settings.PAYMENT_GATEWAYS = {"pix": "pix", "card": ""}
    stocked(sku="BOLO", units=5, price="59.90")
    for key, value in (("pix_key", "loja@balcao.example"), ("payment_methods", "on_site,transfer,pix")):
        shop.set_policy(key=key, value=value, actor=STAFF, now=MONDAY)


def by_pix(*, begun: bool = True, units: int = 1, now: datetime = MONDAY) -> Order:
    cart = cart_with(units={"BOLO": units}, now=now)
    wish = placement_of(cart=cart, payment_method="pix", pickup_at=late_pickup(now=now))
    placed = orders.place_order(placement=wish, customer_id=None, actor=GUEST, now=now)
    if begun:
        payments.begin_payment(number=placed.order.number, method="pix", access=ALL, actor=GUEST, now=now)
    return Order.objects.select_related("contact").get(number=placed.order.number)


def line(order: Order, amount: str = "59.90", *, number: str = "A1") -> bytes:
    return ofx((DAY, amount, number, f"PIX RECEBIDO {order.number} MARIA"))


def take(content: bytes, *, now: Any = LATER) -> list[str]:
    return [one.what for one in payments.take_statement(lines=statements.read(content), actor=STAFF, now=now)]


def judge(content: bytes, *, now: Any = LATER) -> list[str]:
    return [one.what for one in payments.judge_statement(lines=statements.read(content), now=now)]


def stands(order: Order) -> tuple[str, str, str]:
    order.refresh_from_db()
    return order.status, str(order.paid), str(order.refunded)


def relay(now: Any = LATER) -> None:
    while outbox.relay(now=now):
        pass


def cases() -> list[str]:
    return list(MoneyCase.objects.order_by("pk").values_list("kind", flat=True))


def clean() -> None:
    """Assert that nothing the shop promises of its data is broken; open cases are no fault of it."""
    relay()
    found = [(one.check.name, one.rows) for one in examine(now=LATER).findings]
    assert [one for one in found if not one[0].startswith("schema") and one[0] != "money.inbox_is_empty"] == []


@pytest.mark.fault("L19")
def test_a_file_confirms_the_order_once_and_twice_changes_nothing() -> None:
    order = by_pix()
    assert judge(line(order)) == ["match"]
    assert stands(order) == ("pending", "0.00", "0.00")
    assert take(line(order)) == ["match"]
    assert stands(order) == ("confirmed", "59.90", "0.00")
    payment = Payment.objects.get()
    assert (payment.status, payment.gateway, payment.gateway_reference) == (
        "succeeded", "pix", f"{MONDAY:%Y-%m-%d}:59.90:A1",
    )  # fmt: skip
    assert take(line(order)) == ["known"]
    assert stands(order) == ("confirmed", "59.90", "0.00")
    assert (Payment.objects.count(), StatementLine.objects.count(), cases()) == (1, 1, [])
    clean()


@pytest.mark.fault("L19")
def test_files_that_overlap_and_both_forms_are_one_line() -> None:
    one, two = by_pix(), by_pix()
    first = (DAY, "59.90", "A1", f"PIX {one.number}")
    second = (DAY, "59.90", "A2", f"PIX {two.number}")
    assert take(ofx(first)) == ["match"]
    assert take(ofx(second, first)) == ["match", "known"]
    table = sheet(
        HEAD, (SHOWN_DAY, "59,90", "A1", f"Outro texto {one.number}"), (SHOWN_DAY, "59,90", "", f"PIX {two.number}")
    )
    assert take(table) == ["known", "elsewhere"]
    assert take(table) == ["known", "known"]
    assert [stands(order)[1] for order in (one, two)] == ["59.90", "59.90"]
    clean()


def test_the_other_form_with_one_line_more_shows_a_second_payment() -> None:
    order = by_pix()
    assert take(line(order)) == ["match"]
    rows = [(SHOWN_DAY, "59,90", "", f"PIX {order.number}")] * 2
    assert judge(sheet(HEAD, *rows)) == ["elsewhere", "surplus"]
    assert take(sheet(HEAD, *rows)) == ["elsewhere", "surplus"]
    assert (stands(order)[1], cases()) == ("119.80", ["second"])
    assert take(ofx((DAY, "59.90", "A1", f"PIX {order.number}"), (DAY, "59.90", "A9", f"PIX {order.number}"))) == [
        "known", "elsewhere",
    ]  # fmt: skip
    assert stands(order)[1] == "119.80"
    clean()


@pytest.mark.fault("L19")
def test_what_staff_has_recorded_by_hand_is_noted_and_pays_nothing() -> None:
    order = by_pix()
    payments.confirm_order(
        number=order.number, amount=Decimal("59.90"), reference="Pix", access=ALL, actor=STAFF, now=MONDAY
    )
    assert take(line(order)) == ["by_hand"]
    assert (stands(order)[1], cases(), Refund.objects.count()) == ("59.90", [], 0)
    assert StatementLine.objects.get().payment == Payment.objects.get()
    assert take(line(order, number="A2")) == ["surplus"]
    assert cases() == ["second"]
    clean()


@pytest.mark.parametrize("begun", [True, False])
def test_less_than_was_asked_for_waits_in_the_inbox_and_is_accepted_there(begun: bool) -> None:
    order = by_pix(begun=begun)
    assert take(line(order, "50.00")) == ["less"]
    assert (stands(order), cases()) == (("pending", "0.00", "0.00"), ["mismatch"])
    assert take(line(order, "50.00")) == ["known"]
    case = MoneyCase.objects.get()
    assert (case.detail, str(case.amount)) == ("amount: 50.00 instead of 59.90", "50.00")
    payments.take_case(case_id=case.public_id, number=order.number, resolution="ok", actor=STAFF, now=LATER)
    assert stands(order) == ("confirmed", "50.00", "0.00")
    assert take(line(order, "9.90", number="A2")) == ["match"]
    assert stands(order) == ("confirmed", "59.90", "0.00")
    clean()


def test_more_than_is_due_is_counted_and_the_rest_is_owed() -> None:
    order = by_pix()
    assert take(line(order, "60.00")) == ["surplus"]
    assert (stands(order), cases()) == (("confirmed", "60.00", "0.00"), ["too_much"])
    assert [str(refund.amount) for refund in Refund.objects.all()] == ["0.10"]
    clean()


def test_late_money_revives_or_is_owed_back() -> None:
    order, other = by_pix(), by_pix(units=4)
    late = MONDAY + timedelta(days=1)
    orders.expire_due_orders(now=late)
    relay(late)
    assert judge(line(order), now=late) == ["late"]
    assert take(line(order), now=late) == ["late"]
    assert (stands(order)[0], cases()) == ("confirmed", ["revived"])
    ordered(units={"BOLO": 2}, payment_method="transfer", now=late)
    assert take(line(other, "239.60", number="A2"), now=late) == ["late"]
    assert (stands(other)[:2], cases()) == (("expired", "239.60"), ["revived", "too_late"])
    assert take(line(other, "239.60", number="A2"), now=late) == ["known"]
    assert [str(refund.amount) for refund in Refund.objects.all()] == ["239.60"]


def test_money_for_a_cancelled_order_goes_back() -> None:
    order = by_pix()
    cancel(order=order, now=MONDAY)
    relay(MONDAY)
    assert take(line(order)) == ["surplus"]
    assert (stands(order)[0], cases()) == ("cancelled", ["too_late"])
    clean()


def test_what_left_the_account_and_what_names_nothing_stays_out() -> None:
    order = by_pix()
    content = ofx(
        (DAY, "-59.90", "A1", f"PIX ENVIADO {order.number}"),
        (DAY, "10.00", "A2", "RENDIMENTO"),
        (DAY, "59.90", "A3", f"PIX {order.number} {by_pix().number}"),
    )
    assert take(content) == ["ignored", "unmatched", "several"]
    assert (Payment.objects.filter(status="succeeded").count(), StatementLine.objects.count()) == (0, 0)


def test_a_line_without_a_number_is_proposed_and_taken_in_by_a_click() -> None:
    order = by_pix()
    name = order.contact.name.upper()
    content = ofx((DAY, "59.90", "A1", f"PIX RECEBIDO {name}"), (DAY, "59.90", "A2", "PIX RECEBIDO ZULEICA"))
    found = payments.judge_statement(lines=statements.read(content), now=LATER)
    assert [(one.what, [hit.number for hit in one.orders]) for one in found] == [
        ("proposed", [order.number]), ("unmatched", []),
    ]  # fmt: skip
    assert take(content) == ["proposed", "unmatched"]
    assert stands(order)[0] == "pending"
    done = payments.take_line(line=found[0].line, number=order.number, actor=STAFF, now=LATER)
    again = payments.take_line(line=found[0].line, number=order.number, actor=STAFF, now=LATER)
    assert (done.what, again.what, stands(order)) == ("match", "known", ("confirmed", "59.90", "0.00"))
    assert judge(content) == ["known", "unmatched"]


def test_orders_of_another_amount_or_time_are_not_proposed() -> None:
    order = by_pix()
    name = order.contact.name.upper()
    far = (MONDAY + timedelta(days=30)).strftime("%Y%m%d")
    early = (MONDAY - timedelta(days=5)).strftime("%Y%m%d")
    rows = [(DAY, "59.91", "A1", name), (far, "59.90", "A2", name), (early, "59.90", "A3", name)]
    assert judge(ofx(*rows)) == ["unmatched"] * 3


def test_the_day_of_an_order_is_that_of_the_shop() -> None:
    evening = MONDAY.replace(hour=1) + timedelta(days=1)  # ten in the evening of Monday, Tuesday in Greenwich
    order = by_pix(now=evening)
    sunday = (MONDAY - timedelta(days=1)).strftime("%Y%m%d")
    row = (sunday, "59.90", "A1", f"PIX RECEBIDO {order.contact.name.upper()}")
    assert judge(ofx(row), now=evening + timedelta(minutes=5)) == ["proposed"]


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("PIX RECEBIDO JOAO DA CONCEICAO SILVA", 1.0),
        ("Pix João C. Silva", pytest.approx(2 / 3)),
        ("PIX JOAO CONCEIC SILV", 1.0),
        ("PIX JOAO", pytest.approx(1 / 3)),
        ("PIX MARIA CONCEICAO SILVA", 0.0),
        ("", 0.0),
    ],
)
def test_likeness_of_names(text: str, share: float) -> None:
    assert likeness(name="João da Conceição Silva", text=text) == share
    assert likeness(name="", text=text) == 0.0


@pytest.mark.django_db(transaction=True)
def test_one_file_read_by_many_at_once_counts_once() -> None:
    order = by_pix()
    found = race(workers=6, work=lambda _n: take(line(order)))
    assert sorted(one[0] for one in found) == ["known"] * 5 + ["match"]
    assert (stands(order), Payment.objects.count()) == (("confirmed", "59.90", "0.00"), 1)


def test_lines_that_were_taken_in_are_never_edited() -> None:
    take(line(by_pix()))
    with pytest.raises(IntegrityError, match="may not be changed"), transaction.atomic():
        StatementLine.objects.update(amount=1)
    with pytest.raises(IntegrityError, match="may not be changed"), transaction.atomic():
        StatementLine.objects.all().delete()


class TestCommand:
    def run(self, path: Path, *words: str) -> str:
        out = StringIO()
        with time_machine.travel(LATER, tick=False):
            call_command("reconcile_pix", str(path), *words, stdout=out)
        return out.getvalue()

    def test_it_says_what_it_did(self, tmp_path: Path) -> None:
        order = by_pix()
        path = tmp_path / "extrato.ofx"
        path.write_bytes(line(order))
        told = self.run(path, "--dry-run")
        assert f"R$ 59,90  {order.number}  paga o pedido" in told
        assert "Nada foi gravado." in told
        assert stands(order)[0] == "pending"
        assert "     1  paga o pedido" in self.run(path)
        assert stands(order)[0] == "confirmed"
        assert "     1  já lançado" in self.run(path)

    def test_what_is_left_for_people_ends_with_1(self, tmp_path: Path) -> None:
        path = tmp_path / "extrato.ofx"
        path.write_bytes(line(by_pix(), "50.00"))
        with pytest.raises(CommandError) as caught:
            self.run(path)
        assert (str(caught.value), caught.value.returncode) == ("1 lançamento para alguém olhar.", 1)

    def test_a_file_that_cannot_be_read_ends_with_2_and_says_where(self, tmp_path: Path) -> None:
        order = by_pix()
        path = tmp_path / "extrato.csv"
        rows = [(SHOWN_DAY, "59,90", "A1", order.number), (SHOWN_DAY, "1.234", "A2", "x")]
        path.write_bytes(sheet(HEAD, *rows))
        with pytest.raises(CommandError) as caught:
            self.run(path)
        told = "Linha 3, Valor: “1.234” pode ser lido como dois valores. Escreva com os centavos, como 1.234,00."
        assert (str(caught.value), caught.value.returncode) == (told, 2)
        assert stands(order)[0] == "pending"
        with pytest.raises(CommandError) as missing:
            self.run(tmp_path / "nada.ofx")
        assert missing.value.returncode == 2
