"""Booking in the agenda, in a real browser, while an answer of the shop is still on its way."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer
from time_machine import Traveller

from operations.tests.chromium import Tab
from operations.tests.clerk import Clerk
from operations.tests.test_shelf_in_browser import DESK, clerk_at
from scheduling.models import Appointment, Service
from scheduling.tests import factories as agenda
from scheduling.tests.changing import reschedule
from scheduling.tests.factories import MONDAY

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

HELD = """
    window.held = [];
    const real = window.fetch;
    window.fetch = async (...asked) => {
        const answer = await real(...asked);
        if (String(asked[0]).includes(window.holds ?? "nothing")) await new Promise((go) => window.held.push(go));
        return answer;
    };
    window.answers = () => { window.holds = "nothing"; window.held.splice(0).forEach((go) => go()); };
"""
OPEN = "document.getElementById('agenda-book').open"
CARD = "document.getElementById('agenda-visit')"


@pytest.fixture
def clerk(tab: Tab, live_server: LiveServer, time_machine: Traveller) -> Clerk:
    """It is Monday morning; Ana cuts and colours, and somebody stands at the agenda."""
    time_machine.move_to(MONDAY, tick=True)
    agenda.professional(name="Ana", performs=[agenda.service(), agenda.service(sku="COLORACAO", price="90.00")])
    found = clerk_at(tab, live_server, page=reverse("agenda:page"), width=DESK)
    found.until("document.querySelector('#agenda-calendar .ec-bg-event')", why="the calendar")
    tab.run(HELD)
    return found


def begins(clerk: Clerk, *, name: str) -> None:
    """Open the dialog and fill in a haircut for somebody at the time that is proposed."""
    clerk.click("#agenda-new")
    clerk.until(f"{OPEN} && document.activeElement.name === 'sought'", why="the dialog")
    clerk.type("corte")
    clerk.press("Enter")
    clerk.until("document.activeElement.name === 'time'", why="the times")
    clerk.click("#agenda-book [name=name]")
    clerk.type(name)


@pytest.mark.smoke
def test_a_dialog_that_was_opened_anew_is_not_closed_by_the_answer_for_the_one_before(clerk: Clerk) -> None:
    begins(clerk, name="Maria Souza")
    clerk.tab.run(f"void (window.holds = {reverse('agenda:visits')!r})")
    clerk.click("#agenda-book [data-submit]")
    clerk.until("window.held.length === 1", why="the answer on its way")
    clerk.press("Escape")
    clerk.until(f"!{OPEN}", why="the agenda")
    begins(clerk, name="Bia Lima")
    clerk.tab.run("window.answers()")
    clerk.until("!document.getElementById('agenda-toast').hidden", why="what was booked")
    assert clerk.tab.run(f"{OPEN} && document.querySelector('#agenda-book [name=name]').value") == "Bia Lima"
    clerk.until("document.querySelector('#agenda-book [name=time]:checked')", why="a chosen time")
    clerk.click("#agenda-book label.agenda-time:last-of-type")
    clerk.click("#agenda-book [data-submit]")
    clerk.until(f"!{OPEN}", why="the agenda")
    booked = Appointment.objects.order_by("pk").values_list("contact_name", flat=True)
    assert list(booked) == ["Maria Souza", "Bia Lima"]


def test_a_refusal_for_a_dialog_that_was_closed_is_said_and_leaves_the_next_one_alone(clerk: Clerk) -> None:
    begins(clerk, name="Maria Souza")
    taken = clerk.tab.run("document.querySelector('#agenda-book [name=time]:checked').value")
    clerk.tab.run(f"void (window.holds = {reverse('agenda:visits')!r})")
    agenda.booked(datetime.fromisoformat(taken), "CORTE", name="Pedro Lima", actor=agenda.STAFF)
    clerk.click("#agenda-book [data-submit]")
    clerk.until("window.held.length === 1", why="the answer on its way")
    clerk.press("Escape")
    begins(clerk, name="Bia Lima")
    clerk.tab.run("window.answers()")
    clerk.until("!document.getElementById('agenda-toast').hidden", why="what was refused")
    assert clerk.tab.run("document.querySelector('#agenda-book [data-refusal]').hidden")
    assert clerk.tab.run("document.activeElement.name") == "name"
    assert list(Appointment.objects.values_list("contact_name", flat=True)) == ["Pedro Lima"]


def test_whoever_has_gone_on_to_another_field_is_not_called_back_to_the_times(clerk: Clerk) -> None:
    clerk.click("#agenda-new")
    clerk.until(f"{OPEN} && document.activeElement.name === 'sought'", why="the dialog")
    clerk.type("corte")
    clerk.tab.run(f"void (window.holds = {reverse('agenda:times')!r})")
    clerk.press("Enter")
    clerk.until("window.held.length === 1", why="the times on their way")
    clerk.click("#agenda-book [name=phone]")
    clerk.type("119")
    clerk.tab.run("window.answers()")
    clerk.until("document.querySelector('#agenda-book [name=time]:checked')", why="the times")
    clerk.type("8")
    assert clerk.tab.run("document.activeElement.name + ' ' + document.activeElement.value") == "phone 1198"


def stands(*, name: str) -> tuple[str, str]:
    """Return at what hour somebody comes, and whom to."""
    visit = Appointment.objects.get(contact_name=name)
    return f"{visit.starts_at.astimezone(ZoneInfo('America/Sao_Paulo')):%H:%M}", visit.professional.name


def test_two_visits_change_places_by_the_card_of_one_and_back_again(clerk: Clerk) -> None:
    bia = agenda.professional(name="Bia", performs=list(Service.objects.all()))
    one = agenda.booked(agenda.at(10, day=2), "CORTE", name="Maria Souza", actor=agenda.STAFF)
    agenda.booked(agenda.at(14, day=2), "COLORACAO", name="Pedro Lima", who=bia.public_id, actor=agenda.STAFF)
    clerk.tab.run(f"Agenda.reload().then(() => void Agenda.openVisit('{one.public_id}'))")
    clerk.until(f"{CARD}.open", why="the visit")
    clerk.tab.run(
        f"[...{CARD}.querySelectorAll('button')].find((one) => one.textContent.includes('Trocar')).id = 'swap'"
    )
    clerk.click("#swap")
    assert clerk.tab.run(f"{CARD}.querySelector('.agenda-time').textContent") == "14:00 · Pedro Lima · Bia"
    clerk.click("#agenda-visit .agenda-time")
    clerk.until("document.querySelector('#agenda-toast .desk-undo')", why="that they were swapped")
    assert (stands(name="Maria Souza"), stands(name="Pedro Lima")) == (("14:00", "Bia"), ("10:00", "Ana"))
    clerk.click("#agenda-toast .desk-undo")
    clerk.until("!document.querySelector('#agenda-toast .desk-undo')", why="that they were put back")
    assert (stands(name="Maria Souza"), stands(name="Pedro Lima")) == (("10:00", "Ana"), ("14:00", "Bia"))


def test_a_visit_that_somebody_moved_meanwhile_is_offered_where_it_stands_now(clerk: Clerk) -> None:
    one = agenda.booked(agenda.at(10, day=2), "CORTE", name="Maria Souza", actor=agenda.STAFF)
    other = agenda.booked(agenda.at(14, day=2), "CORTE", name="Pedro Lima", actor=agenda.STAFF)
    clerk.tab.run(f"Agenda.reload().then(() => void Agenda.openVisit('{one.public_id}'))")
    clerk.until(f"{CARD}.open", why="the visit")
    clerk.tab.run(f"[...{CARD}.querySelectorAll('button')].find((one) => one.textContent.includes('Trocar')).click()")
    reschedule(other, agenda.at(16, day=2), actor=agenda.STAFF)
    clerk.click("#agenda-visit .agenda-time")
    clerk.until(f"!{CARD}.querySelector('[data-refusal]').hidden", why="the refusal")
    assert "remarcado enquanto isso" in clerk.tab.run(f"{CARD}.querySelector('[data-refusal]').textContent")
    assert clerk.tab.run(f"{CARD}.querySelector('.agenda-time').textContent") == "16:00 · Pedro Lima · Ana"
    clerk.click("#agenda-visit .agenda-time")
    clerk.until("document.querySelector('#agenda-toast .desk-undo')", why="that they were swapped")
    assert (stands(name="Maria Souza"), stands(name="Pedro Lima")) == (("16:00", "Ana"), ("10:00", "Ana"))


def test_a_visit_that_is_put_where_another_stands_can_change_places_with_it(clerk: Clerk) -> None:
    one = agenda.booked(agenda.at(10, day=2), "CORTE", name="Maria Souza", actor=agenda.STAFF)
    agenda.booked(agenda.at(14, day=2), "CORTE", name="Pedro Lima", actor=agenda.STAFF)
    clerk.tab.run("Agenda.reload().then(() => null)")
    place = f"{{ starts_at: '2026-03-04T14:15', professional: '{one.professional.public_id}' }}"
    clerk.tab.run(f"void Agenda.move({{ visit: {{ id: '{one.public_id}', name: 'Maria Souza' }}, place: {place} }})")
    clerk.until("document.getElementById('agenda-refused').open", why="that it was refused")
    offered = (
        "[...document.querySelectorAll('#agenda-refused button')].find((one) => one.textContent.includes('Trocar'))"
    )
    assert "Trocar com Pedro Lima, 14:00" in clerk.tab.run(f"{offered}.textContent")
    clerk.tab.run(f"{offered}.id = 'swap'")
    clerk.click("#swap")
    clerk.until("document.querySelector('#agenda-toast .desk-undo')", why="that they were swapped")
    assert (stands(name="Maria Souza"), stands(name="Pedro Lima")) == (("14:00", "Ana"), ("10:00", "Ana"))
