"""Booking in the agenda, in a real browser, while an answer of the shop is still on its way."""

from datetime import datetime

import pytest
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer
from time_machine import Traveller

from operations.tests.chromium import Tab
from operations.tests.clerk import Clerk
from operations.tests.test_shelf_in_browser import DESK, clerk_at
from scheduling.models import Appointment
from scheduling.tests import factories as agenda
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
