"""Blocking time: what it takes away, whom it would strand, and that nobody books into it behind the check."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from common.errors import Malformed, NotFound
from common.testing import race, statements
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.errors import SlotUnavailable, WouldStrand
from scheduling.models import Appointment, TimeOff
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at
from shop import services as shop


def block(salon: make.Salon, begins: int, ends: int, *, name: str = "Ana") -> TimeOff:
    return scheduling.block_time(
        professional=salon.id(name), starts_at=at(begins), ends_at=at(ends), reason="", now=MONDAY
    )


@pytest.mark.django_db
class TestBlocking:
    def test_blocked_time_is_not_bookable_until_it_is_opened(self) -> None:
        salon = make.salon()
        absence = block(salon, 9, 12)
        with pytest.raises(SlotUnavailable):
            make.book(at(10), who=salon.id("Ana"))
        scheduling.unblock_time(time_off_id=absence.pk)
        assert make.book(at(10), who=salon.id("Ana")).appointment.pk

    def test_visits_in_it_are_named_and_it_is_not_written(self) -> None:
        salon = make.salon(names=("Ana", "Bia"))
        visit = make.booked(at(10), who=salon.id("Ana"))
        make.booked(at(10), who=salon.id("Bia"))
        before = make.everything()
        with pytest.raises(WouldStrand) as refused:
            block(salon, 9, 12)
        assert refused.value.data["appointments"] == [
            {
                "id": str(visit.public_id),
                "starts_at": "2026-03-03T10:00:00-03:00",
                "ends_at": "2026-03-03T10:30:00-03:00",
                "customer": "Maria Souza",
            }
        ]
        assert make.everything() == before
        assert TimeOff.objects.count() == 0

    def test_what_was_stranded_before_and_what_was_forced_stand_in_nobodys_way(self) -> None:
        salon = make.salon()
        make.booked(at(7), who=salon.id("Ana"), actor=make.STAFF, force="Noiva")
        old = make.booked(at(10), who=salon.id("Ana"))
        TimeOff.objects.create(professional=salon.people["Ana"], starts_at=at(10), ends_at=at(11))
        assert [visit.pk for visit in selectors.stranded(policy=shop.policy(), now=MONDAY)] == [old.pk]
        assert block(salon, 6, 12).pk

    def test_visits_that_touch_it_are_not_in_it(self) -> None:
        salon = make.salon()
        make.booked(at(9), who=salon.id("Ana"))
        make.booked(at(12), who=salon.id("Ana"))
        absence = scheduling.block_time(
            professional=salon.id("Ana"), starts_at=at(9, 30), ends_at=at(12), reason="Curso", now=MONDAY
        )
        assert (absence.reason, absence.ends_at - absence.starts_at) == ("Curso", timedelta(hours=2, minutes=30))

    def test_nonsense_is_refused(self) -> None:
        salon = make.salon()
        with pytest.raises(Malformed):
            block(salon, 12, 12)
        with pytest.raises(NotFound):
            scheduling.block_time(professional=uuid4(), starts_at=at(9), ends_at=at(10), reason="", now=MONDAY)
        with pytest.raises(NotFound):
            scheduling.unblock_time(time_off_id=0)
        assert TimeOff.objects.count() == 0


@pytest.mark.django_db
class TestColumns:
    def test_a_column_knows_when_somebody_is_there_and_away(self) -> None:
        salon = make.salon(names=("Ana", "Bia"))
        block(salon, 9, 12)
        policy = shop.policy()
        day = at(9).date()
        with statements() as sql:
            columns = selectors.columns(policy=policy, first=day, last=day, now=MONDAY)
        assert len(sql) == 4
        hours = [[(end - start) // 3600 for start, end in column.there] for column in columns]
        assert hours == [[6], [9]]
        assert [[absence.starts_at for absence in column.away] for column in columns] == [[at(9)], []]

    def test_a_login_has_one_column_or_none(self) -> None:
        make.salon(names=("Ana", "Bia"))
        day = at(9).date()
        assert selectors.columns(policy=shop.policy(), first=day, last=day, now=MONDAY, user_id=-1) == []


@pytest.mark.django_db(transaction=True)
def test_blocking_against_booking_leaves_one_of_them() -> None:
    salon = make.salon()

    def work(number: int) -> Any:
        if number % 2:
            return block(salon, 10, 11)
        return make.book(at(10), who=salon.id("Ana"))

    outcomes = race(workers=2, work=work)
    refusals = [one for one in outcomes if isinstance(one, Exception)]
    assert len(refusals) == 1
    assert isinstance(refusals[0], WouldStrand | SlotUnavailable)
    assert Appointment.objects.count() + TimeOff.objects.count() == 1
    assert selectors.stranded(policy=shop.policy(), now=MONDAY) == []
