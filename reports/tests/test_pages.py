"""The pages of the figures: who sees them, which days they take, what they cost, and where their links lead."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from time_machine import Traveller

from backoffice.tests.desk import at_desk, text_of
from common.testing import statements
from counter.tests.factories import MONDAY, cash, goods, of, sell
from inventory.tests.factories import stocked
from reports.periods import LONGEST, PRESETS, Days, compared_with, months_of
from scheduling.models import Appointment
from scheduling.tests.factories import at, booked, salon
from shop.models import ShopSettings
from shop.services import open_settings

pytestmark = pytest.mark.django_db
PAGE = "/admin/reports/"
ROWS = f"{PAGE}rows/"


@pytest.fixture(autouse=True)
def _monday(db: None, time_machine: Traveller) -> None:
    time_machine.move_to(MONDAY + timedelta(hours=4), tick=False)


def sold() -> None:
    stocked(sku="PAO", price="0.80", units=1000)
    sell(cash("8.00"), goods=goods(PAO=10))
    sell(of("card", "1.60"), goods=goods(PAO=2))


@pytest.mark.parametrize("address", [PAGE, f"{ROWS}?figure=revenue"])
@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("counter", 403), ("professional", 403)])
def test_figures_are_for_whoever_may_see_them(role: str, address: str, status: int) -> None:
    assert at_desk(role=role).get(address).status_code == status


def test_a_report_says_each_figure_and_leads_to_its_rows() -> None:
    sold()
    desk = at_desk(role="owner")
    answer = desk.get(PAGE, {"period": "today", "compare": "before"})
    page = text_of(answer)
    assert {str(one["figure"].name): one["text"] for one in answer.context["headlines"]} == {
        "Faturamento": "R$ 9,60", "Faturamento em produtos": "R$ 9,60", "Faturamento em serviços": "R$ 0,00",
        "Devolvido": "R$ 0,00", "Vendas": "2", "Ticket médio": "R$ 4,80", "Vendido, pago ou não": "R$ 9,60",
        "Atendimentos realizados": "0", "Faltas": "0", "Taxa de faltas": "–", "Ocupação": "–",
    }  # fmt: skip
    links = set(re.findall(r'href="(/admin/reports/rows/[^"]+)"', page.replace("&amp;", "&")))
    assert len(links) > 15
    for link in sorted(links):
        assert desk.get(link).status_code == 200, link
    rows = text_of(desk.get(f"{ROWS}?figure=revenue&way=card&first=2026-03-02&last=2026-03-02"))
    assert "1 linha, R$ 1,60 ao todo" in rows
    assert "Maquininha" in rows


def test_every_chart_stands_beside_a_table_that_says_the_same() -> None:
    sold()
    answer = at_desk(role="owner").get(PAGE)
    charts = [chart for chart in answer.context["charts"] if not chart.is_empty]
    assert [chart.key for chart in charts] == ["revenue", "tickets", "by_way", "best"]
    page = text_of(answer)
    assert page.count('class="chart" role="img"') == len(charts)
    for chart in charts:
        assert chart.table.rows
        assert f'<a href="#{chart.table.key}">Como tabela</a>' in page
        assert f'<section class="desk-card" id="{chart.table.key}">' in page


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"first": "2026-02-30", "last": "2026-03-01"}, "first", "Informe uma data válida."),
        ({"first": "ontem", "last": ""}, "last", "Este campo é obrigatório."),
        ({"first": "2026-03-02", "last": "2026-03-01"}, "last", "Este dia vem antes do primeiro."),
        ({"first": "2026-03-02", "last": "2026-03-03"}, "last", "Este dia ainda não chegou"),
        ({"first": "2024-03-01", "last": "2026-03-02"}, "first", "no máximo dois anos"),
        ({"first": "0001-01-01", "last": "2026-03-02"}, "first", "Informe uma data válida."),
    ],
)
def test_a_wrong_day_is_a_sentence_beside_its_field(asked: dict[str, str], field: str, said: str) -> None:
    desk = at_desk(role="owner")
    answer = desk.get(PAGE, asked)
    assert answer.status_code == 400
    assert said in str(answer.context["form"].errors[field])
    assert "headlines" not in answer.context
    assert desk.get(ROWS, {**asked, "figure": "revenue"}).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "figure=nothing", "figure=", "figure=revenue&page=999999", "figure=revenue&page=2",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(query: str) -> None:
    assert at_desk(role="owner").get(f"{ROWS}?{query}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "figure=time&professional=%00", "figure=product&variant=x' OR 1=1", "figure=tickets&channel=%F0%9F%98%80",
        "figure=revenue&page=-1", "figure=revenue&page=x", "figure=product",
    ],
)  # fmt: skip
def test_garbage_in_an_address_finds_nothing_or_everything_but_no_mistake(query: str) -> None:
    assert at_desk(role="owner").get(f"{ROWS}?{query}").status_code in (200, 400)


def test_the_first_page_asks_for_the_last_thirty_days_where_they_may_be_seen() -> None:
    sold()
    owner = at_desk(role="owner")
    assert f'data-report="{PAGE}lately/"' in text_of(owner.get("/admin/"))
    with statements() as ran:
        answer = owner.get(f"{PAGE}lately/")
    assert len(ran) == STATEMENTS
    part = text_of(answer)
    assert "<html" not in part
    assert "R$ 9,60" in part
    charts = answer.context["charts"]
    assert part.count("<canvas") == part.count("<summary>Como tabela</summary>") == len(charts) == 4
    assert [name for name, _number in charts[0].table.headings] == [
        "Dia", "Faturamento em produtos", "Faturamento em serviços",
    ]  # fmt: skip
    for role in ("counter", "professional"):
        client = at_desk(role=role)
        assert "data-report" not in text_of(client.get("/admin/"))
        assert client.get(f"{PAGE}lately/").status_code == 403


def test_a_long_report_goes_by_month_and_two_years_are_the_most() -> None:
    sold()
    answer = at_desk(role="owner").get(PAGE, {"first": "2024-03-02", "last": "2026-03-02"})
    assert answer.status_code == 200
    [by_day] = [section for section in answer.context["sections"] if section.key == "by_day"]
    assert len(by_day.rows) == 25
    assert len(Days(date(2024, 3, 2), date(2026, 3, 2))) == LONGEST


def test_statements_are_few_and_do_not_grow() -> None:
    sold()
    salon(names=["Ana", "Bia"])
    desk = at_desk(role="owner")
    costs = []
    for _round in range(2):
        sell(cash("0.80"), goods=goods(PAO=1))
        with statements() as ran:
            desk.get(PAGE, {"period": "days30", "compare": "before"})
        costs.append(len(ran))
    assert costs[0] == costs[1] == STATEMENTS


STATEMENTS = 5 + 6
"""Session, login, what it may (2) and the shop's rules, as of every page; and of the report the closes of days, days
kept, money and sales, visits, hours and goods, compared or not."""


def test_named_periods_end_today_at_the_latest() -> None:
    today = date(2026, 3, 31)
    assert {name: (found(today).first, found(today).last) for name, found in PRESETS.items()} == {
        "today": (today, today),
        "yesterday": (date(2026, 3, 30), date(2026, 3, 30)),
        "week": (date(2026, 3, 25), today),
        "days30": (date(2026, 3, 2), today),
        "month": (date(2026, 3, 1), today),
        "last_month": (date(2026, 2, 1), date(2026, 2, 28)),
        "year": (date(2026, 1, 1), today),
    }
    assert PRESETS["last_month"](date(2026, 1, 5)) == Days(date(2025, 12, 1), date(2025, 12, 31))


def test_what_days_are_compared_with() -> None:
    leap = Days(date(2024, 2, 29), date(2024, 3, 1))
    assert compared_with(days=leap, comparison="year") == Days(date(2023, 2, 28), date(2023, 3, 1))
    assert compared_with(days=leap, comparison="before") == Days(date(2024, 2, 27), date(2024, 2, 28))
    assert compared_with(days=leap, comparison="none") is None
    assert months_of(Days(date(2025, 12, 30), date(2026, 2, 1))) == [
        Days(date(2025, 12, 30), date(2025, 12, 31)),
        Days(date(2026, 1, 1), date(2026, 1, 31)),
        Days(date(2026, 2, 1), date(2026, 2, 1)),
    ]


def test_a_figure_says_how_it_changed_and_whether_that_is_good() -> None:
    stocked(sku="PAO", price="1.00", units=1000)
    sell(cash("4.00"), goods=goods(PAO=4), now=MONDAY - timedelta(days=1))
    sell(cash("5.00"), goods=goods(PAO=5))
    answer = at_desk(role="owner").get(PAGE, {"period": "today", "compare": "before"})
    found: dict[str, Any] = {one["figure"].key: one for one in answer.context["headlines"]}
    assert (found["revenue"]["change"]["text"], found["revenue"]["change"]["good"]) == ("+25,0%", True)
    assert (found["tickets"]["change"]["text"], found["tickets"]["change"]["flat"]) == ("0,0%", True)
    assert found["given_back"]["change"] is None  # nothing then, nothing now
    assert "comparado com 01/03/2026 – 01/03/2026" in text_of(answer)


def test_names_are_shown_only_to_who_may_see_them_elsewhere() -> None:
    """The viewer sees whose an order is, and not who comes to whom."""
    sold()
    visit = booked(at(16, day=0), who=salon().id("Ana"), name="Rita Prado")
    Appointment.objects.filter(pk=visit.pk).update(state="completed")
    for role, sees_visits in (("manager", True), ("viewer", False)):
        desk = at_desk(role=role)
        assert "Sem nome" in text_of(desk.get(f"{ROWS}?figure=tickets"))
        page = text_of(desk.get(f"{ROWS}?figure=visits"))
        assert "1 linha" in page
        assert ("Rita Prado" in page, "Cliente" in page, f"?visit={visit.public_id}" in page) == (sees_visits,) * 3


def test_today_is_the_day_of_the_shop(time_machine: Traveller) -> None:
    time_machine.move_to(datetime(2026, 3, 3, 3, 30, tzinfo=UTC), tick=False)  # half past midnight in São Paulo
    desk = at_desk(role="owner")
    open_settings()
    for zone, today in (("America/Sao_Paulo", date(2026, 3, 3)), ("America/Manaus", date(2026, 3, 2))):
        ShopSettings.objects.update(timezone=zone)
        assert desk.get(PAGE, {"period": "today"}).context["days"] == Days(today, today)
        assert desk.get(f"{PAGE}lately/").context["days"].last == today
        assert desk.get(PAGE, {"first": "2026-03-03", "last": "2026-03-03"}).status_code == (
            200 if today.day == 3 else 400
        )
