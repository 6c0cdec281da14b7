"""What is on record of a visit, and what it is worth later."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from scheduling import selectors
from scheduling.answers import appointment_answer
from scheduling.lifecycle import TRANSITIONS
from scheduling.models import Appointment
from scheduling.seals import chain_of
from scheduling.services.history import step_values
from scheduling.tests import factories as make
from scheduling.tests.changing import cancel, reschedule
from scheduling.tests.factories import MONDAY, at
from shop import services as shop

pytestmark = pytest.mark.django_db

FAR = at(10, day=7)


class TestHistory:
    """What happened stays written."""

    def test_every_step_is_sealed_over_the_one_before(self) -> None:
        make.salon()
        visit = make.booked(FAR)
        reschedule(visit, FAR + timedelta(hours=1))
        cancel(visit)
        previous = ""
        steps = list(visit.events.all())
        assert [step.seq for step in steps] == [1, 2, 3]
        for step in steps:
            assert step.chain == chain_of(previous=previous, step=step_values(event=step))
            previous = step.chain

    def goes(self, visit: Appointment, target: str) -> bool:
        try:
            with transaction.atomic():
                Appointment.objects.filter(pk=visit.pk).update(state=target)
        except IntegrityError:
            return False
        return True

    def test_the_database_goes_exactly_where_the_table_leads(self) -> None:
        make.salon()
        visit = make.booked(FAR)
        allowed: dict[str, list[str]] = {state: [] for state in TRANSITIONS}
        with connection.cursor() as cursor:
            for origin in TRANSITIONS:
                for target in TRANSITIONS:
                    cursor.execute("SET LOCAL session_replication_role = replica")
                    Appointment.objects.filter(pk=visit.pk).update(state=origin, expires_at=MONDAY)
                    cursor.execute("SET LOCAL session_replication_role = DEFAULT")
                    if origin != target and self.goes(visit, target):
                        allowed[origin].append(target)
        assert {state: tuple(sorted(targets)) for state, targets in allowed.items()} == TRANSITIONS


def test_the_agenda_shows_holds_only_while_they_last() -> None:
    make.salon()
    make.held(at(11))
    visit = make.booked(at(10))
    first = selectors.agenda(begins=at(0), ends=at(24), now=MONDAY).first()
    assert first == visit
    assert selectors.agenda(begins=at(0), ends=at(24), now=MONDAY + timedelta(hours=1)).count() == 1


@pytest.mark.fault("B17")
def test_a_booked_visit_keeps_its_instant_when_the_shop_changes_its_clocks() -> None:
    make.salon()
    visit = make.booked(FAR)
    make.set_policy(timezone="America/Manaus")
    visit.refresh_from_db()
    assert visit.starts_at == FAR
    shown = appointment_answer(cancel(visit), policy=shop.policy(), with_token=False, now=MONDAY)
    assert (shown.starts_at, shown.timezone) == ("2026-03-09T09:00:00-04:00", "America/Manaus")


@pytest.mark.fault("B17")
@pytest.mark.fault("T20")
def test_visits_that_a_change_leaves_without_working_time_are_listed() -> None:
    salon = make.salon(names=("Ana", "Bia"))
    early = make.booked(at(9, day=7), who=salon.id("Ana"))
    make.booked(FAR, who=salon.id("Bia"))
    forced = make.booked(at(7, day=7), who=salon.id("Ana"), actor=make.STAFF, force="Noiva")
    assert selectors.stranded(policy=shop.policy(), now=MONDAY) == []
    make.set_policy(timezone="America/Manaus")
    assert selectors.stranded(policy=shop.policy(), now=MONDAY) == [early]
    make.set_policy(timezone="America/Sao_Paulo")
    salon.people["Bia"].is_active = False
    salon.people["Bia"].save()
    found = selectors.stranded(policy=shop.policy(), now=MONDAY)
    assert [visit.professional.name for visit in found] == ["Bia"]
    assert forced not in found
    assert selectors.stranded(policy=shop.policy(), now=at(20, day=8)) == []


@pytest.mark.fault("B20")
@pytest.mark.fault("D20")
def test_what_counts_is_the_moment_passed_down_not_a_clock_of_its_own() -> None:
    make.salon()
    hold = make.held(at(10), now=MONDAY)
    far_ahead = MONDAY + timedelta(days=30)
    assert make.book(far_ahead + timedelta(days=1), now=far_ahead).appointment.pk
    hold.refresh_from_db()
    assert hold.state == "expired"
