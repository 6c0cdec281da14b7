"""Cut and beard is 45 minutes and R$ 70 through every door, and everything behind it adds up."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from backoffice.tests.desk import member
from cart import services as carts
from commissions.tests import factories as earned
from common import clock
from common.testing import statements
from counter.services import WalkIn
from counter.tests.factories import cash, sell
from operations.integrity import findings
from operations.tests.salons import look, seated, send
from orders import services as orders
from orders.models import Order, OrderLine
from orders.tests.factories import ALL, GUEST, STAFF, placement_of, quoted
from payments import services as payments
from scheduling.models import Appointment, Combination, ProfessionalService, Service
from scheduling.tests import callers
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, Salon, at

pytestmark = pytest.mark.django_db

BOTH = ["CORTE", "BARBA"]
SPREAD = [("CORTE", "41.18", 23), ("BARBA", "28.82", 22)]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


@pytest.fixture(autouse=True)
def barbershop() -> Salon:
    """Ana and Bia, who cut for 50 and shave for 35, half an hour each, and for 70 in 45 minutes together."""
    made = make.salon(names=("Ana", "Bia"))
    cut, beard = made.services["CORTE"], make.service(sku="BARBA", price="35.00")
    ProfessionalService.objects.bulk_create(
        ProfessionalService(professional=person, service=beard) for person in made.people.values()
    )
    make.combination(cut, beard)
    return made


def parts(body: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(one["sku"], one["price"], one["duration_minutes"]) for one in body["services"]]


def nothing_is_wrong() -> bool:
    return findings(now=MONDAY) == []


def test_the_public_api_offers_and_books_it() -> None:
    client = APIClient()
    free = client.get(f"{callers.API}/slots/?service=CORTE&service=BARBA&from=2026-03-03&to=2026-03-03").json()
    first = free["slots"][0]
    assert (free["duration_minutes"], first["starts_at"], first["ends_at"]) == (
        45, "2026-03-03T09:00:00-03:00", "2026-03-03T09:45:00-03:00",
    )  # fmt: skip
    assert {one["price"] for one in first["professionals"]} == {"70.00"}
    booked = callers.book(client, at(9), services=BOTH).json()
    assert (booked["ends_at"], booked["total"], parts(booked)) == ("2026-03-03T09:45:00-03:00", "70.00", SPREAD)
    again = client.get(f"{callers.API}/appointments/{booked['id']}/?access_token={booked['access_token']}").json()
    assert (again["total"], parts(again)) == ("70.00", SPREAD)
    moved = client.post(
        f"{callers.API}/appointments/{booked['id']}/reschedule/?access_token={booked['access_token']}",
        {"starts_at": at(17, 15).isoformat()},
    ).json()
    assert (moved["ends_at"], moved["total"]) == ("2026-03-03T18:00:00-03:00", "70.00")
    assert nothing_is_wrong()


def test_a_cart_quotes_it_and_its_order_is_refunded_and_earned_to_the_cent(barbershop: Salon) -> None:
    Service.objects.update(deposit_percent=50)
    earned.rule(barbershop.people["Ana"])
    cart = carts.open_cart(
        units=[], wishes=[make.wish(at(10), *BOTH, who=barbershop.id("Ana"))], customer_id=None, actor=GUEST, now=MONDAY
    )
    assert (cart.prices.total, quoted(cart, payment_method="transfer").prices.amount_due_now) == (
        Decimal("70.00"), Decimal("35.00"),
    )  # fmt: skip
    placement = replace(placement_of(cart=cart, payment_method="transfer"), fulfilment=None)
    order = orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY).order
    Combination.objects.update(price=Decimal("1.00"), duration_minutes=90)
    line, visit = OrderLine.objects.get(), Appointment.objects.get()
    assert (line.unit_price, line.line_total, order.total, visit.total) == (Decimal("70.00"),) * 4
    assert (visit.ends_at, line.appointment["services"]) == (  # type: ignore[index]
        at(10, 45),
        [
            {"sku": sku, "name": sku.title(), "price": price, "duration_minutes": minutes}
            for sku, price, minutes in SPREAD
        ],
    )
    payments.confirm_order(
        number=order.number, amount=Decimal("35.00"), reference="TED", access=ALL, actor=STAFF, now=MONDAY
    )
    earned.pay(Order.objects.get(), "35.00")
    earned.relay()
    assert earned.sums() == {"Ana": Decimal("28.00")}
    earned.give_back(Order.objects.get(), "70.00")
    assert sum(earned.sums().values()) == 0
    assert nothing_is_wrong()


def test_a_cart_is_filled_and_quoted_in_as_many_statements_as_without() -> None:
    def counted(hour: int) -> list[int]:
        cart = carts.open_cart(units=[], customer_id=None, now=MONDAY)
        with statements() as adding:
            filled = carts.add_visit(
                cart_id=cart.public_id, wish=make.wish(at(hour), *BOTH), customer_id=None, actor=GUEST, now=MONDAY
            )
        with statements() as reading:
            quoted(filled)
        return [len(adding), len(reading)]

    together = counted(10)
    Combination.objects.all().delete()
    assert counted(13) == together


def test_the_agenda_offers_and_books_it(barbershop: Salon) -> None:
    desk = seated(role="counter")
    offered = look(desk, "times", service=BOTH, day="2026-03-03", professional=str(barbershop.id("Ana"))).json()
    assert (offered["minutes"], offered["times"][-1]["clock"]) == (45, "17:15")
    assert {one["price"] for one in offered["times"]} == {"R$ 70,00"}
    wanted = {"professional": str(barbershop.id("Ana")), "starts_at": "2026-03-03T10:00", "name": "Eva Dias"}
    assert send(desk, "visits", services=BOTH, **wanted).status_code == 201
    visit = Appointment.objects.get()
    assert (visit.ends_at, visit.total) == (at(10, 45), Decimal("70.00"))
    moved = send(desk, "move", visit.public_id, starts_at="2026-03-03T17:15", professional=str(barbershop.id("Bia")))
    visit.refresh_from_db()
    assert (moved.status_code, visit.ends_at, visit.total) == (200, at(18), Decimal("70.00"))
    assert nothing_is_wrong()


def test_the_counter_prices_and_sells_it_without_an_appointment(barbershop: Salon) -> None:
    desk = seated(role="counter")
    walk_in = {"services": [{"sku": sku, "professional": str(barbershop.id("Bia"))} for sku in BOTH]}
    answer = desk.post(reverse("counter:price"), {"walk_ins": [walk_in]}, content_type="application/json").json()
    assert (answer["due"], [one["prices"] for one in answer["lines"]]) == ("70.00", [["41.18", "28.82"]])
    services = tuple((sku, barbershop.id("Bia")) for sku in BOTH)
    sell(cash("70.00"), walk_ins=(WalkIn(services=services),), actor=STAFF, now=at(9))
    visit = Appointment.objects.get()
    assert (visit.ends_at - visit.starts_at).total_seconds() == 45 * 60
    assert (Order.objects.get().total, Order.objects.get().status) == (Decimal("70.00"), "completed")
    assert findings(now=at(9)) == []


def test_services_of_two_professionals_are_two_visits_and_no_combination(barbershop: Salon) -> None:
    services = (("CORTE", barbershop.id("Ana")), ("BARBA", barbershop.id("Bia")))
    sell(cash("85.00"), walk_ins=(WalkIn(services=services),), actor=STAFF, now=at(9))
    assert Order.objects.get().total == Decimal("85.00")


class TestDesk:
    """The page of combinations."""

    ADDRESS = "/admin/scheduling/combination/"

    def owner(self) -> Client:
        client = Client()
        client.force_login(member(role="owner"))
        return client

    def form(self, *services: Service, **changes: Any) -> dict[str, Any]:
        return {
            "services": [one.pk for one in services],
            "price": "85,90",
            "duration_minutes": "1h",
            "is_active": "on",
            **changes,
        }

    def test_one_is_written_changed_and_seen_beside_what_it_costs_one_by_one(self, barbershop: Salon) -> None:
        desk = self.owner()
        colour = make.service(sku="COR", price="120.00", minutes=60)
        assert "Combinações" in desk.get("/admin/").content.decode()
        empty = desk.get(f"{self.ADDRESS}add/").content.decode()
        assert "Corte (30 min, R$ 50,00)" in empty
        cut = barbershop.services["CORTE"]
        saved = desk.post(f"{self.ADDRESS}add/", self.form(cut, colour))
        assert saved.status_code == 302, saved.content.decode()[:3000]
        made = Combination.objects.latest("pk")
        assert (str(made), str(made.price), made.duration_minutes) == ("Corte + Cor", "85.90", 60)
        listed = desk.get(self.ADDRESS).content.decode()
        assert "R$ 85,90" in listed
        assert "R$ 170,00 · 90 min" in listed
        page = desk.get(f"{self.ADDRESS}{made.pk}/change/").content.decode()
        assert "Ninguém realiza todos estes serviços" in page
        assert desk.get(f"{self.ADDRESS}{made.pk}/history/").status_code == 200
        assert desk.post(f"{self.ADDRESS}{made.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_what_cannot_be_is_said_beside_its_field_and_loses_nothing(self, barbershop: Salon) -> None:
        desk = self.owner()
        cut, beard = barbershop.services["CORTE"], Service.objects.get(variant__sku="BARBA")
        for chosen, changes, told in (
            ([cut], {}, "Escolha dois serviços ou mais."),
            ([cut, beard], {}, "Já existe uma combinação destes serviços."),
            ([], {}, "Este campo é obrigatório."),
            ([cut, beard], {"price": "muito"}, "Digite um valor como 1.234,56."),
            ([cut, beard], {"duration_minutes": "3"}, "Entre"),
        ):
            answer = desk.post(f"{self.ADDRESS}add/", self.form(*chosen, **changes))
            shown = answer.content.decode()
            assert (told in shown, 'value="85,90"' in shown or "muito" in shown) == (True, True), told
            assert shown.count("checked") >= len(chosen)
        assert Combination.objects.count() == 1

    def test_a_page_that_is_stale_overwrites_nothing(self, barbershop: Salon) -> None:
        desk = self.owner()
        made = Combination.objects.get()
        address = f"{self.ADDRESS}{made.pk}/change/"
        seen = desk.get(address).context["desk_page"]
        Combination.objects.update(price=Decimal("75.00"))
        cut, beard = made.services.order_by("pk")
        sent = self.form(cut, beard, price="80,00", duration_minutes="45 min") | {seen["seen_name"]: seen["seen"]}
        answer = desk.post(address, sent)
        assert (answer.status_code, Combination.objects.get().price) == (409, Decimal("75.00"))
        assert "75,00" in answer.content.decode()

    def test_whoever_sells_sees_them_and_changes_none(self) -> None:
        client = Client()
        client.force_login(member(role="counter"))
        made = Combination.objects.get()
        assert client.get(self.ADDRESS).status_code == 200
        assert client.get(f"{self.ADDRESS}add/").status_code == 403
        assert client.post(f"{self.ADDRESS}{made.pk}/change/", self.form()).status_code == 403

    def test_the_list_is_read_in_as_many_statements_however_many_there_are(self, barbershop: Salon) -> None:
        desk = self.owner()
        desk.get(self.ADDRESS)
        with statements() as few:
            desk.get(self.ADDRESS)
        for number in range(3):
            make.combination(barbershop.services["CORTE"], make.service(sku=f"S{number}"))
        with statements() as many:
            desk.get(self.ADDRESS)
        assert len(many) == len(few)
