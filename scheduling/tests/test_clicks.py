"""Direct bookings by strangers that wait for a click in a letter, where the shop wants it so."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts import services as accounts
from accounts.models import Customer
from accounts.tests import factories as people
from common import clock
from common.access import access_token
from common.errors import Forbidden, InvalidTransition, NotFound, Refusal
from common.models import OutboxMessage
from common.testing import race, statements
from pages.views import VISITOR
from scheduling import services as scheduling
from scheduling.admin.appointments import step_text
from scheduling.errors import SlotTaken, TooManyHolds
from scheduling.models import Appointment
from scheduling.services import notices
from scheduling.tests import factories as make
from scheduling.tests.callers import API, book
from scheduling.tests.factories import MONDAY, at
from scheduling.wording import CLICK, KIND, state_name

pytestmark = pytest.mark.django_db
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def waiting() -> Appointment:
    """A stranger's visit that waits for the click."""
    make.salon()
    make.set_policy(booking_click_minutes=30)
    return make.booked(at(10, day=5))


def token_of(visit: Appointment, kind: str = CLICK) -> str:
    return access_token(kind=kind, public_id=visit.public_id, version=visit.link_version)


def click(visit: Appointment, *, now: datetime = MONDAY, token: str = "") -> Appointment:
    return scheduling.confirm_by_click(
        public_id=visit.public_id, token=token or token_of(visit), actor=VISITOR, now=now
    )


def customer(*, verified: bool) -> Customer:
    return people.customer(user=people.user(email="maria@example.com", email_verified_at=MONDAY if verified else None))


def written(visit: Appointment) -> Any:
    """Deliver the letters of every event so far, and return the last one."""
    for message in OutboxMessage.objects.filter(handler="scheduling.services.tell_customer").order_by("pk"):
        notices.tell_customer(name=message.name, payload=message.payload, event_id=uuid4(), now=MONDAY)
    return mail.outbox[-1]


class TestBooking:
    """Who waits, for how long, and against which bounds."""

    def test_unless_the_shop_wants_it_nothing_changes(self) -> None:
        make.salon()
        visit = make.booked(at(10, day=5))
        assert (visit.state, visit.awaits_click, visit.expires_at) == ("confirmed", False, None)
        assert make.told() == ["appointment.booked"]

    def test_a_guests_visit_is_kept_for_a_short_while(self, waiting: Appointment) -> None:
        assert (waiting.state, waiting.awaits_click) == ("requested", True)
        assert waiting.expires_at == MONDAY + HALF_AN_HOUR
        assert make.told() == ["appointment.click_asked"]
        with pytest.raises(SlotTaken):
            make.book(at(10, day=5), email="bia@example.com", phone="")
        later = MONDAY + HALF_AN_HOUR
        again = make.booked(at(10, day=5), email="bia@example.com", phone="", now=later)
        waiting.refresh_from_db()
        assert (waiting.state, again.state) == ("expired", "requested")
        assert make.told() == ["appointment.click_asked"] * 2  # nobody is written to who has not answered

    def test_it_never_waits_into_the_margin_before_the_visit(self) -> None:
        make.salon()
        make.set_policy(booking_click_minutes=600)
        assert make.booked(at(15, day=0)).expires_at == at(14, day=0)

    @pytest.mark.parametrize(("verified", "waits"), [(True, False), (False, True)])
    def test_a_proved_mailbox_needs_no_click(self, verified: bool, waits: bool) -> None:
        make.salon()
        make.set_policy(booking_click_minutes=30)
        visit = make.booked(at(10, day=5), customer_id=customer(verified=verified).pk)
        assert (visit.awaits_click, visit.state) == (waits, "requested" if waits else "confirmed")

    def test_neither_the_desk_nor_a_cart_waits_for_it(self) -> None:
        make.salon()
        make.set_policy(booking_click_minutes=30)
        assert make.booked(at(10, day=5), actor=make.STAFF).state == "confirmed"
        held = make.held(at(11, day=5))
        make.allocate(make.claim_of(held))
        held.refresh_from_db()
        assert (held.state, held.awaits_click) == ("confirmed", False)

    def test_it_counts_in_the_bounds(self, waiting: Appointment) -> None:
        make.set_policy(max_bookings_per_day=1)
        with pytest.raises(TooManyHolds):
            make.book(at(12, day=5))

    def test_the_answer_says_so_and_opens_no_click(self, client: Client) -> None:
        make.salon()
        make.set_policy(booking_click_minutes=30)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock, "now", lambda: MONDAY)
            answer = book(APIClient(), at(10, day=5)).json()
            visit = Appointment.objects.get()
            assert (answer["status"], answer["awaits_click"]) == ("requested", True)
            assert token_of(visit) not in str(answer)
            shown = client.get(
                f"{API}/appointments/{visit.public_id}/",
                headers={"Authorization": f"Appointment {answer['access_token']}"},
            )
            assert shown.json()["awaits_click"] is True
            page = f"/appointments/{visit.public_id}/confirm/?token={answer['access_token']}"
            assert client.get(page, follow=True).status_code == 404

    def test_a_mark_stands_beside_nothing_that_is_booked(self, waiting: Appointment) -> None:
        for changes in ({"state": "confirmed"}, {"claim": uuid4()}, {"bearer": uuid4()}):
            with pytest.raises(IntegrityError, match="appointment_click_of_direct_request"), transaction.atomic():
                Appointment.objects.filter(pk=waiting.pk).update(**changes)

    def test_where_it_is_off_it_costs_no_statement(self) -> None:
        salon = make.salon()
        person = customer(verified=False).pk
        counts = []
        for hour in (9, 10):
            make.set_policy(booking_click_minutes=0 if hour == 9 else 30)
            with statements() as sql:
                make.book(at(hour, day=5), who=salon.id("Ana"), customer_id=person)
            counts.append(len(sql))
        assert counts[1] == counts[0] + 1  # whose mailbox it is


