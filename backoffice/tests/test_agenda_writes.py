"""The agenda's doors that change something: each is one service call, and a refusal leaves everything as it was."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from accounts.tests import factories as people
from cart import services as carts
from common import clock
from operations.tests.salons import look, salon, seated, send, visit_of
from orders import services as orders
from orders.models import Order
from orders.tests.factories import placement_of
from scheduling.models import (
    Appointment,
    AppointmentEvent,
    AvailabilityRule,
    Professional,
    ProfessionalService,
    TimeOff,
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
        desk = seated(role="counter")
        found = look(desk, "customers", q=known.email[:6].upper()).json()["customers"]
        assert [one["id"] for one in found] == [str(known.public_id)]
        assert look(desk, "customers", q="x").json() == {"customers": []}
        send(desk, "visits", **wanted(shop, customer=found[0]["id"]))
        assert Appointment.objects.get().customer_id == known.pk

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


class TestChanging:
    """Moving, cancelling, closing."""

    def test_a_visit_moves_to_another_time_and_person(self) -> None:
        shop = salon()
        visit = make.booked(at(10), who=shop.id("Ana"))
        answer = send(
            seated(role="counter"),
            "move",
            visit.public_id,
            starts_at="2026-03-03T14:00",
            professional=str(shop.id("Bia")),
        )
        assert answer.status_code == 200
        visit.refresh_from_db()
        assert (visit.starts_at, visit.professional_id) == (at(14), shop.people["Bia"].pk)

    def test_a_refused_move_leaves_it_where_it_was(self) -> None:
        shop = salon()
        visit = make.booked(at(10), who=shop.id("Ana"))
        make.booked(at(14), who=shop.id("Ana"))
        before = make.everything()
        desk = seated(role="owner")
        for when, status, code in (
            ("2026-03-03T14:00", 409, "slot_taken"),
            ("2026-03-03T06:00", 422, "slot_unavailable"),
        ):
            answer = send(desk, "move", visit.public_id, starts_at=when)
            assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert make.everything() == before

    def test_its_own_time_counts_as_free_when_it_moves(self) -> None:
        shop = salon()
        visit = make.booked(at(10), who=shop.id("Ana"))
        free = look(seated(role="owner"), "times", visit=str(visit.public_id), day="2026-03-03").json()
        mine = {one["clock"] for one in free["times"] if one["professional"]["name"] == "Ana"}
        assert {"09:45", "10:00", "10:15"} <= mine

    def test_past_the_cut_off_a_reason_is_asked_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        shop = salon()
        visit = make.booked(at(10), who=shop.id("Ana"))
        monkeypatch.setattr(clock, "now", lambda: at(9, 50))
        before = make.everything()
        desk = seated(role="counter")
        refused = [
            send(desk, "move", visit.public_id, starts_at="2026-03-03T11:00"),
            send(desk, "cancel", visit.public_id),
        ]
        for answer in refused:
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/reason")
        assert make.everything() == before
        moved = send(desk, "move", visit.public_id, starts_at="2026-03-03T11:00", reason="Atraso")
        assert moved.status_code == 200
        gone = send(desk, "cancel", visit.public_id, reason="Desistiu")
        assert (gone.status_code, gone.json()["state"]) == (200, "cancelled")

    def test_a_request_is_accepted(self) -> None:
        shop = salon(requires_confirmation=True)
        visit = make.booked(at(10), who=shop.id("Ana"))
        assert visit.state == "requested"
        desk = seated(role="counter")
        assert look(desk, "visit", visit.public_id).json()["may"]["accept"] is True
        assert send(desk, "accept", visit.public_id).json()["state"] == "confirmed"
        refused = send(desk, "accept", visit.public_id)
        assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")

    def test_a_request_that_waits_for_its_customers_click_is_not_put_before_the_team(self) -> None:
        shop = salon(requires_confirmation=True)
        make.set_policy(booking_click_minutes=30)
        visit = make.booked(at(10), who=shop.id("Ana"))
        desk = seated(role="counter")
        shown = look(desk, "visit", visit.public_id).json()
        assert (shown["state"], shown["state_text"]) == ("requested", "Espera o clique do cliente")
        assert (shown["may"]["accept"], shown["may"]["cancel"]) == (False, True)
        refused = send(desk, "accept", visit.public_id)
        assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")

    @pytest.mark.parametrize(("verb", "state"), [("complete", "completed"), ("no-show", "no_show")])
    def test_a_visit_is_closed_once_it_has_begun(self, verb: str, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
        shop = salon()
        visit = make.booked(at(10), who=shop.id("Ana"))
        desk = seated(role="counter")
        early = send(desk, verb, visit.public_id)
        assert (early.status_code, early.json()["code"]) == (409, "invalid_transition")
        assert look(desk, "visit", visit.public_id).json()["may"]["complete"] is False
        monkeypatch.setattr(clock, "now", lambda: at(10) + timedelta(minutes=5))
        assert look(desk, "visit", visit.public_id).json()["may"]["complete"] is True
        assert send(desk, verb, visit.public_id).json()["state"] == state

    def test_what_was_closed_by_mistake_is_undone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        shop = salon()
        visit = make.booked(at(10), who=shop.id("Ana"))
        hers = make.booked(at(10), who=shop.id("Bia"))
        monkeypatch.setattr(clock, "now", lambda: at(10, 30))
        for role, person in (("counter", None), ("professional", shop.people["Ana"])):
            desk = seated(role=role, professional=person)
            assert send(desk, "no-show", visit.public_id).json()["may"]["reopen"] is True
            answer = send(desk, "reopen", visit.public_id)
            assert (answer.status_code, answer.json()["state"], answer.json()["may"]["reopen"]) == (
                200,
                "confirmed",
                False,
            )
        assert send(desk, "reopen", hers.public_id).status_code == 404

    @pytest.mark.parametrize("verb", ["accept", "cancel", "complete", "no-show", "move"])
    def test_an_action_reads_its_visit_once(self, verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
        shop = salon(requires_confirmation=verb == "accept")
        visit = make.booked(at(10, day=5), who=shop.id("Ana"))
        desk = seated(role="counter")
        body = {"cancel": {"reason": "x"}, "move": {"starts_at": "2026-03-07T11:00"}}.get(verb, {})
        if verb in ("complete", "no-show"):
            monkeypatch.setattr(clock, "now", lambda: at(11, day=5))
        with CaptureQueriesContext(connection) as statements:
            assert send(desk, verb, visit.public_id, **body).status_code == 200
        ours = [one["sql"] for one in statements if 'FROM "scheduling_appointment" ' in one["sql"]]
        plain = [sql for sql in ours if '"public_id" = ' in sql]
        assert (len(plain), sum("FOR NO KEY UPDATE" in sql for sql in ours)) == (1, 1)

    def test_the_card_has_a_reminder_and_no_order(self) -> None:
        shop = salon()
        visit = make.booked(at(10), who=shop.id("Ana"))
        card = look(seated(role="counter"), "visit", visit.public_id).json()
        assert card["whatsapp"].startswith("https://wa.me/5511987654321?text=")
        assert card["order"] is None
        allowed = {name for name, may in card["may"].items() if may}
        assert (allowed, len(card["may"])) == ({"move", "cancel", "charge"}, 7)
        assert (card["due"], card["written_to"]) == ({"amount": "50.00", "text": "R$ 50,00", "begun": False}, True)

    def test_the_card_of_a_visit_in_an_order_leads_to_the_order(self) -> None:
        salon()
        cart = carts.open_cart(units=[], wishes=[make.wish(at(10))], customer_id=None, actor=make.GUEST, now=MONDAY)
        placement = replace(placement_of(cart=cart), fulfilment=None)
        orders.place_order(placement=placement, customer_id=None, actor=make.GUEST, now=MONDAY)
        visit, order = Appointment.objects.get(), Order.objects.get()
        card = look(seated(role="counter"), "visit", visit.public_id).json()
        assert card["order"] == {"number": order.number, "page": f"/admin/orders/order/{order.pk}/change/"}
        Professional.objects.filter(pk=visit.professional_id).update(user=None)
        theirs = look(seated(role="professional", professional=visit.professional), "visit", visit.public_id).json()
        assert theirs["order"] is None

    def test_an_unknown_visit_is_not_found(self) -> None:
        salon()
        desk = seated(role="owner")
        nobody = "00000000-0000-4000-8000-000000000000"
        for verb in ("move", "cancel", "accept", "complete", "no-show"):
            body = {"starts_at": "2026-03-03T10:00"} if verb == "move" else {}
            assert send(desk, verb, nobody, **body).status_code == 404
        assert look(desk, "visit", nobody).status_code == 404


class TestBlocking:
    """Time off from the agenda."""

    def test_blocked_time_is_no_longer_offered_until_it_is_opened_again(self) -> None:
        shop = salon()
        desk = seated(role="counter")
        who = str(shop.id("Ana"))
        blocked = send(
            desk, "time-off", professional=who, starts_at="2026-03-03T09:00", ends_at="2026-03-03T12:00", reason="Curso"
        )
        assert blocked.status_code == 201
        off = TimeOff.objects.get()
        assert (off.starts_at, off.ends_at, off.reason) == (at(9), at(12), "Curso")
        assert send(desk, "visits", **wanted(shop)).json()["reasons"] == ["time_off"]
        assert send(desk, "unblock", off.pk).status_code == 200
        assert send(desk, "visits", **wanted(shop)).status_code == 201
        assert send(desk, "unblock", off.pk).status_code == 404

    def test_what_would_be_stranded_is_named_and_nothing_is_blocked(self) -> None:
        shop = salon()
        visit = make.booked(at(10), who=shop.id("Ana"))
        make.booked(at(10), who=shop.id("Bia"))
        desk = seated(role="owner")
        answer = send(
            desk,
            "time-off",
            professional=str(shop.id("Ana")),
            starts_at="2026-03-03T10:15",
            ends_at="2026-03-03T12:00",
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "would_strand_appointments")
        assert answer.json()["appointments"] == [
            {
                "id": str(visit.public_id),
                "starts_at": "2026-03-03T10:00:00-03:00",
                "ends_at": "2026-03-03T10:30:00-03:00",
                "customer": "Maria Souza",
            }
        ]
        assert TimeOff.objects.count() == 0

    def test_a_stretch_that_ends_before_it_begins_is_refused(self) -> None:
        shop = salon()
        answer = send(
            seated(role="owner"),
            "time-off",
            professional=str(shop.id("Ana")),
            starts_at="2026-03-03T10:00",
            ends_at="2026-03-03T10:00",
        )
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/ends_at")
        assert TimeOff.objects.count() == 0

    def test_nobody_is_not_found(self) -> None:
        salon()
        answer = send(
            seated(role="owner"),
            "time-off",
            professional="00000000-0000-4000-8000-000000000000",
            starts_at="2026-03-03T10:00",
            ends_at="2026-03-03T11:00",
        )
        assert answer.status_code == 404
