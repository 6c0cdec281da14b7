"""The week on one page: a row for each day with its break, copied from day to day and from person to person."""

from datetime import time
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from time_machine import Traveller

from backoffice.hours.forms import read, written
from backoffice.tests.desk import at_desk, messages_of, text_of
from backoffice.tests.pages import fields_of
from common.testing import statements
from scheduling import selectors
from scheduling.models import AvailabilityRule
from scheduling.tests.factories import MONDAY, Salon, at, booked, professional, salon
from shop import services as shop
from shop.models import OpeningHours, PolicyChange

pytestmark = pytest.mark.django_db

SHOP = "/admin/hours/shop/"
LUNCH = {"opens_0_0": "9h", "closes_0_0": "12:00", "opens_0_1": "13:00", "closes_0_1": "18h"}


@pytest.fixture(autouse=True)
def people(time_machine: Traveller) -> Salon:
    time_machine.move_to(MONDAY, tick=False)
    return salon(names=("Ana", "Bia"))


@pytest.fixture
def ana(people: Salon) -> str:
    return f"/admin/hours/{people.id('Ana')}/"


def typed(answer: Any, **values: Any) -> dict[str, Any]:
    sent = {name: values for name, values in fields_of(answer).items() if name not in ("like", "copy")}
    return {**sent, **values}


def test_monday_with_a_break_is_copied_to_friday_and_saved_at_once(people: Salon, ana: str) -> None:
    client = at_desk(role="owner")
    assert client.get("/admin/hours/")["Location"] == ana
    page = client.get(ana)
    marks = {f"mark_{day}": "on" for day in range(1, 5)}
    filled = client.post(ana, typed(page, **LUNCH, **marks, copy="0"))
    assert AvailabilityRule.objects.filter(opens=13 * 60).count() == 0
    sent = typed(filled)
    assert [sent[f"opens_{day}_1"] for day in range(7)] == [["13:00"]] * 5 + [[""]] * 2
    assert not any(name.startswith("mark_") for name in sent)

    done = client.post(ana, {**sent, "opens_6_0": "", "closes_6_0": ""}, follow=True)
    assert messages_of(done) == ["A semana de Ana foi salva."]
    week = selectors.week_of(professional=people.people["Ana"])
    assert week == {**{day: [(540, 720), (780, 1080)] for day in range(5)}, 5: [(540, 1080)], 6: []}
    assert "Ana" in LogEntry.objects.get().get_change_message()
    told = client.get(reverse("admin:scheduling_professional_history", args=[people.people["Ana"].pk]))
    [(who, words)] = [(step.who, step.words) for step in told.context["steps"] if step.words]
    assert who == "Dona Ana"
    assert ("Segunda-feira", "09:00–18:00", "09:00–12:00, 13:00–18:00") in words
    assert ("Domingo", "09:00–18:00", "folga") in words
    assert len(words) == 6
    assert "Quem mudou isto?" in text_of(client.get(ana))


def test_a_week_is_copied_from_somebody_else_and_from_the_shop(people: Salon, ana: str) -> None:
    other = professional(name="Caio", days=[1])
    client = at_desk(role="owner")
    filled = client.get(ana, {"like": str(other.public_id)})
    assert "Nada foi salvo ainda." in text_of(filled)
    client.post(ana, typed(filled))
    assert selectors.week_of(professional=people.people["Ana"]) == selectors.week_of(professional=other)

    client.post(ana, typed(client.get(ana, {"like": "shop"})))
    opens = {row.weekday for row in shop.policy().opening_hours}
    week = selectors.week_of(professional=people.people["Ana"])
    assert {day for day in week if week[day]} == opens
    assert client.get(ana, {"like": "x"}).status_code == 404


def test_visits_in_the_way_are_named_and_left_on_purpose(people: Salon, ana: str) -> None:
    booked(at(12), who=people.id("Ana"), name="Maria Souza")
    client = at_desk(role="owner")
    off = typed(client.get(ana), opens_1_0="", closes_1_0="")
    asked = client.post(ana, off)
    assert asked.status_code == 409
    assert "Maria Souza" in text_of(asked)
    assert AvailabilityRule.objects.filter(professional=people.people["Ana"], weekday=1).exists()
    done = client.post(ana, {**off, "strand_anyway": "1"}, follow=True)
    assert "Maria Souza" in messages_of(done)[1]
    assert not AvailabilityRule.objects.filter(professional=people.people["Ana"], weekday=1).exists()


