"""The doors of a visit: status, body, and each refusal by its code."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from icalendar import Calendar
from rest_framework.test import APIClient

from accounts.models import Customer, User
from accounts.tests import factories as people
from common import clock
from common.access import access_token
from common.models import IdempotencyRecord
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.models import Appointment
from scheduling.tests import factories as make
from scheduling.tests.callers import API, book, payload, pointers, signed_in
from scheduling.tests.factories import MONDAY, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


@pytest.fixture
def client() -> APIClient:
    return APIClient()


class TestBooking:
    """POST /appointments/."""

    def test_booking_answers_everything_the_customer_needs(self, client: APIClient) -> None:
        salon = make.salon()
        response = book(client, at(10), professional=str(salon.id("Ana")), note="Franja")
        body = response.json()
        assert response.status_code == 201
        assert set(body) >= {
            "id",
            "status",
            "starts_at",
            "ends_at",
            "timezone",
            "professional",
            "services",
            "total",
            "currency",
            "access_token",
            "calendar_url",
        }
        assert (body["status"], body["total"], body["starts_at"]) == ("confirmed", "50.00", "2026-03-03T10:00:00-03:00")
        assert client.get(body["calendar_url"]).status_code == 200

    def test_a_repeated_request_is_replayed(self, client: APIClient) -> None:
        make.salon()
        first, again = book(client, at(10), key="k"), book(client, at(10), key="k")
        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["Idempotent-Replayed"] == "true"
        other = book(client, at(11), key="k")
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")

    def test_a_guests_key_is_the_mailboxs_own(self, client: APIClient) -> None:
        make.salon()
        first = book(client, at(10), key="k").json()
        stranger = {"name": "Maria Souza", "email": "bia@example.com"}
        other = book(client, at(10), key="k", customer=stranger)
        assert (other.status_code, other.json()["code"]) == (409, "slot_taken")
        second = book(client, at(11), key="k", customer=stranger)
        assert (second.status_code, "Idempotent-Replayed" in second.headers) == (201, False)
        spelled = book(client, at(10), key="k", customer={"name": "Maria Souza", "email": " MARIA@Example.com"})
        assert (spelled.status_code, spelled.json()["code"]) == (422, "idempotency_key_reused")
        again = book(client, at(10), key="k")
        assert (again.json(), again.headers["Idempotent-Replayed"]) == (first, "true")
        kept = IdempotencyRecord.objects.values_list("scope", flat=True)
        assert not [scope for scope in kept if "@" in scope]

    @pytest.mark.parametrize(
        ("starts_at", "reason"),
        [
            ("2199-12-31T23:59:00+00:00", "horizon"),
            ("2000-01-01T00:00:00+00:00", "lead_time"),
        ],
    )
    def test_other_ages_are_not_offered(self, client: APIClient, starts_at: str, reason: str) -> None:
        make.salon()
        body = payload(at(10)) | {"starts_at": starts_at}
        response = client.post(f"{API}/appointments/", body, headers={"Idempotency-Key": "k"})
        assert (response.status_code, reason in response.json()["reasons"]) == (422, True)

    def test_more_money_than_a_visit_can_cost_is_a_refusal(self, client: APIClient) -> None:
        both = [make.service(sku=sku, price="99999999.99") for sku in ("CORTE", "BARBA")]
        make.professional(performs=both)
        assert book(client, at(10)).status_code == 201
        refused = book(client, at(14), services=["CORTE", "BARBA"])
        assert (refused.status_code, refused.json()["code"]) == (422, "not_for_sale")

    def test_a_key_is_required(self, client: APIClient) -> None:
        make.salon()
        response = client.post(f"{API}/appointments/", payload(at(10)))
        assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_required")

    def test_a_taken_time_answers_three_others(self, client: APIClient) -> None:
        make.salon()
        book(client, at(10))
        response = book(client, at(10))
        assert (response.status_code, response.json()["code"]) == (409, "slot_taken")
        assert [one["starts_at"][11:16] for one in response.json()["alternatives"]] == ["09:30", "10:30", "09:15"]

    def test_a_time_that_is_not_offered_answers_why(self, client: APIClient) -> None:
        make.salon()
        response = book(client, at(7, 5))
        assert (response.status_code, response.json()["code"]) == (422, "slot_unavailable")
        assert response.json()["reasons"] == ["outside_hours", "off_grid"]

    @pytest.mark.parametrize(
        ("changes", "where"),
        [
            ({"services": []}, ["/services"]),
            ({"services": ["CORTE"] * 11}, ["/services"]),
            ({"services": "CORTE"}, ["/services"]),
            ({"price": "1.00"}, ["/price"]),
            ({"force": "x"}, ["/force"]),
            ({"customer": {"name": "Maria"}}, ["/customer/email"]),
            ({"professional": "ana"}, ["/professional"]),
            ({"note": "x" * 501}, ["/note"]),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, client: APIClient, changes: dict[str, Any], where: list[str]) -> None:
        make.salon()
        assert pointers(book(client, at(10), **changes)) == where
        assert Appointment.objects.count() == 0

    @pytest.mark.fault("B16")
    def test_an_instant_without_offset_is_refused(self, client: APIClient) -> None:
        make.salon()
        response = client.post(
            f"{API}/appointments/",
            payload(at(10)) | {"starts_at": "2026-03-03T10:00:00"},
            headers={"Idempotency-Key": "k"},
        )
        assert pointers(response) == ["/starts_at"]

    def test_only_those_who_manage_visits_are_the_desk(self) -> None:
        salon = make.salon(requires_confirmation=True)
        query = {"service": "CORTE", "from": "2026-03-02", "to": "2026-03-02"}
        booked = {}
        for name, team in (
            ("professional", signed_in("view_own_agenda")),
            ("onlooker", signed_in("view_appointment")),
            ("counter", signed_in("view_appointment", "manage_appointment")),
        ):
            shown = team.get(f"{API}/slots/", query).json()["slots"][0]["starts_at"][11:16]
            answer = book(team, at(9, 30, day=0), professional=str(salon.id("Ana")))
            booked[name] = (shown, answer.status_code, answer.json().get("reasons") or answer.json()["status"])
        assert booked == {
            "professional": ("11:00", 422, ["lead_time"]),
            "onlooker": ("11:00", 422, ["lead_time"]),
            "counter": ("09:00", 201, "confirmed"),
        }

    def test_a_signed_in_customers_visit_is_theirs(self) -> None:
        make.salon()
        user = User.objects.create(email="maria@example.com", name="Maria")
        Customer.objects.create(user=user, name="Maria", email=user.email)
        client = APIClient()
        client.force_authenticate(user)
        body = book(client, at(10)).json()
        assert client.get(f"{API}/appointments/{body['id']}/").status_code == 200


class TestAccess:
    """Who sees and changes a visit."""

    def visit(self, **options: Any) -> Appointment:
        make.salon()
        return make.booked(at(10, day=5), **options)

    def path(self, visit: Appointment, verb: str = "") -> str:
        return f"{API}/appointments/{visit.public_id}/{verb}"

    def test_without_proof_a_visit_does_not_exist(self, client: APIClient) -> None:
        visit = self.visit()
        wrong = access_token(kind="appointment", public_id=uuid4())
        for headers in ({}, {"Authorization": f"Appointment {wrong}"}, {"Authorization": f"Order {wrong}"}):
            for method, verb in (("get", ""), ("post", "cancel/"), ("get", "calendar.ics")):
                response = getattr(client, method)(self.path(visit, verb), headers=headers)
                assert (response.status_code, response.json()["code"]) == (404, "not_found")
        assert client.get(self.path(Appointment(public_id=uuid4()))).status_code == 404

    def test_the_token_opens_it_in_header_and_link(self, client: APIClient) -> None:
        visit = self.visit()
        token = access_token(kind="appointment", public_id=visit.public_id)
        first = client.get(self.path(visit), headers={"Authorization": f"Appointment {token}"})
        second = client.get(self.path(visit), {"access_token": token})
        assert first.json() == second.json()
        assert first.json()["access_token"] == token

    def test_the_token_of_its_order_opens_it_too(self, client: APIClient) -> None:
        order = uuid4()
        visit = self.visit(bearer=order)
        token = access_token(kind="order", public_id=order)
        assert client.get(self.path(visit), headers={"Authorization": f"Order {token}"}).status_code == 200

    def test_staff_see_with_one_permission_and_change_with_another(self) -> None:
        visit = self.visit()
        seeing = signed_in("view_appointment")
        assert seeing.get(self.path(visit)).json()["access_token"] is None
        refused = seeing.post(self.path(visit, "cancel/"), {})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert signed_in().get(self.path(visit)).status_code == 404
        managing = signed_in("view_appointment", "manage_appointment")
        assert managing.post(self.path(visit, "cancel/"), {}).status_code == 200

    def test_a_professional_sees_their_own_agenda_alone(self) -> None:
        visit = self.visit()
        own = signed_in("view_own_agenda")
        login = User.objects.get()
        assert own.get(self.path(visit)).status_code == 404
        visit.professional.user = login
        visit.professional.save()
        assert own.get(self.path(visit)).status_code == 200
        assert own.post(self.path(visit, "cancel/"), {}).status_code == 403

    def test_cancel_and_move_by_link(self, client: APIClient) -> None:
        visit = self.visit()
        token = access_token(kind="appointment", public_id=visit.public_id)
        headers = {"Authorization": f"Appointment {token}"}
        moved = client.post(self.path(visit, "reschedule/"), {"starts_at": at(11, day=5).isoformat()}, headers=headers)
        assert (moved.status_code, moved.json()["starts_at"]) == (200, "2026-03-07T11:00:00-03:00")
        for _twice in range(2):
            cancelled = client.post(self.path(visit, "cancel/"), {"reason": "Viagem"}, headers=headers)
            assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
        again = client.post(self.path(visit, "reschedule/"), {"starts_at": at(12, day=5).isoformat()}, headers=headers)
        assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")
        assert (again.json()["from"], again.json()["allowed"]) == ("cancelled", [])

    @pytest.mark.fault("T19")
    def test_past_the_cut_off_it_is_too_late(self, client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
        make.salon()
        visit = make.booked(at(15, day=0))
        monkeypatch.setattr(clock, "now", lambda: at(14, 30, day=0))
        headers = {"Authorization": f"Appointment {access_token(kind='appointment', public_id=visit.public_id)}"}
        for verb, body in (("cancel/", {}), ("reschedule/", {"starts_at": at(16, day=0).isoformat()})):
            response = client.post(self.path(visit, verb), body, headers=headers)
            assert (response.status_code, response.json()["code"]) == (409, "too_late_to_change")


class TestCalendars:
    """RFC 5545 files."""

    def test_a_visit_as_a_file_keeps_its_uid_and_counts_its_changes(self, client: APIClient) -> None:
        make.salon()
        visit = make.booked(at(10, day=5))
        token = access_token(kind="appointment", public_id=visit.public_id)
        path = f"{API}/appointments/{visit.public_id}/calendar.ics"

        def event() -> Any:
            response = client.get(path, {"access_token": token}, headers={"Accept": "text/calendar"})
            assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
            return Calendar.from_ical(response.content).walk("VEVENT")[0]

        first = event()
        assert (first["UID"], first["SEQUENCE"], first["STATUS"]) == (f"{visit.public_id}@balcao", 0, "CONFIRMED")
        assert first.decoded("DTSTART") == at(10, day=5)
        assert first.decoded("DTEND") - first.decoded("DTSTART") == timedelta(minutes=30)
        client.post(f"{API}/appointments/{visit.public_id}/cancel/?access_token={token}", {})
        second = event()
        assert (second["UID"], second["SEQUENCE"], second["STATUS"]) == (first["UID"], 1, "CANCELLED")

    def test_a_professionals_secret_feed_shows_their_agenda_alone(self, client: APIClient) -> None:
        salon = make.salon(names=("Ana", "Bia"))
        make.book(at(10), who=salon.id("Ana"))
        make.book(at(10), who=salon.id("Bia"))
        ana = salon.people["Ana"]
        path, _query, token = selectors.feed_path(professional=ana).partition("?access_token=")
        feed = client.get(path, {"access_token": token})
        events = Calendar.from_ical(feed.content).walk("VEVENT")
        assert [str(event["SUMMARY"]) for event in events] == ["Maria Souza · Corte"]
        assert client.get(path).status_code == 404
        ana.feed_version = 2
        ana.save()
        assert client.get(path, {"access_token": token}).status_code == 404

    @pytest.mark.parametrize("ending", ["login_off", "left_the_team", "other_login", "no_login"])
    def test_a_feed_ends_with_the_person_it_belongs_to(self, client: APIClient, ending: str) -> None:
        ana = make.salon().people["Ana"]
        ana.user = people.member(role="professional")
        ana.save()
        feed = selectors.feed_path(professional=ana)
        assert client.get(feed).status_code == 200
        if ending == "login_off":
            User.objects.update(is_active=False)
        elif ending == "left_the_team":
            User.objects.update(is_staff=False)
        else:
            ana.user = people.member(email="outra@example.com") if ending == "other_login" else None
            ana.save()
        assert client.get(feed).status_code == 404

    def test_a_file_keeps_to_the_letter_of_rfc_5545(self, client: APIClient) -> None:
        make.salon()
        address = "Rua das Flores, 10; fundos\nao lado da padaria que fica na esquina da praça da Sé, São Paulo"
        make.set_policy(name="Salão, Bolo; & Cia", address=address)
        visit = make.booked(at(10, day=5))
        token = access_token(kind="appointment", public_id=visit.public_id)
        body = client.get(f"{API}/appointments/{visit.public_id}/calendar.ics", {"access_token": token}).content
        assert body.endswith(b"END:VCALENDAR\r\n")
        assert body.count(b"\n") == body.count(b"\r\n")
        assert max(len(line) for line in body.split(b"\r\n")) <= 75
        unfolded = body.replace(b"\r\n ", b"").decode()
        assert "SUMMARY:Corte · Salão\\, Bolo\\; & Cia\r\n" in unfolded
        assert "LOCATION:Rua das Flores\\, 10\\; fundos\\nao lado" in unfolded
        assert "DTSTAMP:20260302T120000Z\r\n" in unfolded
        assert "DTSTART:20260307T130000Z\r\n" in unfolded
        calendar = Calendar.from_ical(body)
        assert (str(calendar["VERSION"]), str(calendar["METHOD"])) == ("2.0", "PUBLISH")
        assert str(calendar.walk("VEVENT")[0]["LOCATION"]) == address

    def test_a_request_is_tentative_and_one_that_ran_out_is_cancelled_swept_or_not(
        self, client: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make.salon(requires_confirmation=True)
        visit = make.booked(at(10, day=5))
        token = access_token(kind="appointment", public_id=visit.public_id)
        path = f"{API}/appointments/{visit.public_id}/calendar.ics"

        def status() -> str:
            return str(
                Calendar.from_ical(client.get(path, {"access_token": token}).content).walk("VEVENT")[0]["STATUS"]
            )

        assert status() == "TENTATIVE"
        monkeypatch.setattr(clock, "now", lambda: MONDAY + timedelta(hours=24))
        assert status() == "CANCELLED"

    def test_the_feed_leaves_out_what_takes_no_time(self, client: APIClient) -> None:
        salon = make.salon()
        ana = salon.people["Ana"]
        make.book(at(10), name="Vem")
        make.held(at(11))
        make.held(at(12), now=MONDAY - timedelta(hours=1))
        scheduling.cancel(public_id=make.booked(at(13), name="Foi").public_id, actor=make.GUEST, now=MONDAY)
        path, _query, token = selectors.feed_path(professional=ana).partition("?access_token=")
        events = Calendar.from_ical(client.get(path, {"access_token": token}).content).walk("VEVENT")
        assert [(str(event["SUMMARY"]), str(event["STATUS"])) for event in events] == [
            ("Vem · Corte", "CONFIRMED"),
            ("Reservado · Corte", "TENTATIVE"),
        ]
        ana.is_active = False
        ana.save()
        assert client.get(path, {"access_token": token}).status_code == 404
