"""Every job of the desk, walked as a person does it, in Portuguese, at a desk and on a phone, within so many clicks.

A click counts from the first page; typing is not a click. A list that is opened to choose from counts once. The limits
are written by hand: who makes a job longer changes a number here and says why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from time_machine import Traveller

from inventory.tests.factories import MONDAY
from operations.tests.chromium import Tab
from operations.tests.walks import agenda, bulk, keeping, selling
from operations.tests.walks.person import Person, sits_down
from operations.tests.walks.premises import Premises, furnish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Job:
    """What somebody comes to do, and how many clicks it may take at a desk; the menu of a phone adds what it says."""

    name: str
    walk: Callable[[Person, Premises], None]
    clicks: int
    on_a_phone: int = 0


JOBS = (
    Job("sale", selling.at_the_counter, 2, on_a_phone=2),
    Job("phone order", selling.by_telephone, 2),
    Job("phone order of things and time, a time lost", selling.time_by_telephone, 7),
    Job("phone appointment", agenda.by_telephone, 3),
    Job("appointment moved", agenda.moved, 3),
    Job("appointment moved and back", agenda.moved_and_back, 4),
    Job("appointment of another day moved", agenda.moved_another_day, 3),
    Job("appointment cancelled", agenda.called_off, 3),
    Job("no-show", agenda.missed, 3),
    Job("no-show and back", agenda.missed_and_back, 4),
    Job("requested time", agenda.asked_for, 2),
    Job("goods received", keeping.received, 2),
    Job("stock counted", keeping.counted, 2),
    Job("shelf counted blind", bulk.counted_blind, 4, on_a_phone=1),
    Job("price", keeping.price, 2),
    Job("many prices and back", bulk.many_prices, 5, on_a_phone=1),
    Job("week copied", bulk.week_copied, 7, on_a_phone=1),
    Job("own time blocked", bulk.own_time, 2),
    Job("messages of the day", bulk.messages, 3, on_a_phone=1),
    Job("combination", bulk.combination, 5, on_a_phone=1),
    Job("product", keeping.product, 8, on_a_phone=1),
    Job("service", agenda.new_service, 4, on_a_phone=1),
    Job("professional", agenda.new_professional, 9, on_a_phone=1),
    Job("day off", agenda.day_off, 3),
    Job("transfer confirmed", selling.the_transfer, 3),
    Job("pickup handed over", selling.the_pickup, 3),
    Job("refund", selling.money_back, 3),
    Job("end of the day", selling.end_of_the_day, 3),
    Job("a customer's history", keeping.customer, 2, on_a_phone=1),
    Job("invitation", keeping.invited, 4, on_a_phone=1),
    Job("settings", keeping.settings, 2, on_a_phone=1),
    Job("who changed what", keeping.who_did_it, 3, on_a_phone=1),
    Job("spreadsheets", keeping.spreadsheets, 5, on_a_phone=1),
)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_job_is_done_in_few_clicks(
    job: Job, width: int, tab: Tab, live_server: LiveServer, settings: Settings, time_machine: Traveller, tmp_path: Path
) -> None:
    settings.PUBLIC_URL = live_server.url
    time_machine.move_to(MONDAY, tick=True)
    premises = furnish()
    person = sits_down(premises.owner, tab=tab, server=live_server.url, width=width, folder=tmp_path)
    job.walk(person, premises)
    assert not person.faults, "\n".join(person.faults)
    assert person.clicks <= job.clicks + (job.on_a_phone if person.phone else 0)
