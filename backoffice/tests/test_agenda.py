"""The agenda: what each role sees of it, what it shows, and with how many statements."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests import factories as people
from backoffice.tests.desk import text_of
from common import clock
from common.testing import directives, statements
from operations.tests.salons import look, salon, seated, send
from scheduling import services as scheduling
from scheduling.models import Appointment, TimeOff
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at

pytestmark = pytest.mark.django_db

WEEK = {"from": "2026-03-02", "to": "2026-03-08"}
EVIL = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


def visits_in(answer: Any) -> list[dict[str, Any]]:
    return [one for one in answer.json()["events"] if one["extendedProps"]["kind"] == "visit"]


def test_the_owner_and_the_counter_see_every_column() -> None:
    shop = salon()
    make.booked(at(10), who=shop.id("Ana"))
    make.booked(at(11), who=shop.id("Bia"))
    for role in ("owner", "counter"):
        answer = look(seated(role=role), "week", **WEEK)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        assert [one["title"] for one in answer.json()["resources"]] == ["Ana", "Bia"]
        assert [one["start"] for one in visits_in(answer)] == ["2026-03-03T10:00:00", "2026-03-03T11:00:00"]


def test_a_professional_sees_the_own_column_and_nothing_of_the_others() -> None:
    shop = salon()
    mine = make.booked(at(10), who=shop.id("Ana"))
    hers = make.booked(at(11), who=shop.id("Bia"))
    desk = seated(role="professional", professional=shop.people["Ana"])

    answer = look(desk, "week", **WEEK)
    assert [one["title"] for one in answer.json()["resources"]] == ["Ana"]
    assert [one["id"] for one in visits_in(answer)] == [str(mine.public_id)]
    assert visits_in(answer)[0]["startEditable"] is True
    assert look(desk, "visit", mine.public_id).status_code == 200
    refused = look(desk, "visit", hers.public_id)
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


def test_a_professional_changes_nobody_elses_time(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = salon()
    mine = make.booked(at(10), who=shop.id("Ana"))
    hers = make.booked(at(10), who=shop.id("Bia"))
    desk = seated(role="professional", professional=shop.people["Ana"])
    monkeypatch.setattr(clock, "now", lambda: at(11))
    before = make.everything()
    visit: dict[str, Any] = {"services": ["CORTE"], "starts_at": "2026-03-05T10:00", "name": "Eva"}
    bia = str(shop.id("Bia"))
    forbidden = [
        send(desk, "visits", **visit),
        send(desk, "visits", **visit, professional=bia),
        send(desk, "visits", **visit, professional=str(shop.id("Ana")), force="x"),
        send(desk, "move", mine.public_id, starts_at="2026-03-05T10:00", professional=bia),
        look(desk, "customers", q="maria"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in forbidden] == [(403, "forbidden")] * 5
    hidden = [send(desk, verb, hers.public_id) for verb in ("complete", "no-show", "accept")]
    hidden += [send(desk, "move", hers.public_id, starts_at="2026-03-05T10:00")]
    assert [answer.status_code for answer in hidden] == [404] * 4
    times = look(desk, "times", service="CORTE", day="2026-03-05", professional=bia).json()["times"]
    assert {one["professional"]["name"] for one in times} == {"Ana"}
    assert send(desk, "cancel", hers.public_id).status_code == 404
    assert make.everything() == before
    assert TimeOff.objects.count() == 0

    done = send(desk, "complete", mine.public_id)
    assert (done.status_code, done.json()["state"]) == (200, "completed")


def test_a_professional_books_moves_and_calls_off_their_own_visits() -> None:
    shop = salon()
    desk = seated(role="professional", professional=shop.people["Ana"])
    page = desk.get("/admin/agenda/?new")
    assert page.context["config"]["may"]["manage"] is True
    assert page.context["config"]["open"] == {"new": True, "block": False}
    assert [one["professionals"] for one in page.context["config"]["services"]] == [[str(shop.id("Ana"))]]
    visit: dict[str, Any] = {"services": ["CORTE"], "starts_at": "2026-03-05T10:00", "name": "Eva"}
    booked = send(desk, "visits", **visit, professional=str(shop.id("Ana")))
    assert (booked.status_code, booked.json()["may"]["move"], booked.json()["may"]["cancel"]) == (201, True, True)
    moved = send(desk, "move", booked.json()["id"], starts_at="2026-03-05T11:00")
    assert (moved.status_code, moved.json()["starts_at"]) == (200, "2026-03-05T11:00:00")
    off = send(desk, "cancel", booked.json()["id"])
    assert (off.status_code, off.json()["state"]) == (200, "cancelled")


def test_whoever_is_no_professional_books_with_nobody() -> None:
    salon()
    desk = seated(role="professional")
    refused = look(desk, "times", service="CORTE", day="2026-03-05")
    assert (refused.status_code, desk.get("/admin/agenda/?block").context["config"]["services"]) == (404, [])


def test_a_professional_accepts_requests_of_their_own() -> None:
    shop = salon(requires_confirmation=True)
    mine, hers = (make.booked(at(10, day=5), who=shop.id(name)) for name in ("Ana", "Bia"))
    desk = seated(role="professional", professional=shop.people["Ana"])
    assert send(desk, "accept", mine.public_id).json()["state"] == "confirmed"
    assert send(desk, "accept", hers.public_id).status_code == 404


def test_a_professional_blocks_and_opens_their_own_time_and_nobody_elses() -> None:
    shop = salon()
    mine, hers = (make.booked(at(10), who=shop.id(name)) for name in ("Ana", "Bia"))
    desk = seated(role="professional", professional=shop.people["Ana"])
    assert desk.get("/admin/agenda/").context["config"]["may"] == {
        "manage": True, "force": False, "block": True, "unblock": True, "find": False, "seeAll": False,
    }  # fmt: skip

    def block(name: str, hour: int) -> Any:
        when = {"starts_at": f"2026-03-03T{hour}:00", "ends_at": f"2026-03-03T{hour + 1}:00"}
        return send(desk, "time-off", professional=str(shop.id(name)), reason="Dentista", **when)

    assert block("Bia", 12).status_code == 404
    stranding = block("Ana", 10)
    assert (stranding.status_code, [one["id"] for one in stranding.json()["appointments"]]) == (
        409,
        [str(mine.public_id)],
    )
    assert TimeOff.objects.count() == 0
    blocked = block("Ana", 12)
    assert blocked.status_code == 201
    assert TimeOff.objects.get().professional == shop.people["Ana"]
    theirs = TimeOff.objects.create(professional=shop.people["Bia"], starts_at=at(12), ends_at=at(13))
    assert send(desk, "unblock", theirs.pk).status_code == 404
    assert send(desk, "unblock", blocked.json()["id"]).status_code == 200
    assert list(TimeOff.objects.all()) == [theirs]
    assert hers.state == "confirmed"


def test_a_professional_is_greeted_with_their_day() -> None:
    shop = salon()
    visits = {
        "hoje": make.booked(at(11, day=0), who=shop.id("Ana"), name="Cliente de hoje", actor=make.STAFF),
        "amanha": make.booked(at(10), who=shop.id("Ana"), name="Cliente de amanhã"),
        "outra": make.booked(at(11, day=0), who=shop.id("Bia"), name="Cliente da Bia", actor=make.STAFF),
    }
    TimeOff.objects.create(
        professional=shop.people["Ana"], starts_at=at(15, day=0), ends_at=at(16, day=0), reason="Médico"
    )
    desk = seated(role="professional", professional=shop.people["Ana"])
    answer = desk.get("/admin/")
    page = answer.content.decode()
    assert [row["name"] for row in answer.context["panels"]["own"]["visits"]] == ["Cliente de hoje"]
    assert [row["name"] for row in answer.context["panels"]["own"]["coming"]] == ["Cliente de amanhã"]
    assert f'href="/admin/agenda/?visit={visits["hoje"].public_id}"' in page
    assert "Médico" in page
    assert "Cliente da Bia" not in page
    assert desk.get("/admin/shop/shopsettings/").status_code == 403
    assert "/admin/shop/" not in page


def test_a_login_without_a_professional_is_told_so() -> None:
    salon()
    answer = seated(role="professional").get("/admin/")
    assert answer.context["panels"]["own"]["known"] is False


def test_a_professional_without_a_column_sees_none() -> None:
    make.booked(at(10), who=salon().id("Ana"))
    answer = look(seated(role="professional"), "week", **WEEK)
    assert (answer.json()["resources"], answer.json()["events"]) == ([], [])


def test_the_counter_blocks_time_and_does_not_force() -> None:
    shop = salon()
    make.booked(at(10), who=shop.id("Ana"))
    desk = seated(role="counter")
    before = make.everything()
    refused = send(
        desk,
        "visits",
        services=["CORTE"],
        professional=str(shop.id("Ana")),
        starts_at="2026-03-03T10:00",
        name="Eva",
        force="A customer of many years",
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert make.everything() == before
    blocked = send(
        desk,
        "time-off",
        professional=str(shop.id("Ana")),
        starts_at="2026-03-03T12:00",
        ends_at="2026-03-03T13:00",
    )
    assert blocked.status_code == 201


@pytest.mark.parametrize("who", ["guest", "customer"])
def test_nobody_else_comes_near(who: str, client: Client) -> None:
    salon()
    if who == "customer":
        user = people.customer().user
        assert user is not None
        client.force_login(user)
    status = 401 if who == "guest" else 403
    assert look(client, "week", **WEEK).status_code == status
    assert send(client, "visits").status_code == status
    page = client.get(reverse("agenda:page"))
    assert (page.status_code, page["Location"].startswith("/admin/login/")) == (302, True)
    assert Appointment.objects.count() == 0


def test_a_write_wants_the_pages_token() -> None:
    shop = salon()
    desk = seated(role="owner", csrf=True)
    body: dict[str, Any] = {"services": ["CORTE"], "starts_at": "2026-03-03T10:00", "name": "Eva"}
    refused = send(desk, "visits", **body, professional=str(shop.id("Ana")))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert Appointment.objects.count() == 0


def test_the_page_and_its_policy_hold_no_inline_script() -> None:
    salon()
    page = seated(role="owner").get(reverse("agenda:page"))
    assert page.status_code == 200
    assert "'unsafe-inline'" not in directives(page)["script-src"]
    own = text_of(page).partition("backoffice/agenda/agenda.css")[2]
    inline = [tag for tag in re.findall(r"<script[^>]*>", own) if " src=" not in tag]
    assert inline == ['<script id="agenda-config" type="application/json">']
    assert "onclick=" not in own


def test_the_menu_leads_to_the_agenda() -> None:
    salon()
    for role in ("owner", "counter", "professional"):
        groups = seated(role=role).get("/admin/").context["sidebar_navigation"]
        assert reverse("agenda:page") in [item["link"] for group in groups for item in group["items"]]


@pytest.mark.fault("F14")
def test_what_people_type_stays_text() -> None:
    shop = salon()
    visit = make.booked(at(10), who=shop.id("Ana"), name=EVIL, note=EVIL)
    shop.people["Bia"].name = EVIL
    shop.people["Bia"].save()
    shop.services["CORTE"].variant.product.name = EVIL
    shop.services["CORTE"].variant.product.save()
    desk = seated(role="owner")
    page = text_of(desk.get(reverse("agenda:page")))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    for answer in (look(desk, "week", **WEEK), look(desk, "visit", visit.public_id)):
        assert answer["Content-Type"].startswith("application/json")
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert visits_in(look(desk, "week", **WEEK))[0]["title"] == EVIL


def test_free_time_is_working_time_less_absences() -> None:
    shop = salon("Ana")
    scheduling.block_time(professional=shop.id("Ana"), starts_at=at(12), ends_at=at(13), reason="Almoço", now=MONDAY)
    events = look(seated(role="owner"), "week", **{"from": "2026-03-03", "to": "2026-03-03"}).json()["events"]
    there = [(one["start"], one["end"]) for one in events if one["extendedProps"]["kind"] == "there"]
    assert there == [
        ("2026-03-03T09:00:00", "2026-03-03T12:00:00"),
        ("2026-03-03T13:00:00", "2026-03-03T18:00:00"),
    ]
    away = [(one["title"], one["start"]) for one in events if one["extendedProps"]["kind"] == "away"]
    assert away == [("Almoço", "2026-03-03T12:00:00")]


def test_somebody_switched_off_keeps_a_column_while_booked() -> None:
    shop = salon()
    make.booked(at(10), who=shop.id("Bia"))
    for person in shop.people.values():
        person.is_active = False
        person.save()
    answer = look(seated(role="owner"), "week", **WEEK)
    assert [one["title"] for one in answer.json()["resources"]] == ["Bia"]


def test_the_hours_shown_reach_as_far_as_work_does() -> None:
    shop = salon("Ana")
    make.booked(at(20), who=shop.id("Ana"), actor=make.STAFF, force="Casamento")
    hours = look(seated(role="owner"), "week", **WEEK).json()["hours"]
    assert hours == {"from": "08:00:00", "until": "21:00:00"}


def test_statements_do_not_grow_with_what_is_booked() -> None:
    shop = salon()
    make.set_policy(max_bookings_per_day=100)
    desk = seated(role="owner")
    counts = []
    for hour in (10, 11, 14):
        for name in ("Ana", "Bia"):
            make.booked(at(hour), who=shop.id(name))
        with statements() as sql:
            assert look(desk, "week", **WEEK).status_code == 200
        counts.append(len(sql))
    assert len(set(counts)) == 1
    assert counts[0] <= 12


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": "2026-03-02", "to": "2026-03-16"}, "/to"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "/to"),
        ({"from": "2026-03-02"}, "/to"),
        ({"from": "x", "to": "2026-03-02"}, "/from"),
        ({**WEEK, "colour": "red"}, "/colour"),
    ],
)
def test_days_that_mean_nothing_are_refused(query: dict[str, str], pointer: str) -> None:
    answer = look(seated(role="owner"), "week", **query)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_visit_says_whether_its_change_needs_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = salon()
    visit = make.booked(at(10), who=shop.id("Ana"))
    desk = seated(role="owner")
    early = look(desk, "visit", visit.public_id).json()
    monkeypatch.setattr(clock, "now", lambda: at(9, 30))
    late = look(desk, "visit", visit.public_id).json()
    assert early["needs_reason"] == {"move": False, "cancel": False}
    assert late["needs_reason"] == {"move": True, "cancel": True}
    assert send(desk, "cancel", visit.public_id).json()["errors"][0]["pointer"] == "/reason"


def test_the_page_opens_at_what_the_address_asks_for() -> None:
    shop = salon()
    visit = make.booked(at(10), who=shop.id("Ana"))
    desk = seated(role="owner")

    def opened(query: str) -> Any:
        return desk.get(f"/admin/agenda/?{query}").context["config"]["open"]

    shown = {"visit": str(visit.public_id), "day": "2026-03-03"}
    assert opened(f"visit={visit.public_id}") == shown | {"move": False}
    assert opened(f"visit={visit.public_id}&move") == shown | {"move": True}
    assert opened("new") == {"new": True, "block": False}
    assert opened("block") == {"new": False, "block": True}
