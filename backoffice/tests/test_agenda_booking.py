"""The view of the agenda that books a visit: one service call, and a refusal leaves everything as it was."""

from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.tests import factories as people
from common import clock
from customers import services as customers
from customers.models import CustomerRecord
from customers.tests.factories import CLERK
from customers.tests.factories import record as a_record
from operations.tests.salons import look, salon, seated, send, visit_of
from scheduling.models import (
    Appointment,
    AppointmentEvent,
    AvailabilityRule,
    Professional,
    ProfessionalService,
)
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


def wanted(shop: make.Salon, *, name: str = "Ana", when: str = "2026-03-03T10:00", **more: Any) -> dict[str, Any]:
    return {"services": ["CORTE"], "professional": str(shop.id(name)), "starts_at": when, "name": "Eva Dias", **more}


class TestBooking:
    """Creating a visit."""

    def test_what_is_offered_is_booked(self) -> None:
        shop = salon()
        desk = seated(role="counter")
        offered = look(desk, "times", service="CORTE", day="2026-03-03", professional=str(shop.id("Ana"))).json()
        assert offered["minutes"] == 30
        assert [one["clock"] for one in offered["times"]][:2] == ["09:00", "09:15"]
        assert len(offered["times"]) == 35
        first = offered["times"][0]

        answer = send(desk, "visits", **wanted(shop, when=first["starts_at"], phone="11 98765-4321", note="Oi"))

        assert answer.status_code == 201
        body = answer.json()
        assert (body["name"], body["state"], body["phone"]) == ("Eva Dias", "confirmed", "+55 11 98765-4321")
        visit = Appointment.objects.get()
        assert (visit.starts_at, visit.note, visit.public_id) == (at(9), "Oi", visit_of(answer))
        step = AppointmentEvent.objects.get()
        assert (step.actor_kind, step.door) == ("staff", "admin")
        again = look(desk, "times", service="CORTE", day="2026-03-03", professional=str(shop.id("Ana"))).json()
        assert again["times"][0]["clock"] == "09:30"

    def test_wall_clock_is_the_shops(self) -> None:
        shop = salon()
        send(seated(role="owner"), "visits", **wanted(shop, when="2026-03-03T10:00"))
        assert Appointment.objects.get().starts_at == at(10)

    @pytest.mark.parametrize("role", ["owner", "counter"])
    def test_the_past_is_not_offered_and_asks_why(self, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
        shop = salon()
        desk = seated(role=role)
        monkeypatch.setattr(clock, "now", lambda: at(17, 20, day=0))
        offered = look(desk, "times", service="CORTE", day="2026-03-02", professional=str(shop.id("Ana"))).json()
        assert [one["clock"] for one in offered["times"]] == ["17:30"]
        this_morning = wanted(shop, when="2026-03-02T09:45")
        refused = send(desk, "visits", **this_morning)
        assert (refused.status_code, refused.json()["reasons"]) == (422, ["lead_time"])
        assert Appointment.objects.count() == 0
        assert send(desk, "visits", **this_morning, reason="Anotado no papel").status_code == 201
        assert AppointmentEvent.objects.get().reason == "Anotado no papel"
        moved = send(desk, "move", Appointment.objects.get().public_id, starts_at="2026-03-02T11:00", reason="Errei")
        assert moved.status_code == 200
        assert AppointmentEvent.objects.order_by("seq").last().reason == "Errei"  # type: ignore[union-attr]

    def test_what_a_booking_lacks_is_said_with_the_way_there(self) -> None:
        owners, counters = seated(role="owner"), seated(role="counter")

        def missing(desk: Client) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = desk.get("/admin/agenda/").context["config"]["missing"]
            return found

        assert [one["page"] for one in missing(owners)] == [
            "/admin/scheduling/service/add/",
            "/admin/scheduling/professional/add/",
        ]
        cut = make.service()
        person = Professional.objects.create(name="Ana")
        with override("pt-br"):
            [unperformed, idle] = missing(counters)
        assert (unperformed["text"], unperformed["page"]) == ("Ninguém realiza ainda: Corte.", None)
        assert "horário" in idle["text"]
        ProfessionalService.objects.create(professional=person, service=cut)
        AvailabilityRule.objects.create(professional=person, weekday=0, opens=540, closes=1080)
        assert missing(counters) == []

    def test_a_double_click_books_once(self) -> None:
        shop = salon()
        desk = seated(role="owner")
        answers = [send(desk, "visits", key="same", **wanted(shop)) for _time in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert visit_of(answers[0]) == visit_of(answers[1])
        assert Appointment.objects.count() == 1

    def test_a_known_customer_is_found_and_linked(self) -> None:
        shop = salon()
        known = people.customer()
        customers.take_in_accounts(now=MONDAY)
        record = CustomerRecord.objects.get()
        desk = seated(role="counter")
        found = look(desk, "customers", q=known.email[:6].upper()).json()["customers"]
        assert [(one["id"], one["warning"]) for one in found] == [(str(record.public_id), "")]
        assert look(desk, "customers", q="x").json() == {"customers": []}
        send(desk, "visits", **wanted(shop, customer=found[0]["id"]))
        visit = Appointment.objects.get()
        assert (visit.customer_id, visit.record_id) == (known.pk, record.pk)

    def test_whoever_only_ever_came_is_found_and_a_blocked_one_is_named_so(self) -> None:
        shop = salon()
        dona = a_record(name="Dona Lúcia")
        blocked = a_record(name="Zé Ninguém", phone="11987654321")
        customers.block_customer(record=blocked, reason="x", actor=CLERK, now=MONDAY)
        desk = seated(role="counter")
        assert look(desk, "customers", q="lucia").json()["customers"][0]["name"] == "Dona Lúcia"
        for typed in ("98765-4321", "\u202a+55 11 98765\u20114321\u202c"):
            assert look(desk, "customers", q=typed).json()["customers"][0]["warning"] == "Bloqueado"
        send(desk, "visits", **wanted(shop, customer=str(dona.public_id)))
        visit = Appointment.objects.get()
        assert (visit.customer_id, visit.record_id) == (None, dona.pk)

    def test_a_taken_time_is_refused_with_what_is_free(self) -> None:
        shop = salon()
        make.booked(at(10), who=shop.id("Ana"))
        before = make.everything()
        answer = send(seated(role="owner"), "visits", **wanted(shop))
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (409, "slot_taken")
        assert len(problem["alternatives"]) == 3
        assert problem["alternatives"][0]["professional"]["name"] == "Bia"
        assert problem["title"]
        assert make.everything() == before

    @pytest.mark.parametrize(
        ("when", "reason"),
        [("2026-03-03T07:00", "outside_hours"), ("2026-03-03T10:05", "off_grid"), ("2026-02-20T10:00", "lead_time")],
    )
    def test_a_time_that_is_not_offered_says_why(self, when: str, reason: str) -> None:
        shop = salon()
        answer = send(seated(role="owner"), "visits", **wanted(shop, when=when))
        assert (answer.status_code, answer.json()["code"]) == (422, "slot_unavailable")
        assert reason in answer.json()["reasons"]
        assert Appointment.objects.count() == 0

    def test_the_owner_forces_with_a_reason_only(self) -> None:
        shop = salon()
        make.booked(at(10), who=shop.id("Ana"))
        desk = seated(role="owner")
        assert send(desk, "visits", **wanted(shop, force="  ")).status_code == 409
        forced = send(desk, "visits", **wanted(shop, force="Noiva atrasada"))
        assert (forced.status_code, forced.json()["forced_reason"]) == (201, "Noiva atrasada")
        assert Appointment.objects.filter(forced=True).count() == 1

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"name": ""}, "/name"),
            ({"services": []}, "/services"),
            ({"starts_at": "tomorrow"}, "/starts_at"),
            ({"starts_at": "2026-02-30T10:00"}, "/starts_at"),
            ({"email": "nobody"}, "/email"),
            ({"phone": "12"}, "/phone"),
            ({"state": "confirmed"}, "/state"),
        ],
    )
    def test_what_cannot_be_read_is_named(self, change: dict[str, Any], pointer: str) -> None:
        shop = salon()
        answer = send(seated(role="owner"), "visits", **{**wanted(shop), **change})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
        assert Appointment.objects.count() == 0

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"name": ""}, "Nome: "),
            ({"services": []}, "Serviços: "),
            ({"services": [7]}, "Serviços: "),
            ({"starts_at": "tomorrow"}, "Horário: "),
            ({"email": "nobody"}, "E-mail: "),
            ({"phone": "12"}, "Telefone: "),
        ],
    )
    def test_what_cannot_be_read_is_called_by_its_label(self, change: dict[str, Any], named: str) -> None:
        shop = salon()
        answer = send(seated(role="owner"), "visits", **{**wanted(shop), **change})
        assert [error["detail"].startswith(named) for error in answer.json()["errors"]] == [True]

    def test_times_want_a_service_and_offer_the_nearest_day(self) -> None:
        salon()
        Professional.objects.get(name="Bia").rules.all().delete()
        desk = seated(role="owner")
        assert look(desk, "times", day="2026-03-03").json()["errors"][0]["pointer"] == "/service"
        bia = str(Professional.objects.get(name="Bia").public_id)
        none = look(desk, "times", service="CORTE", day="2026-03-03", professional=bia).json()
        assert none["times"] == []
        assert {one["professional"]["name"] for one in none["alternatives"]} == {"Ana"}
