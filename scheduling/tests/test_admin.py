"""The desk's pages of time: what is typed, what is saved, and that a state is never typed."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.models import User
from accounts.tests import factories as people
from catalog.models import Category
from common import clock
from common.actors import Actor
from orders import services as orders
from scheduling import services as scheduling
from scheduling.forms import OverrideForm, RuleForm, WallClockField
from scheduling.models import Appointment, AvailabilityRule, DateOverride, Professional, Room, Service, TimeOff
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at

pytestmark = pytest.mark.django_db

SETUP = [f"{verb}_{name}" for verb in ("view", "add", "change") for name in ("service", "professional", "room")] + [
    f"{verb}_{name}"
    for verb in ("view", "add", "change", "delete")
    for name in ("professionalservice", "availabilityrule", "dateoverride", "timeoff")
]
OWNER = [*SETUP, "view_appointment", "manage_appointment", "view_product", "change_product"]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


def person(*permissions: str) -> tuple[Client, User]:
    user = people.user(name="Dona", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client, user


@pytest.fixture
def desk() -> Client:
    return person(*OWNER)[0]


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def formset(prefix: str, *rows: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for place, row in enumerate(rows):
        data |= {f"{prefix}-{place}-{name}": value for name, value in row.items()}
    return data


def professional_page(**inlines: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"name": "Ana", "bio": "", "position": "0", "is_active": "on"}
    for prefix in ("performed", "rules", "overrides", "time_off"):
        data |= inlines.get(prefix) or formset(prefix)
    return data


class TestSetup:
    """Services, people, rooms."""

    def test_every_page_opens(self, desk: Client) -> None:
        salon = make.salon(rooms=("Sala 1",))
        for name, pk in (
            ("service", salon.services["CORTE"].pk),
            ("professional", salon.people["Ana"].pk),
            ("room", Room.objects.get().pk),
        ):
            for page in ("changelist", "add"):
                assert desk.get(reverse(f"admin:scheduling_{name}_{page}")).status_code == 200
            assert desk.get(reverse(f"admin:scheduling_{name}_change", args=[pk])).status_code == 200

    def test_a_new_service_is_written_into_the_catalogue_too(self, desk: Client) -> None:
        shelf = Category.objects.create(slug="servicos", name="Serviços")
        room = Room.objects.create(name="Sala 1")
        response = desk.post(
            reverse("admin:scheduling_service_add"),
            {
                "name": "Barba",
                "price": "35,50",
                "category": shelf.pk,
                "sku": "BARBA",
                "description": "",
                "duration_minutes": "20",
                "capacity": "1",
                "buffer_before_minutes": "0",
                "buffer_after_minutes": "5",
                "deposit_kind": "none",
                "rooms": [room.pk],
            },
        )
        assert response.status_code == 302, response.content.decode()[:2000]
        service = Service.objects.get()
        variant = service.variant
        assert (variant.sku, str(variant.price), variant.product.name) == ("BARBA", "35.50", "Barba")
        assert (variant.product.kind, variant.product.status) == ("service", "published")
        assert (service.duration_minutes, service.buffer_after_minutes) == (20, 5)
        assert list(service.rooms.all()) == [room]

    def test_a_new_services_category_is_made_by_typing_its_name(self, desk: Client) -> None:
        address = reverse("admin:scheduling_service_add")
        assert not desk.get(address).context["desk_page"]["missing"]
        sent = {
            "name": "Barba",
            "price": "35,50",
            "duration_minutes": "20",
            "capacity": "1",
            "buffer_before_minutes": "0",
            "buffer_after_minutes": "0",
            "deposit_kind": "none",
        }
        assert list(desk.post(address, sent).context["adminform"].form.errors) == ["category"]
        assert desk.post(address, sent | {"new_category": "Barbearia"}).status_code == 302
        assert Service.objects.get().variant.product.category.name == "Barbearia"

    def test_what_the_database_would_refuse_is_told_on_the_page(self, desk: Client) -> None:
        service = make.service(minutes=15)
        page = desk.post(
            reverse("admin:scheduling_service_change", args=[service.pk]),
            {
                "duration_minutes": "15",
                "capacity": "1",
                "buffer_before_minutes": "0",
                "buffer_after_minutes": "0",
                "deposit_kind": "none",
                "overlap_tolerance_minutes": "15",
            },
        )
        assert page.status_code == 200
        service.refresh_from_db()
        assert service.overlap_tolerance_minutes is None

    def test_a_professional_is_written_down_with_hours_in_one_page(self, desk: Client) -> None:
        cut = make.service()
        response = desk.post(
            reverse("admin:scheduling_professional_add"),
            professional_page(
                performed=formset("performed", {"service": cut.pk, "price": "R$ 55,00"}),
                rules=formset(
                    "rules",
                    {"weekday": "1", "opens": "9h", "closes": "12:30"},
                    {"weekday": "5", "opens": "22:00", "closes": "02:00"},
                ),
                overrides=formset("overrides", {"date": "24/12/2026", "opens": "", "closes": ""}),
            ),
        )
        assert response.status_code == 302, re.findall(r"errorlist.*", response.content.decode())
        ana = Professional.objects.get()
        assert list(AvailabilityRule.objects.values_list("weekday", "opens", "closes")) == [
            (1, 540, 750),
            (5, 1320, 1560),
        ]
        assert [(one.service, str(one.price)) for one in ana.performed.all()] == [(cut, "55.00")]
        assert DateOverride.objects.get().opens is None

    @pytest.mark.fault("T20")
    def test_an_absence_names_the_visits_it_would_leave_without_time_before_it_is_saved(self, desk: Client) -> None:
        salon = make.salon()
        make.book(at(10))
        make.book(at(15))
        ana = salon.people["Ana"]
        page = professional_page(
            performed=formset(
                "performed",
                {"id": ana.performed.get().pk, "professional": ana.pk, "service": salon.services["CORTE"].pk},
                initial=1,
            ),
            rules=formset(
                "rules",
                *(
                    {
                        "id": rule.pk,
                        "professional": ana.pk,
                        "weekday": rule.weekday,
                        "opens": "09:00",
                        "closes": "18:00",
                    }
                    for rule in ana.rules.all()
                ),
                initial=7,
            ),
            time_off=formset(
                "time_off",
                {
                    "starts_at_0": "03/03/2026",
                    "starts_at_1": "08:00",
                    "ends_at_0": "03/03/2026",
                    "ends_at_1": "12:00",
                    "reason": "Dentista",
                },
            ),
        )
        address = reverse("admin:scheduling_professional_change", args=[ana.pk])

        asked = desk.post(address, page)

        shown = asked.content.decode()
        assert (asked.status_code, TimeOff.objects.count()) == (409, 0)
        assert ("10:00" in shown, "15:00" in shown, "Maria Souza" in shown) == (True, False, True)
        assert 'value="Dentista"' in shown
        assert desk.post(address, page).status_code == 409

        response = desk.post(address, page | {"strand_anyway": "1"})

        assert response.status_code == 302, re.findall(r"errorlist.*", response.content.decode())
        assert TimeOff.objects.get().starts_at == at(8)
        warnings = [text for text in said(response) if "Maria Souza" in text]
        assert len(warnings) == 1
        assert "10:00" in warnings[0]
        assert "15:00" not in warnings[0]
        assert Appointment.objects.filter(state="confirmed").count() == 2

    def test_a_new_calendar_address_makes_the_old_one_useless(self, desk: Client) -> None:
        ana = make.professional()
        renew = reverse("admin:scheduling_professional_renew_feed", args=[ana.pk])
        assert desk.get(renew).status_code == 200
        ana.refresh_from_db()
        assert ana.feed_version == 1
        assert desk.post(renew).status_code == 302
        ana.refresh_from_db()
        assert ana.feed_version == 2

    def test_nothing_is_deleted(self, desk: Client) -> None:
        salon = make.salon()
        assert (
            desk.post(reverse("admin:scheduling_professional_delete", args=[salon.people["Ana"].pk])).status_code == 403
        )


class TestHours:
    """Times of day as people type them."""

    @pytest.mark.parametrize(
        ("typed", "minutes"),
        [("9", None), ("9h", 540), ("9:00", 540), ("09h30", 570), ("24:00", 1440), ("00:00", 0), ("23:59", 1439)],
    )
    def test_a_time_of_day(self, typed: str, minutes: int | None) -> None:
        field = WallClockField(required=False)
        if minutes is None:
            with pytest.raises(Exception, match="09:00"):
                field.clean(typed)
        else:
            assert field.clean(typed) == minutes

    @pytest.mark.parametrize("typed", ["24:01", "25:00", "9:60", "nove", "９:00"])
    def test_no_time_of_day(self, typed: str) -> None:
        with pytest.raises(Exception, match=r"."):
            WallClockField().clean(typed)

    def test_an_end_before_the_beginning_is_on_the_next_day(self) -> None:
        form = RuleForm({"weekday": "0", "opens": "22:00", "closes": "2:00"})
        assert form.is_valid()
        assert (form.cleaned_data["opens"], form.cleaned_data["closes"]) == (1320, 1560)

    @pytest.mark.parametrize("hours", [("9:00", ""), ("", "10:00"), ("24:00", "2:00")])
    def test_half_a_special_day_is_refused(self, hours: tuple[str, str]) -> None:
        assert not OverrideForm({"date": "2026-12-24", "opens": hours[0], "closes": hours[1]}).is_valid()

    @pytest.mark.parametrize(("minutes", "shown"), [(540, "09:00"), (1440, "24:00"), (1560, "02:00")])
    def test_minutes_are_shown_as_they_would_be_typed(self, minutes: int, shown: str) -> None:
        assert WallClockField().prepare_value(minutes) == shown


class TestVisits:
    """Booking, moving, closing."""

    def url(self, name: str, *args: Any, **query: Any) -> str:
        return reverse(f"admin:scheduling_appointment_{name}", args=args) + (
            "?" + urlencode(query, True) if query else ""
        )

    def test_the_page_leads_to_the_agenda_where_the_visit_is_changed(self, desk: Client) -> None:
        make.salon()
        visit = make.booked(at(10))
        assert desk.get("/admin/scheduling/appointment/book-visit/")["Location"] == "/admin/agenda/?new=1"
        page = desk.get(self.url("change", visit.pk)).content.decode()
        assert f'href="/admin/agenda/?visit={visit.public_id}"' in page
        assert "<form" not in page.split('<div class="desk">')[1]

    def test_the_history_says_in_words_what_happened_and_who_did_it(self) -> None:
        salon = make.salon(names=("Ana", "Bia"), requires_confirmation=True)
        client, user = person("view_appointment")
        staff = Actor(kind="staff", id=str(user.pk), door="admin")
        visit = make.booked(at(10, day=3), who=salon.id("Ana"))
        where: dict[str, Any] = {"public_id": visit.public_id, "now": make.MONDAY, "actor": staff}
        scheduling.accept(**where)
        scheduling.reschedule(starts_at=at(11, day=3), **where)
        scheduling.reschedule(starts_at=at(11, day=3), professional=salon.id("Bia"), **where)
        scheduling.complete(**where | {"now": at(12, day=3)})
        orders.reopen_visit(appointment=visit.public_id, access=None, actor=staff, now=at(12, day=3))
        scheduling.cancel(reason="Foi engano", **where | {"now": at(12, day=3)})
        steps = client.get(self.url("change", visit.pk)).context["steps"]
        with override("pt-br"):
            assert [(text, step.actor_name) for step, text in steps] == [
                ("Pedido", "Cliente"),
                ("Aceito", "Dona"),
                ("Mudado para 05/03/2026 11:00", "Dona"),
                ("Mudado para 05/03/2026 11:00, com Bia", "Dona"),
                ("Atendimento realizado", "Dona"),
                ("Desfeito: confirmado de novo", "Dona"),
                ("Cancelado", "Dona"),
            ]

    def test_a_state_cannot_be_typed(self, desk: Client) -> None:
        make.salon()
        visit = make.booked(at(10))
        assert desk.post(self.url("change", visit.pk), {"state": "completed"}).status_code == 405
        assert desk.get(self.url("add")).status_code == 403
        assert desk.get(self.url("changelist")).status_code == 200

    def test_a_professional_sees_their_own_visits_alone(self) -> None:
        salon = make.salon(names=("Ana", "Bia"))
        mine, other = (make.booked(at(10), who=salon.id(name), name=f"Cliente {name}") for name in ("Ana", "Bia"))
        client, user = person("view_own_agenda")
        salon.people["Ana"].user = user
        salon.people["Ana"].save()
        page = client.get(self.url("changelist")).content.decode()
        assert "Cliente Ana" in page
        assert "Cliente Bia" not in page
        assert client.get(self.url("change", mine.pk)).status_code == 200
        assert client.get(self.url("change", other.pk)).status_code == 302

    def test_without_permission_there_is_nothing_to_see(self) -> None:
        make.salon()
        visit = make.booked(at(10))
        client, _user = person()
        assert client.get(self.url("change", visit.pk)).status_code == 302
