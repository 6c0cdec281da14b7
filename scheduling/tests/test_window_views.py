"""The doors that show what can be booked: services, professionals, free times."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from common import clock
from common.testing import statements
from scheduling.models import AvailabilityRule, TimeOff
from scheduling.tests import factories as make
from scheduling.tests.callers import API, pointers, signed_in
from scheduling.tests.factories import MONDAY, Salon, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


@pytest.fixture
def client() -> APIClient:
    return APIClient()


class TestWindow:
    """What anyone may read."""

    def test_services_with_whoever_performs_them(self, client: APIClient) -> None:
        salon = make.salon(names=("Ana", "Bia"))
        make.service(sku="SEM-NINGUEM")
        body = client.get(f"{API}/services/").json()
        people = [{"id": str(salon.id(name)), "name": name} for name in ("Ana", "Bia")]
        assert body == {
            "count": 1,
            "next": None,
            "previous": None,
            "results": [
                {
                    "sku": "CORTE",
                    "product": "corte",
                    "name": "Corte",
                    "price_from": "50.00",
                    "currency": "BRL",
                    "duration_minutes": 30,
                    "professionals": people,
                }
            ],
        }
        assert client.get(f"{API}/services/", {"professional": str(salon.id("Bia"))}).json()["count"] == 1
        assert client.get(f"{API}/services/", {"professional": str(uuid4())}).json()["count"] == 0
        assert pointers(client.get(f"{API}/services/", {"professional": "bia"})) == ["/professional"]
        assert pointers(client.get(f"{API}/services/", {"who": "x"})) == ["/who"]

    def test_what_has_not_changed_is_not_sent_again(self, client: APIClient) -> None:
        make.salon()
        etag = client.get(f"{API}/professionals/").headers["ETag"]
        assert client.get(f"{API}/professionals/", headers={"If-None-Match": etag}).status_code == 304

    def test_professionals_with_what_they_perform(self, client: APIClient) -> None:
        salon = make.salon()
        make.professional(name="Bia", bio="Colorista", is_active=False)
        body = client.get(f"{API}/professionals/", {"service": "CORTE"}).json()
        assert body["results"] == [
            {
                "id": str(salon.id("Ana")),
                "name": "Ana",
                "bio": "",
                "image": None,
                "currency": "BRL",
                "services": [{"sku": "CORTE", "name": "Corte", "price": "50.00", "duration_minutes": 30}],
            }
        ]
        assert client.get(f"{API}/professionals/", {"service": "NADA"}).json()["count"] == 0
        assert client.get(f"{API}/professionals/", {"page": "2"}).status_code == 404


class TestSlots:
    """Free times."""

    def get(self, client: APIClient, **query: Any) -> Any:
        return client.get(f"{API}/slots/", {"service": "CORTE", **query})

    @pytest.mark.fault("T9")
    def test_a_week_from_today_without_asking(self, client: APIClient) -> None:
        salon = make.salon()
        body = self.get(client).json()
        assert (body["timezone"], body["duration_minutes"]) == ("America/Sao_Paulo", 30)
        assert body["slots"][0] == {
            "starts_at": "2026-03-02T11:00:00-03:00",
            "ends_at": "2026-03-02T11:30:00-03:00",
            "professionals": [{"id": str(salon.id("Ana")), "price": "50.00"}],
        }
        assert {slot["starts_at"][:10] for slot in body["slots"]} == {f"2026-03-0{day}" for day in range(2, 9)}

    def test_several_services_make_one_visit(self, client: APIClient) -> None:
        cut, colour = make.service(), make.service(sku="COR", price="120.00", minutes=45)
        make.professional(performs=[cut, colour])
        body = self.get(client, **{"service": ["CORTE", "COR"], "from": "2026-03-03", "to": "2026-03-03"}).json()
        assert (body["duration_minutes"], body["slots"][-1]["starts_at"]) == (75, "2026-03-03T16:45:00-03:00")
        assert body["slots"][0]["professionals"][0]["price"] == "170.00"

    def test_an_unknown_professional_has_no_times(self, client: APIClient) -> None:
        make.salon()
        assert self.get(client, professional=str(uuid4())).json()["slots"] == []

    def test_the_reason_of_somebody_who_does_not_perform_it_is_that(self, client: APIClient) -> None:
        make.salon()
        query = {"explain": "1", "from": "2026-03-03", "to": "2026-03-03"}
        for stranger in (make.professional(name="Bia").public_id, uuid4()):
            body = self.get(client, professional=str(stranger), **query).json()
            assert (len(body["refused"]), {tuple(one["reasons"]) for one in body["refused"]}) == (
                96,
                {("professional",)},
            )

    @pytest.mark.parametrize(
        ("query", "where"),
        [
            ({"from": "2026-03-05", "to": "2026-03-04"}, ["/to"]),
            ({"from": "2026-03-01", "to": "2026-05-02"}, ["/to"]),
            ({"from": "amanhã"}, ["/from"]),
            ({"professional": "ana"}, ["/professional"]),
            ({"explain": "1"}, ["/professional"]),
            ({"service": "não é sku"}, ["/service/0"]),
            ({"service": []}, ["/service"]),
            ({"page": "1"}, ["/page"]),
            ({"from": ["2026-03-01", "2026-03-02"]}, ["/from"]),
            ({"from": "9999-12-31"}, ["/from"]),
            ({"from": "0001-01-01", "to": "0001-01-02"}, ["/from", "/to"]),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, client: APIClient, query: dict[str, Any], where: list[str]) -> None:
        make.salon()
        assert pointers(self.get(client, **query)) == where

    def test_sixty_two_days_are_the_most(self, client: APIClient) -> None:
        make.salon()
        assert self.get(client, **{"from": "2026-03-01", "to": "2026-05-01"}).status_code == 200

    def test_unknown_services_are_refused(self, client: APIClient) -> None:
        response = self.get(client, service="NADA")
        assert (response.status_code, response.json()["code"], response.json()["sku"]) == (422, "unknown_sku", "NADA")

    def test_refused_times_are_explained_to_customers_without_secrets(self, client: APIClient) -> None:
        salon = make.salon()
        make.book(at(10))
        make.held(at(11))
        TimeOff.objects.create(professional=salon.people["Ana"], starts_at=at(12), ends_at=at(13))
        query = {"professional": str(salon.id("Ana")), "explain": "1", "from": "2026-03-03", "to": "2026-03-03"}

        def reasons(reader: APIClient) -> dict[str, list[str]]:
            body = self.get(reader, **query).json()
            return {one["starts_at"][11:16]: one["reasons"] for one in body["refused"]}

        shown = reasons(client)
        assert [shown[time] for time in ("08:00", "10:00", "11:00", "12:00")] == [
            ["outside_hours"],
            ["occupied"],
            ["occupied"],
            ["occupied"],
        ]
        assert "09:00" not in shown
        told = reasons(signed_in("view_appointment"))
        assert [told[time] for time in ("10:00", "11:00", "12:00")] == [["booked"], ["held"], ["time_off"]]
        assert pointers(self.get(client, **{**query, "to": "2026-03-10"})) == ["/to"]

    def test_what_nobody_has_is_explained_by_whoever_comes_nearest(self, client: APIClient) -> None:
        salon = make.salon(names=("Ana", "Bia"))
        make.book(at(10), who=salon.id("Ana"))
        TimeOff.objects.create(professional=salon.people["Bia"], starts_at=at(0), ends_at=at(12))
        query = {"explain": "any", "from": "2026-03-03", "to": "2026-03-03"}
        body = self.get(client, **query).json()
        shown = {one["starts_at"][11:16]: one["reasons"] for one in body["refused"]}
        assert {slot["starts_at"][11:16] for slot in body["slots"]}.isdisjoint(shown)
        assert len(body["slots"]) + len(shown) == 96
        assert (shown["08:00"], shown["10:00"]) == (["outside_hours"], ["occupied"])
        told = self.get(signed_in("view_appointment"), **query).json()["refused"]
        assert {one["starts_at"][11:16]: one["reasons"] for one in told}["10:00"] == ["booked"]
        of_one = self.get(client, **query, professional=str(salon.id("Ana"))).json()["refused"]
        assert (
            of_one == self.get(client, **{**query, "explain": "1"}, professional=str(salon.id("Ana"))).json()["refused"]
        )
        assert pointers(self.get(client, **{**query, "to": "2026-03-04"})) == ["/to"]

    def test_whoever_comes_nearest_does_not_betray_what_occupies_the_others(self, client: APIClient) -> None:
        salon = make.salon(names=("Ana", "Bia"))
        AvailabilityRule.objects.filter(professional=salon.people["Ana"]).delete()
        make.book(at(10), who=salon.id("Bia"))
        TimeOff.objects.create(professional=salon.people["Bia"], starts_at=at(14), ends_at=at(14, 30))
        query = {"explain": "any", "from": "2026-03-03", "to": "2026-03-03"}
        shown = {one["starts_at"][11:16]: one["reasons"] for one in self.get(client, **query).json()["refused"]}
        assert shown["10:00"] == shown["14:00"] == ["occupied"]

    def test_what_nobody_performs_is_free_for_nobody(self, client: APIClient) -> None:
        make.service()
        body = self.get(client, **{"explain": "any", "from": "2026-03-03", "to": "2026-03-03"}).json()
        assert (body["slots"], {tuple(one["reasons"]) for one in body["refused"]}) == ([], {("professional",)})


class TestNextSlot:
    """The next free time, however far away."""

    def get(self, client: APIClient, **query: Any) -> Any:
        return client.get(f"{API}/slots/next/", {"service": "CORTE", **query})

    @pytest.fixture
    def salon(self) -> Salon:
        """Everybody is away until the 15th of April; Bia a day longer."""
        salon = make.salon(names=("Ana", "Bia"))
        for name, days in (("Ana", 44), ("Bia", 45)):
            TimeOff.objects.create(professional=salon.people[name], starts_at=at(0, day=0), ends_at=at(0, day=days))
        return salon

    def test_it_is_found_beyond_the_month(self, client: APIClient, salon: Salon) -> None:
        body = self.get(client).json()
        assert body == {
            "timezone": "America/Sao_Paulo",
            "currency": "BRL",
            "duration_minutes": 30,
            "searched_until": "2026-05-01",
            "slot": {
                "starts_at": "2026-04-15T09:00:00-03:00",
                "ends_at": "2026-04-15T09:30:00-03:00",
                "professionals": [{"id": str(salon.id("Ana")), "price": "50.00"}],
            },
        }

    def test_it_is_that_of_one_professional_or_from_a_day_on(self, client: APIClient, salon: Salon) -> None:
        hers = self.get(client, professional=str(salon.id("Bia"))).json()["slot"]
        assert (hers["starts_at"][:10], len(hers["professionals"])) == ("2026-04-16", 1)
        later = self.get(client, **{"from": "2026-04-20"}).json()["slot"]
        assert (later["starts_at"], len(later["professionals"])) == ("2026-04-20T09:00:00-03:00", 2)
        assert self.get(client, **{"from": "2020-01-01"}).json()["slot"]["starts_at"][:10] == "2026-04-15"

    def test_of_several_services_it_is_where_they_fit_together(self, client: APIClient) -> None:
        cut, colour = make.service(), make.service(sku="COR", price="120.00", minutes=45)
        ana = make.professional(performs=[cut, colour])
        TimeOff.objects.create(professional=ana, starts_at=at(10, day=0), ends_at=at(17, day=1))
        both = self.get(client, service=["CORTE", "COR"]).json()
        assert (both["duration_minutes"], both["slot"]["starts_at"]) == (75, "2026-03-04T09:00:00-03:00")
        assert self.get(client).json()["slot"]["starts_at"] == "2026-03-03T17:00:00-03:00"

    def test_where_there_is_none_it_says_how_far_was_looked(self, client: APIClient) -> None:
        make.salon(names=("Ana",))
        AvailabilityRule.objects.all().delete()
        body = self.get(client).json()
        assert (body["slot"], body["searched_until"]) == (None, "2026-05-01")  # as far as customers may book
        assert self.get(client, professional=str(uuid4())).json()["slot"] is None
        assert self.get(client, **{"from": "2026-05-02"}).json()["slot"] is None
        assert self.get(client, **{"from": "2099-12-31"}).json()["searched_until"] == "2026-05-01"

    @pytest.mark.parametrize(("days", "until"), [(3, "2026-03-05"), (730, "2026-09-03")])
    def test_nobody_is_made_to_look_further_than_half_a_year(self, client: APIClient, days: int, until: str) -> None:
        make.salon(names=("Ana",), horizon_days=days)
        AvailabilityRule.objects.all().delete()
        with statements() as sql:
            assert self.get(client).json()["searched_until"] == until
        assert len(sql) == 2 + 2 * (1 if days == 3 else 4)

    @pytest.mark.parametrize(
        ("query", "where"),
        [
            ({"from": "amanhã"}, ["/from"]),
            ({"from": "9999-12-31"}, ["/from"]),
            ({"professional": "ana"}, ["/professional"]),
            ({"service": []}, ["/service"]),
            ({"to": "2026-03-03"}, ["/to"]),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, client: APIClient, query: dict[str, Any], where: list[str]) -> None:
        make.salon()
        assert pointers(self.get(client, **query)) == where

    def test_unknown_services_are_refused(self, client: APIClient) -> None:
        assert self.get(client, service="NADA").json()["code"] == "unknown_sku"
