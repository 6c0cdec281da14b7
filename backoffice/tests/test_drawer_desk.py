"""The drawer and the day at the desk: who may do what, a count that is blind, and a table that computes nothing."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from time_machine import Traveller

from accounts.models import User
from backoffice.day.tables import safe
from backoffice.tests.desk import at_desk, messages_of, text_of
from common.actors import Actor
from counter.tests.factories import MONDAY, cash, goods, sell
from inventory.tests.factories import stocked
from till.models import CashMovement, DayClose, DayCorrection, Till, TillClose, TillSession

pytestmark = pytest.mark.django_db
DRAWER, DAY = "/admin/drawer/", "/admin/day/"
ON_MONDAY = {"day": "2026-03-02"}


@pytest.fixture(autouse=True)
def _monday(db: None, time_machine: Traveller) -> None:
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="PAO", price="0.80", units=100)


def opened(browser: Client, cash_in_it: str = "50,00") -> TillSession:
    answer = browser.post(f"{DRAWER}open/", {"opening_float": cash_in_it}, follow=True)
    assert messages_of(answer) == ["A gaveta está aberta."]
    return TillSession.objects.latest("pk")


def actor_of(session: TillSession) -> Actor:
    return Actor(kind="staff", id=session.actor_id, door="admin")


def key() -> dict[str, str]:
    return {"key": "00000000-0000-4000-8000-000000000001"}


def count(browser: Client, session: TillSession, amount: str) -> Any:
    said = {"cash": amount, "card": "0", "pix": "0", **key()}
    return browser.post(f"{DRAWER}{session.public_id}/count/", said, follow=True)


def test_a_counter_opens_moves_counts_and_closes_their_own() -> None:
    browser = at_desk(role="counter", name="Bia")
    assert "Abrir sua gaveta" in text_of(browser.get(DRAWER))
    session = opened(browser)
    sell(cash("8.00"), goods=goods(PAO=10), actor=actor_of(session))
    moved = {"kind": "out", "amount": "20,00", "reason": "Depósito no banco", **key()}
    for _click in range(2):
        browser.post(f"{DRAWER}{session.public_id}/move/", moved)
    assert CashMovement.objects.get().amount == Decimal("20.00")
    page = text_of(browser.get(DRAWER))
    assert "Depósito no banco" in page
    assert "Outras gavetas abertas" not in page
    shown = text_of(count(browser, session, "37,00"))
    assert "Faltam R$ 1,00" in shown
    assert "R$ 38,00" in shown
    last = session.counts.get().pk
    refused = browser.post(f"{DRAWER}{session.public_id}/close/", {"count": last, "note": ""})
    assert refused.status_code == 422
    assert "Anote o que explica a diferença" in text_of(refused)
    signed = browser.post(f"{DRAWER}{session.public_id}/close/", {"count": last, "note": "Troco errado"}, follow=True)
    assert messages_of(signed) == ["A gaveta está fechada."]
    assert "Troco errado" in text_of(signed)
    assert TillClose.objects.get().difference == Decimal("-1.00")


def test_no_page_tells_what_should_be_there_before_it_is_counted() -> None:
    browser = at_desk(role="counter", name="Bia")
    session = opened(browser, "13,00")
    sell(cash("8.00"), goods=goods(PAO=10), actor=actor_of(session))
    for address in (DRAWER, f"{DRAWER}{session.public_id}/count/"):
        page = text_of(browser.get(address))
        assert "21,00" not in page
        assert "21.00" not in page
        assert "R$ 8,00" not in page
    early = browser.get(f"{DRAWER}{session.public_id}/close/")
    assert (early.status_code, early.headers["Location"]) == (302, f"{DRAWER}{session.public_id}/count/")
    assert "21,00" in text_of(count(browser, session, "20,00"))
    again = count(browser, session, "20,00")
    assert session.counts.count() == 1  # the same form, sent twice
    assert "Faltam R$ 1,00" in text_of(again)
    assert "contada 2 vezes" not in text_of(again)


def test_who_counts_again_is_seen_to() -> None:
    browser = at_desk(role="counter", name="Bia")
    session = opened(browser, "10,00")
    count(browser, session, "9,00")
    said = {"cash": "10,00", "card": "0", "pix": "0", "key": "00000000-0000-4000-8000-000000000002"}
    assert "contada 2 vezes" in text_of(browser.post(f"{DRAWER}{session.public_id}/count/", said, follow=True))
    last = session.counts.last()
    assert last is not None
    browser.post(f"{DRAWER}{session.public_id}/close/", {"count": last.pk, "note": ""})
    assert "contada 2 vezes" in text_of(at_desk(role="owner").get(DRAWER))


def test_what_is_left_out_of_a_count_is_asked_for() -> None:
    browser = at_desk(role="counter")
    session = opened(browser)
    answer = browser.post(f"{DRAWER}{session.public_id}/count/", {"cash": "50", "card": "", "pix": "0", **key()})
    assert answer.status_code == 400
    assert 'value="50"' in text_of(answer)
    assert session.counts.count() == 0


def test_one_persons_drawer_is_nobody_elses_but_the_owners() -> None:
    session = opened(at_desk(role="counter", name="Bia"))
    other = Client()
    other.force_login(_another_counter())
    for verb in ("count", "close"):
        assert other.get(f"{DRAWER}{session.public_id}/{verb}/").status_code == 404
    assert other.post(f"{DRAWER}{session.public_id}/move/", {}).status_code == 404
    owner = at_desk(role="owner")
    assert "Bia" in text_of(owner.get(DRAWER))
    assert owner.get(f"{DRAWER}{session.public_id}/count/").status_code == 200


def _another_counter() -> Any:
    user = User.objects.create_user("outro@balcao.example", "uma-senha-bem-comprida", name="Caio", is_staff=True)
    user.groups.set(Group.objects.filter(name="counter"))
    return user


@pytest.mark.parametrize(
    ("role", "address", "status"),
    [
        ("counter", DRAWER, 200),
        ("owner", DRAWER, 200),
        ("professional", DRAWER, 403),
        ("counter", DAY, 403),
        ("owner", DAY, 200),
        ("professional", DAY, 403),
        ("counter", f"{DAY}csv/", 403),
        ("counter", f"{DAY}print/", 403),
    ],
)
def test_who_sees_what(role: str, address: str, status: int) -> None:
    assert at_desk(role=role).get(address).status_code == status


@pytest.mark.parametrize("address", [f"{DRAWER}tills/", f"{DAY}close/", f"{DAY}correct/"])
def test_what_is_the_owners_is_not_the_counters(address: str) -> None:
    assert at_desk(role="counter").post(address, {"name": "Novo", **ON_MONDAY}).status_code == 403
    assert (Till.objects.count(), DayClose.objects.count()) == (0, 0)


def test_tills_are_added_and_taken_out_of_use() -> None:
    owner = at_desk(role="owner")
    for name in ("Balcão", "Porta"):
        owner.post(f"{DRAWER}tills/", {"name": name})
    owner.post(f"{DRAWER}tills/", {"switch": Till.objects.get(name="Balcão").pk})
    assert list(Till.objects.values_list("name", "active")) == [("Balcão", False), ("Porta", True)]
    assert opened(owner).till.name == "Porta"


def test_the_owner_closes_the_day(time_machine: Traveller) -> None:
    owner = at_desk(role="owner", name="Dona Ana")
    session = opened(owner, "0")
    sell(cash("8.00"), goods=goods(PAO=10), actor=actor_of(session))
    time_machine.shift(60)
    page = text_of(owner.get(DAY, ON_MONDAY))
    assert "Estas gavetas estão abertas" in page
    refused = owner.post(f"{DAY}close/", {"note": "", **ON_MONDAY}, follow=True)
    assert messages_of(refused) == ["Gavetas ainda abertas: 1. Conte e feche-as primeiro."]
    count(owner, session, "8,00")
    owner.post(f"{DRAWER}{session.public_id}/close/", {"count": session.counts.get().pk, "note": ""})
    done = owner.post(f"{DAY}close/", {"note": "Dia calmo", **ON_MONDAY}, follow=True)
    assert messages_of(done)[-1] == "O dia está fechado. O que vier agora conta para o próximo."
    closed = text_of(done)
    assert "Dia calmo" in closed
    assert "fechado por Dona Ana" in closed
    assert DayClose.objects.get().figures["received"] == "8.00"
    said = {"direction": "less", "amount": "2,00", "tender": "cash", "reason": "Nota falsa", **ON_MONDAY, **key()}
    corrected = owner.post(f"{DAY}correct/", said, follow=True)
    assert "Nota falsa" in text_of(corrected)
    assert DayCorrection.objects.get().amount == Decimal("-2.00")
    assert "-R$ 2,00" in text_of(owner.get(f"{DAY}print/", {"paper": "80", **ON_MONDAY}))


def test_the_table_opens_in_excel_and_computes_nothing(time_machine: Traveller) -> None:
    owner = at_desk(role="owner", name="=HYPERLINK(1)")
    session = opened(owner, "0")
    sell(cash("8.00"), goods=goods(PAO=10), actor=actor_of(session))
    time_machine.shift(60)
    answer = owner.get(f"{DAY}csv/", ON_MONDAY)
    text = answer.content.decode("utf-8")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="dia-2026-03-02.csv"'
    assert text.startswith("\ufeffFechamento de 2 de março de 2026")
    assert "Dinheiro;1;8,00;0,00;8,00\r\n" in text
    assert "'=HYPERLINK(1);1;8,00;0,00;8,00\r\n" in text


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"), ("+55", "'+55"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"), ("Pão", "Pão"),
        (Decimal("-1234.50"), "-1234,50"), (3, "3"),
    ],
)  # fmt: skip
def test_a_cell_is_never_a_formula(cell: Any, written: str) -> None:
    assert safe(cell) == written


@pytest.mark.parametrize("asked", ["", "gestern", "2999-01-01", "0001-01-01"])
def test_an_odd_day_is_today(asked: str) -> None:
    assert "2 de março de 2026" in text_of(at_desk(role="owner").get(DAY, {"day": asked}))


@pytest.mark.parametrize("asked", ["9999-12-31", "0001-01-01", "1999-12-31"])
def test_no_day_off_the_calendar_is_closed_or_corrected(asked: str) -> None:
    owner = at_desk(role="owner")
    assert owner.post(f"{DAY}close/", {"note": "", "day": asked}).status_code == 302
    said = {"direction": "less", "amount": "2,00", "tender": "cash", "reason": "Nota falsa", "day": asked, **key()}
    assert owner.post(f"{DAY}correct/", said).status_code == 400
    assert not DayClose.objects.exists()
    assert not DayCorrection.objects.exists()


def test_a_day_before_sees_nothing_of_today() -> None:
    owner = at_desk(role="owner")
    sell(cash("8.00"), goods=goods(PAO=10))
    page = text_of(owner.get(DAY, {"day": (date(2026, 3, 2) - timedelta(days=1)).isoformat()}))
    assert "8,00" not in page
