"""The drawer and the day at the desk: who may do what, a count that is blind, and a table that computes nothing."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from time_machine import Traveller

from accounts.models import User
from backoffice.tests.desk import at_desk, messages_of, text_of
from common import clock
from common.actors import Actor
from counter import services as counter
from counter.daysheet import day_ending
from counter.errors import DrawersOpen
from counter.services import LastDrawer
from counter.tests.factories import MONDAY, STAFF, cash, goods, sell
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


def leads_to(thing: Model) -> str:
    """The link to who changed a thing that has no list at the desk."""
    return f'href="/admin/audit/entry/?q={thing._meta.db_table}%3A{thing.pk}"'


def test_the_owner_is_led_to_who_changed_a_drawer_a_till_or_a_day() -> None:
    owner = at_desk(role="owner")
    session = opened(owner)
    assert leads_to(session) in text_of(owner.get(DRAWER))
    assert leads_to(session.till) in text_of(owner.get(DRAWER))
    assert leads_to(session) in text_of(owner.get(f"{DRAWER}{session.public_id}/count/"))
    sheet = count(owner, session, "50,00")
    assert leads_to(session) in text_of(sheet)
    owner.post(f"{DRAWER}{session.public_id}/close/", {"count": sheet.context["count"].pk, "note": ""})
    assert leads_to(session) in text_of(owner.get(DRAWER))
    owner.post(f"{DAY}close/", {"day": ON_MONDAY["day"], "note": ""})
    assert leads_to(DayClose.objects.get()) in text_of(owner.get(DAY, ON_MONDAY))
    found: Any = owner.get("/admin/audit/entry/", {"q": f"till_tillsession:{session.pk}"})
    assert {entry.table_name for entry in found.context["cl"].result_list} >= {"till_tillsession"}
    assert "audit/entry" not in text_of(at_desk(role="counter", name="Bia").get(DRAWER))


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


def test_the_last_drawer_is_closed_with_the_day(time_machine: Traveller) -> None:
    owner = at_desk(role="owner", name="Dona Ana")
    session = opened(owner, "10,00")
    sell(cash("8.00"), goods=goods(PAO=10), actor=actor_of(session))
    time_machine.shift(60)
    asked = owner.get(f"{DAY}end/", follow=True)
    assert asked.redirect_chain[-1][0] == f"{DAY}end/{session.public_id}/count/"
    for hidden in ("18,00", "8,00"):
        assert hidden not in text_of(asked)
    said = {"cash": "18,00", "card": "0", "pix": "0", **key()}
    shown = owner.post(f"{DAY}end/{session.public_id}/count/", said, follow=True)
    assert shown.redirect_chain[-1][0] == f"{DAY}end/{session.public_id}/sign/"
    page = text_of(shown)
    assert "Confere" in page
    assert "Fechar a gaveta e o dia 2 de março de 2026" in page
    last = {"count": session.counts.get().pk, "note": "", "about": "Dia calmo"}
    done = owner.post(f"{DAY}end/{session.public_id}/sign/", {**last, **ON_MONDAY}, follow=True)
    assert messages_of(done) == ["A gaveta e o dia estão fechados. O que vier agora conta para o próximo dia."]
    assert "fechado por Dona Ana" in text_of(done)
    close = DayClose.objects.get()
    assert (close.note, close.figures["received"], str(close.counted), str(close.expected)) == (
        "Dia calmo", "8.00", "18.00", "18.00",
    )  # fmt: skip
    assert owner.get(f"{DAY}end/", follow=True).redirect_chain[-1][0] == DAY
    assert owner.get(f"{DAY}end/{session.public_id}/sign/").status_code == 302


def test_drawers_come_one_after_the_other_and_the_day_with_the_last(time_machine: Traveller) -> None:
    bia = at_desk(role="counter", name="Bia")
    hers = opened(bia, "10,00")
    owner = at_desk(role="owner")
    own = opened(owner, "0")
    time_machine.shift(60)
    first = owner.get(f"{DAY}end/", follow=True)
    assert str(own.public_id) in first.redirect_chain[-1][0]
    assert "Mais 1 gaveta está aberta" in text_of(first)
    for session, amount in ((own, "0"), (hers, "10,00")):
        said = {"cash": amount, "card": "0", "pix": "0", "key": str(session.public_id)}
        signing = owner.post(f"{DAY}end/{session.public_id}/count/", said, follow=True)
        assert ('name="day"' in text_of(signing)) == (session == hers)
        last = {"count": session.counts.get().pk, "note": "", "about": "", **ON_MONDAY}
        done = owner.post(f"{DAY}end/{session.public_id}/sign/", last, follow=True)
    assert "fechado por" in text_of(done)
    assert (TillClose.objects.count(), DayClose.objects.count()) == (2, 1)


def test_the_day_that_was_shown_is_closed_though_midnight_has_passed(time_machine: Traveller) -> None:
    sell(cash("8.00"), goods=goods(PAO=10))
    session = TillSession.objects.get(opened_by_itself=True)
    time_machine.move_to(datetime(2026, 3, 2, 23, 58, tzinfo=ZoneInfo("America/Sao_Paulo")), tick=False)
    owner = at_desk(role="owner")
    said = {"cash": "8,00", "card": "0", "pix": "0", **key()}
    signing = text_of(owner.post(f"{DAY}end/{session.public_id}/count/", said, follow=True))
    assert 'name="day" value="2026-03-02"' in signing
    time_machine.shift(180)
    last = {"count": session.counts.get().pk, "note": "", "about": "", **ON_MONDAY}
    owner.post(f"{DAY}end/{session.public_id}/sign/", last)
    assert DayClose.objects.get().day == date(2026, 3, 2)


@pytest.mark.parametrize("asked", ["amanhã", "0001-01-01", "9999-12-31", "2026-03-03"])
def test_a_day_that_cannot_end_closes_nothing(asked: str, time_machine: Traveller) -> None:
    owner = at_desk(role="owner")
    session = opened(owner, "0")
    time_machine.shift(60)
    owner.post(f"{DAY}end/{session.public_id}/count/", {"cash": "0", "card": "0", "pix": "0", **key()})
    last = {"count": session.counts.get().pk, "note": "", "about": "", "day": asked}
    answer = owner.post(f"{DAY}end/{session.public_id}/sign/", last)
    assert answer.status_code in (400, 409, 422)
    assert 'role="alert"' in text_of(answer)
    assert (DayClose.objects.count(), TillClose.objects.count()) == (0, 0)


def test_a_drawer_that_opens_meanwhile_keeps_the_day_open_and_nothing_is_half_closed(time_machine: Traveller) -> None:
    owner = at_desk(role="owner")
    session = opened(owner, "10,00")
    time_machine.shift(60)
    said = {"cash": "10,00", "card": "0", "pix": "0", **key()}
    owner.post(f"{DAY}end/{session.public_id}/count/", said)
    drawer = LastDrawer(session=session.public_id, count=session.counts.get().pk, note="", anybodys=True)
    other = opened(at_desk(role="counter"), "5,00")
    time_machine.shift(60)
    with pytest.raises(DrawersOpen):
        counter.end_day(drawer=drawer, day=date(2026, 3, 2), note="", actor=actor_of(session), now=clock.now())
    assert set(TillSession.objects.filter(closed_at=None)) == {session, other}
    last = {"count": session.counts.get().pk, "note": "", "about": "", **ON_MONDAY}
    done = owner.post(f"{DAY}end/{session.public_id}/sign/", last, follow=True)
    assert str(other.public_id) in done.redirect_chain[-1][0]
    assert not DayClose.objects.exists()


def test_a_counter_ends_the_day_with_their_own_drawer() -> None:
    bia = at_desk(role="counter", name="Bia")
    session = opened(bia, "10,00")
    said = {"cash": "9,00", "card": "0", "pix": "0", **key()}
    signing = text_of(bia.post(f"{DAY}end/{session.public_id}/count/", said, follow=True))
    assert 'name="day"' not in signing
    assert "Por forma de pagamento" not in signing
    last = {"count": session.counts.get().pk, "note": "", "about": "", **ON_MONDAY}
    refused = bia.post(f"{DAY}end/{session.public_id}/sign/", last)
    assert refused.status_code == 422
    done = bia.post(f"{DAY}end/{session.public_id}/sign/", {**last, "note": "Troco"}, follow=True)
    assert done.redirect_chain[-1][0] == DRAWER
    assert not DayClose.objects.exists()


@pytest.mark.parametrize(
    ("opened_at", "by_itself", "closed", "now", "ends"),
    [
        ((2, 18), False, (), (3, 1), 2),  # past midnight: the evening's day
        ((2, 18), False, (2,), (3, 1), 3),
        ((2, 18), True, (), (3, 1), 3),
        ((3, 9), False, (), (3, 19), 3),
        ((3, 9), False, (3,), (3, 19), None),
        ((1, 9), False, (), (3, 19), 3),
    ],
)
def test_which_day_ends_with_a_drawer(
    opened_at: tuple[int, int], by_itself: bool, closed: tuple[int, ...], now: tuple[int, int], ends: int | None
) -> None:
    zone = ZoneInfo("America/Sao_Paulo")
    for day in closed:
        counter.close_day(day=date(2026, 3, day), note="", actor=STAFF, now=datetime(2026, 3, day, 23, tzinfo=zone))
    session = TillSession(opened_at=datetime(2026, 3, *opened_at, tzinfo=zone), opened_by_itself=by_itself)
    found = day_ending(session=session, timezone=str(zone), now=datetime(2026, 3, *now, tzinfo=zone))
    assert found == (date(2026, 3, ends) if ends else None)


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