class TestClick:
    """What the click does, once."""

    def test_it_confirms_the_visit(self, waiting: Appointment) -> None:
        visit = click(waiting, now=MONDAY + timedelta(minutes=29))
        assert (visit.state, visit.awaits_click, visit.expires_at) == ("confirmed", False, None)
        assert make.told() == ["appointment.click_asked", "appointment.booked"]
        first, step = waiting.events.all()
        assert (step.actor_kind, step.door, step_text(step=step, before=first)) == (
            "guest",
            "page",
            "Confirmado pelo link do e-mail",
        )

    def test_a_second_click_changes_nothing(self, waiting: Appointment) -> None:
        click(waiting)
        before = make.everything()
        assert click(waiting, now=MONDAY + timedelta(days=1)).state == "confirmed"
        assert make.everything() == before

    def test_it_puts_the_visit_before_the_shop_where_the_service_wants_that(self) -> None:
        make.salon(requires_confirmation=True)
        make.set_policy(booking_click_minutes=30)
        waiting = make.booked(at(10, day=5))
        visit = click(waiting)
        assert (visit.state, visit.awaits_click) == ("requested", False)
        assert visit.expires_at == MONDAY + timedelta(hours=24)
        assert make.told() == ["appointment.click_asked", "appointment.requested"]
        first, step = waiting.events.all()
        assert step_text(step=step, before=first) == "Confirmado pelo link do e-mail"
        assert scheduling.accept(public_id=visit.public_id, actor=make.STAFF, now=MONDAY).state == "confirmed"

    def test_the_shop_is_not_asked_meanwhile(self, waiting: Appointment) -> None:
        with pytest.raises(InvalidTransition):
            scheduling.accept(public_id=waiting.public_id, actor=make.STAFF, now=MONDAY)
        assert state_name(appointment=waiting, now=MONDAY) == "Espera o clique do cliente"
        assert state_name(appointment=waiting, now=MONDAY + HALF_AN_HOUR) == "Expirado"

    def test_after_its_time_it_is_refused(self, waiting: Appointment) -> None:
        with pytest.raises(InvalidTransition):
            click(waiting, now=MONDAY + HALF_AN_HOUR)
        waiting.refresh_from_db()
        assert (waiting.state, waiting.awaits_click) == ("requested", True)

    def test_what_was_cancelled_stays_so(self, waiting: Appointment) -> None:
        scheduling.cancel(public_id=waiting.public_id, actor=make.STAFF, now=MONDAY)
        with pytest.raises(InvalidTransition):
            click(waiting)

    def test_no_other_token_does_it(self, waiting: Appointment) -> None:
        other = make.booked(at(12, day=5))
        for token in ("x", token_of(waiting, KIND), token_of(waiting, "order"), token_of(other)):
            with pytest.raises(NotFound):
                click(waiting, token=token)
        old = token_of(waiting)
        scheduling.renew_link(public_id=waiting.public_id, now=MONDAY)
        with pytest.raises(NotFound):
            click(waiting, token=old)

    def test_whom_the_shop_has_blocked_meanwhile_confirms_nothing(self, waiting: Appointment) -> None:
        accounts.block_person(email=waiting.contact_email, phone="", document="", actor=make.STAFF, now=MONDAY)
        with pytest.raises(Forbidden):
            click(waiting)

    def test_it_proves_the_mailbox_for_that_visit_alone(self, waiting: Appointment) -> None:
        click(waiting)
        assert make.booked(at(12, day=5)).awaits_click is True

    def test_moved_it_waits_no_longer(self, waiting: Appointment) -> None:
        scheduling.reschedule(public_id=waiting.public_id, starts_at=at(12, day=6), actor=make.GUEST, now=MONDAY)
        waiting.refresh_from_db()
        assert (waiting.awaits_click, waiting.expires_at) == (True, MONDAY + HALF_AN_HOUR)
        assert click(waiting).starts_at == at(12, day=6)