def test_a_stale_tab_is_told_and_loses_nothing(people: Salon, ana: str) -> None:
    client = at_desk(role="owner")
    first, second = client.get(ana), client.get(ana)
    client.post(ana, typed(first, opens_6_0="", closes_6_0=""))
    answer = client.post(ana, typed(second, **LUNCH))
    assert answer.status_code == 409
    assert "Alguém mudou estes horários" in text_of(answer)
    again = client.post(ana, typed(answer))
    assert again.status_code == 302
    assert selectors.week_of(professional=people.people["Ana"])[0] == [(540, 720), (780, 1080)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"closes_0_0": ""}, "Os dois horários, ou nenhum."),
        ({"opens_0_0": "abc"}, "Digite um horário como 09:00."),
        ({"opens_0_1": "17:00", "closes_0_1": "20:00"}, "O segundo período começa antes de o primeiro terminar."),
        ({"stretches": "99"}, ""),
        ({"seen": "x"}, "Alguém mudou estes horários"),
        ({"seen": "[" * 2000}, "Alguém mudou estes horários"),
        ({"seen": "[[[1e999,1]],[],[],[],[],[],[]]"}, "Alguém mudou estes horários"),
    ],
)
def test_what_cannot_be_is_said_beside_its_day(ana: str, change: dict[str, str], says: str) -> None:
    client = at_desk(role="owner")
    answer = client.post(ana, typed(client.get(ana), **change))
    assert answer.status_code in (400, 409)
    assert says in text_of(answer)
    assert AvailabilityRule.objects.count() == 14


def test_a_night_shift_ends_on_the_next_day(people: Salon, ana: str) -> None:
    client = at_desk(role="owner")
    client.post(ana, typed(client.get(ana), opens_4_0="20:00", closes_4_0="02:00"))
    assert selectors.week_of(professional=people.people["Ana"])[4] == [(1200, 1560)]
    assert typed(client.get(ana))["closes_4_0"] == ["02:00"]


def test_the_shops_hours_are_the_same_page() -> None:
    client = at_desk(role="owner")
    stale = client.get(SHOP)
    done = client.post(SHOP, typed(client.get(SHOP), **LUNCH), follow=True)
    assert messages_of(done) == ["O horário da loja foi salvo."]
    monday = [(row.opens, row.closes) for row in OpeningHours.objects.filter(weekday=0)]
    assert monday == [(time(9), time(12)), (time(13), time(18))]
    assert PolicyChange.objects.get(key="opening_hours").actor_kind == "staff"

    answer = client.post(SHOP, typed(stale, opens_0_0="10:00"))
    assert answer.status_code == 409
    night = client.post(SHOP, typed(answer, closes_5_0="02:00"))
    assert night.status_code == 400
    assert client.post(SHOP, typed(client.get(SHOP), closes_5_0="24:00")).status_code == 302
    assert OpeningHours.objects.get(weekday=5).closes == time(0)


def test_only_the_owner_writes_weeks(ana: str) -> None:
    for role in ("counter", "professional"):
        client = at_desk(role=role)
        assert [client.get(page).status_code for page in ("/admin/hours/", ana, SHOP)] == [403] * 3
        assert client.post(ana, {}).status_code == 403


def test_the_page_takes_a_fixed_number_of_statements(ana: str) -> None:
    client = at_desk(role="owner")
    client.get(ana)
    counts = []
    for names in ((), ("Caio", "Davi", "Eva")):
        for name in names:
            professional(name=name)
        with statements() as seen:
            client.get(ana)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12


def test_a_week_is_carried_by_the_page() -> None:
    week = {day: [(540, 720)] if day else [] for day in range(7)}
    assert read(written(week)) == week
    empty: dict[int, list[Any]] = {day: [] for day in range(7)}
    for odd in ("", "[]", "{}", "[[1],[2]]", '[["a","b"]]', "null", "[[[1]]]"):
        assert read(odd) == empty
