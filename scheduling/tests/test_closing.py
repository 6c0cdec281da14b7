"""A visit took place or nobody came, and that can be undone until the end of the day."""

from datetime import timedelta

import pytest

from common.errors import InvalidTransition
from scheduling import services as scheduling
from scheduling.errors import SlotTaken
from scheduling.models import Appointment
from scheduling.tests import factories as make
from scheduling.tests.changing import cancel, reopen
from scheduling.tests.factories import MONDAY, at

pytestmark = pytest.mark.django_db

FAR = at(10, day=7)


class TestClose:
    """Done, missed, accepted."""

    def test_a_visit_is_completed_once_it_has_begun(self) -> None:
        make.salon()
        visit = make.booked(at(10))
        with pytest.raises(InvalidTransition):
            scheduling.complete(public_id=visit.public_id, actor=make.STAFF, now=at(9, 59))
        for _twice in range(2):
            done = scheduling.complete(public_id=visit.public_id, actor=make.STAFF, now=at(10))
            assert done.state == "completed"
        with pytest.raises(InvalidTransition):
            scheduling.mark_no_show(public_id=visit.public_id, actor=make.STAFF, now=at(10))
        assert make.told() == ["appointment.booked"]

    def test_who_does_not_come_gives_the_rest_of_the_time_back(self) -> None:
        make.salon(minutes=120)
        visit = make.booked(at(10))
        with pytest.raises(InvalidTransition):
            scheduling.mark_no_show(public_id=visit.public_id, actor=make.STAFF, now=at(9))
        missed = scheduling.mark_no_show(public_id=visit.public_id, actor=make.STAFF, now=at(10, 30))
        assert missed.state == "no_show"
        assert make.book(at(10, 45), actor=make.STAFF, now=at(10, 40)).appointment.pk

    @pytest.mark.parametrize(("close", "state"), [("complete", "completed"), ("mark_no_show", "no_show")])
    def test_what_was_closed_is_open_again_until_the_day_is_over(self, close: str, state: str) -> None:
        make.salon()
        visit = make.booked(at(10))
        getattr(scheduling, close)(public_id=visit.public_id, actor=make.STAFF, now=at(18))
        for late in (at(0, day=2), at(10, day=3)):
            with pytest.raises(InvalidTransition):
                reopen(visit, now=late)
        assert reopen(visit, now=at(23, 59)).state == "confirmed"
        with pytest.raises(InvalidTransition):
            reopen(visit, now=at(23, 59))
        steps = [(step.from_state, step.to_state, step.actor_id) for step in visit.events.all()]
        assert steps[1:] == [("confirmed", state, "1"), (state, "confirmed", "1")]
        assert scheduling.complete(public_id=visit.public_id, actor=make.STAFF, now=at(18, day=2)).state == "completed"

    def test_time_that_somebody_else_has_by_now_is_not_taken_back(self) -> None:
        make.salon(minutes=120)
        visit = make.booked(at(10))
        scheduling.mark_no_show(public_id=visit.public_id, actor=make.STAFF, now=at(10, 30))
        make.book(at(10, 45), actor=make.STAFF, now=at(10, 40))
        before = make.everything()
        with pytest.raises(SlotTaken) as refusal:
            reopen(visit, now=at(11))
        assert refusal.value.detail
        assert make.everything() == before

    def test_a_visit_whose_room_was_given_away_comes_back_in_another(self) -> None:
        salon = make.salon(names=("Ana", "Bia", "Caio"), rooms=("Cadeira 1", "Cadeira 2"), minutes=120)
        who = {name: person.public_id for name, person in salon.people.items()}
        visit = make.booked(at(10), who=who["Ana"])
        scheduling.mark_no_show(public_id=visit.public_id, actor=make.STAFF, now=at(10, 30))
        for name in ("Bia", "Caio"):
            make.book(at(10, 45), who=who[name], actor=make.STAFF, now=at(10, 40))
        with pytest.raises(SlotTaken):
            reopen(visit, now=at(11))
        there = Appointment.objects.get(professional__public_id=who["Caio"])
        cancel(there, now=at(11), actor=make.STAFF, reason="Doente")
        back = reopen(visit, now=at(11))
        assert (back.state, back.room_id) == ("confirmed", there.room_id)
        assert Appointment.objects.get(pk=visit.pk).room_id == there.room_id != visit.room_id

    def test_a_request_is_accepted_while_it_stands(self) -> None:
        make.salon(requires_confirmation=True)
        visit = make.booked(FAR)
        accepted = scheduling.accept(public_id=visit.public_id, actor=make.STAFF, now=MONDAY)
        assert (accepted.state, accepted.expires_at) == ("confirmed", None)
        with pytest.raises(InvalidTransition):
            scheduling.accept(public_id=visit.public_id, actor=make.STAFF, now=MONDAY)

    @pytest.mark.fault("B9")
    @pytest.mark.fault("T10")
    def test_a_request_that_ran_out_cannot_be_accepted_over_somebody_else(self) -> None:
        make.salon(requires_confirmation=True)
        visit = make.booked(FAR)
        later = MONDAY + timedelta(hours=24)
        make.book(FAR, now=later)
        with pytest.raises(InvalidTransition) as refusal:
            scheduling.accept(public_id=visit.public_id, actor=make.STAFF, now=later)
        assert refusal.value.data["from"] == "expired"