class TestLetters:
    """The link stands in the letter alone."""

    def test_the_letter_holds_the_link_and_no_calendar(self, waiting: Appointment) -> None:
        letter = written(waiting)
        assert f"/appointments/{waiting.public_id}/confirm/?token={token_of(waiting)}" in letter.body
        assert "Confirme que você quer" in letter.subject
        assert not letter.attachments
        click(waiting)
        letter = written(waiting)
        assert "/confirm/" not in letter.body
        assert letter.attachments

    def test_nobody_is_reminded_before_the_click(self) -> None:
        make.salon()
        make.set_policy(booking_click_minutes=30)
        visit = make.booked(at(10, day=3))
        tomorrow = visit.starts_at - timedelta(hours=23)
        Appointment.objects.filter(pk=visit.pk).update(expires_at=visit.starts_at)
        assert notices.send_reminders(now=tomorrow) == 0
        click(visit)
        assert notices.send_reminders(now=tomorrow) == 1


@pytest.fixture
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Monday morning."""
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


class TestPage:
    """The page that the link opens."""

    def open(self, visitor: Client, visit: Appointment) -> Any:
        return visitor.get(f"/appointments/{visit.public_id}/confirm/?token={token_of(visit)}", follow=True)

    def answer(self, visitor: Client, visit: Appointment) -> Any:
        form = self.open(visitor, visit)
        hidden = {"csrfmiddlewaretoken": str(form.context["csrf_token"])}
        return visitor.post(f"/appointments/{visit.public_id}/confirm/", hidden, follow=True)

    def test_it_asks_and_the_answer_confirms(self, monday: None, waiting: Appointment) -> None:
        visitor = Client(enforce_csrf_checks=True)
        page = self.open(visitor, waiting)
        text = page.content.decode()
        assert page.redirect_chain == [(f"/appointments/{waiting.public_id}/confirm/", 302)]
        assert "Este horário é seu?" in text
        assert "Sim, confirmar" in text
        assert token_of(waiting) not in text
        assert page.headers["Cache-Control"] == "no-store"
        waiting.refresh_from_db()
        assert (waiting.state, waiting.version) == ("requested", 1)
        done = self.answer(visitor, waiting)
        assert done.status_code == 200
        assert re.search(r"Seu horário de .* está confirmado", done.content.decode())
        assert "Sim, confirmar" not in done.content.decode()
        waiting.refresh_from_db()
        assert (waiting.state, waiting.version) == ("confirmed", 2)
        assert "está confirmado" in self.open(Client(), waiting).content.decode()

    def test_after_its_time_it_says_so_and_leads_back(
        self, monday: None, waiting: Appointment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        visitor = Client(enforce_csrf_checks=True)
        form = self.open(visitor, waiting)
        monkeypatch.setattr(clock, "now", lambda: MONDAY + HALF_AN_HOUR)
        hidden = {"csrfmiddlewaretoken": str(form.context["csrf_token"])}
        late = visitor.post(f"/appointments/{waiting.public_id}/confirm/", hidden)
        for page, status in ((late, 409), (self.open(visitor, waiting), 200)):
            assert page.status_code == status
            assert "não guardamos mais esse horário" in page.content.decode()
            assert "Sim, confirmar" not in page.content.decode()
            assert 'href="/">Voltar à loja' in page.content.decode()

    def test_what_the_shop_called_off_is_said(self, monday: None, waiting: Appointment) -> None:
        scheduling.cancel(public_id=waiting.public_id, actor=make.STAFF, now=MONDAY)
        page = self.open(Client(), waiting).content.decode()
        assert "Sentimos muito" in page
        assert "Sim, confirmar" not in page

    def test_without_the_token_there_is_no_such_page(self, monday: None, waiting: Appointment) -> None:
        for token in ("", "x", token_of(waiting, KIND)):
            visitor = Client()
            assert (
                visitor.get(f"/appointments/{waiting.public_id}/confirm/?token={token}", follow=True).status_code == 404
            )
            assert visitor.post(f"/appointments/{waiting.public_id}/confirm/").status_code == 404
        assert Client().get(f"/appointments/{waiting.public_id}/?access_token={token_of(waiting)}").status_code == 404

    def test_its_other_pages_say_what_it_waits_for(self, monday: None, waiting: Appointment) -> None:
        page = Client().get(f"/appointments/{waiting.public_id}/?access_token={token_of(waiting, KIND)}")
        assert "Ainda não está marcado" in page.content.decode()
        assert "/confirm/" not in page.content.decode()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_click_at_the_last_moment_or_the_next_visitor_never_both() -> None:
    make.salon()
    make.set_policy(booking_click_minutes=30)
    for hour in (10, 12, 14):
        _race_for(at(hour, day=5))


def _race_for(starts_at: datetime) -> None:
    waiting = make.booked(starts_at, email=f"a{starts_at.hour}@example.com", phone="")
    over = MONDAY + HALF_AN_HOUR

    def work(number: int) -> Any:
        if number % 2:
            return click(waiting, now=over - timedelta(seconds=1))
        return make.book(starts_at, email=f"b{number}{starts_at.hour}@example.com", phone="", now=over)

    results = race(workers=6, work=work)
    assert all(isinstance(one, Appointment | scheduling.Booked | Refusal) for one in results), results
    waiting.refresh_from_db()
    living = Appointment.objects.filter(starts_at=starts_at, state__in=["requested", "confirmed"])
    assert living.count() == 1
    clicked = [one for one in results if isinstance(one, Appointment)]
    assert bool(clicked) == (waiting.state == "confirmed")
