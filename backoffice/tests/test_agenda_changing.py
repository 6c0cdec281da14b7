"""The views of the agenda that change visits and block time: one service call each, and a refusal leaves everything."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cart import services as carts
from common import clock
from operations.tests.salons import look, salon, seated, send
from orders import services as orders
from orders.models import Order
from orders.tests.factories import placement_of
from scheduling import services as scheduling
from scheduling.models import (
    Appointment,
    Professional,
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

    def test_two_visits_change_places(self) -> None:
        shop = salon()
        one, other = make.booked(at(10), who=shop.id("Ana")), make.booked(at(14), who=shop.id("Bia"))
        seen = {"starts_at": "2026-03-03T14:00", "professional": str(shop.id("Bia"))}
        answer = send(seated(role="counter"), "swap", one.public_id, other=str(other.public_id), **seen)
        assert (answer.status_code, answer.json()["starts_at"]) == (200, "2026-03-03T14:00:00")
        assert answer.json()["professional"]["name"] == "Bia"
        other.refresh_from_db()
        assert (other.starts_at, other.professional_id) == (at(10), shop.people["Ana"].pk)

    def test_a_refused_swap_leaves_both_where_they_were(self) -> None:
        shop = salon()
        one, hers = make.booked(at(10), who=shop.id("Ana")), make.booked(at(14), who=shop.id("Bia"))
        gone = make.booked(at(16), who=shop.id("Ana"))
        scheduling.cancel(public_id=gone.public_id, actor=make.STAFF, now=MONDAY)
        before = make.everything()
        owner, ana = seated(role="owner"), seated(role="professional", professional=shop.people["Ana"])
        nobody = "00000000-0000-4000-8000-000000000000"
        at_four = {"starts_at": "2026-03-03T16:00", "professional": str(shop.id("Ana"))}
        at_two = {"starts_at": "2026-03-03T14:00", "professional": str(shop.id("Bia"))}
        for desk, other, seen, status, code in (
            (owner, gone.public_id, at_four, 409, "invalid_transition"),
            (owner, hers.public_id, at_four, 409, "visit_moved"),
            (owner, nobody, at_two, 404, "not_found"),
            (owner, "x", at_two, 400, "invalid_request"),
            (ana, hers.public_id, at_two, 404, "not_found"),
        ):
            answer = send(desk, "swap", one.public_id, other=str(other), **seen)
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

    def test_time_is_blocked_once_however_often_it_is_sent(self) -> None:
        shop = salon()
        desk = seated(role="counter")
        away = {"professional": str(shop.id("Ana")), "starts_at": "2026-03-03T09:00", "ends_at": "2026-03-03T12:00"}
        answers = [send(desk, "time-off", key="the-same-key", **away) for _time in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json() == answers[1].json() == {"id": TimeOff.objects.get().pk}

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
