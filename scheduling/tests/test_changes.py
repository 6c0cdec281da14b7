"""What becomes of a visit, and that a refusal leaves it where it was."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from common.actors import Actor
from common.errors import Busy, Forbidden, InvalidTransition, Malformed, NotFound, TotalChanged
from common.models import OutboxMessage
from scheduling import services as scheduling
from scheduling.errors import SlotTaken, SlotUnavailable, TooLateToChange, VisitMoved
from scheduling.models import Appointment, ProfessionalService
from scheduling.selectors import Access
from scheduling.services import taking
from scheduling.tests import factories as make
from scheduling.tests.changing import cancel, reschedule, swap
from scheduling.tests.factories import MONDAY, at

pytestmark = pytest.mark.django_db


FAR = at(10, day=7)


class TestCancel:
    """Giving a visit up."""

    @pytest.mark.fault("B10")
    def test_cancelling_frees_the_time_and_twice_is_once(self) -> None:
        make.salon()
        visit = make.booked(FAR)
        assert cancel(visit).state == "cancelled"
        assert cancel(visit).state == "cancelled"
        assert [event.to_state for event in visit.events.all()] == ["confirmed", "cancelled"]
        assert make.told() == ["appointment.booked", "appointment.cancelled"]
        assert make.book(FAR).appointment.pk

    def test_past_the_cut_off_the_customer_is_too_late_and_the_team_says_why(self) -> None:
        make.salon()
        visit = make.booked(FAR)
        late = FAR - timedelta(hours=1) + timedelta(seconds=1)
        before = make.everything()
        with pytest.raises(TooLateToChange) as refusal:
            cancel(visit, now=late)
        assert refusal.value.data == {"until": (FAR - timedelta(hours=1)).isoformat()}
        with pytest.raises(Malformed):
            cancel(visit, now=late, actor=make.STAFF)
        assert make.everything() == before
        assert cancel(visit, now=late, actor=make.STAFF, reason="Doente").state == "cancelled"
        assert visit.events.filter(reason="Doente", to_state="cancelled").count() == 1

    def test_until_the_cut_off_itself_it_is_in_time(self) -> None:
        make.salon()
        assert cancel(make.booked(FAR), now=FAR - timedelta(hours=1)).state == "cancelled"

    def test_a_request_can_be_withdrawn_at_any_time(self) -> None:
        make.salon(requires_confirmation=True)
        visit = make.booked(at(15, day=0))
        assert cancel(visit, now=MONDAY + timedelta(hours=1)).state == "cancelled"

    def test_what_is_over_cannot_be_cancelled(self) -> None:
        make.salon()
        visit = make.booked(at(10))
        scheduling.complete(public_id=visit.public_id, actor=make.STAFF, now=at(11))
        with pytest.raises(InvalidTransition) as refusal:
            cancel(visit, now=at(11), actor=make.STAFF, reason="x")
        assert refusal.value.data == {"from": "completed", "allowed": ["confirmed"]}

    def test_a_stranger_finds_nothing_and_a_colleague_without_permission_may_not(self) -> None:
        make.salon()
        visit = make.booked(FAR)
        before = make.everything()
        with pytest.raises(NotFound):
            cancel(visit, access=Access(tokens=("x" * 43,)))
        with pytest.raises(Forbidden):
            cancel(visit, access=Access(sees_all=True))
        with pytest.raises(NotFound):
            scheduling.cancel(public_id=uuid4(), actor=make.STAFF, now=MONDAY)
        assert make.everything() == before


class TestReschedule:
    """The new time is taken and the old one freed at once, or neither."""

    def test_a_visit_moves_and_its_old_time_is_free(self) -> None:
        make.salon()
        visit = make.booked(FAR)
        body = reschedule(visit, FAR + timedelta(minutes=15))
        assert (body.starts_at, body.state) == (FAR + timedelta(minutes=15), "confirmed")
        visit.refresh_from_db()
        assert (visit.version, visit.session, visit.total) == (2, visit.public_id, 50)
        assert make.book(FAR - timedelta(minutes=15)).appointment.pk
        told = OutboxMessage.objects.get(name="appointment.moved", handler="scheduling.services.tell_customer")
        moved = told.payload
        assert (moved["from_starts_at"], moved["starts_at"]) == (
            FAR.isoformat(),
            (FAR + timedelta(minutes=15)).isoformat(),
        )
        assert [(event.to_state, event.starts_at) for event in visit.events.all()] == [
            ("confirmed", FAR),
            ("confirmed", FAR + timedelta(minutes=15)),
        ]

    @pytest.mark.parametrize("actor", [make.GUEST, make.STAFF])
    def test_a_move_to_where_the_visit_is_changes_nothing_and_tells_nobody(self, actor: Actor) -> None:
        make.salon()
        visit = make.booked(FAR)
        before = make.everything()
        same = reschedule(visit, FAR, actor=actor, professional=visit.professional.public_id)
        assert (same.pk, same.starts_at, same.version) == (visit.pk, FAR, 1)
        assert make.everything() == before
        assert make.told() == ["appointment.booked"]

    @pytest.mark.fault("B8")
    def test_a_taken_time_is_refused_and_the_old_one_kept(self) -> None:
        make.salon()
        visit = make.booked(FAR)
        make.book(FAR + timedelta(hours=1))
        before = make.everything()
        with pytest.raises(SlotTaken) as refusal:
            reschedule(visit, FAR + timedelta(minutes=45))
        assert len(list(refusal.value.data["alternatives"])) == 3  # type: ignore[call-overload]
        with pytest.raises(SlotUnavailable):
            reschedule(visit, FAR + timedelta(hours=12))
        assert make.everything() == before

    def test_a_visit_can_go_to_a_colleague_who_performs_it_all_at_the_agreed_price(self) -> None:
        salon = make.salon(names=("Ana", "Bia"))
        caio = make.professional(name="Caio")
        ProfessionalService.objects.filter(professional=salon.people["Bia"]).update(price="80.00")
        visit = make.booked(FAR, who=salon.id("Ana"))
        moved = reschedule(visit, FAR, professional=salon.id("Bia"), actor=make.STAFF)
        assert moved.professional.name == "Bia"
        visit.refresh_from_db()
        assert visit.total == 50
        with pytest.raises(SlotUnavailable) as refusal:
            reschedule(visit, FAR, professional=caio.public_id)
        assert refusal.value.data == {"reasons": ["professional"]}

    def test_who_chooses_a_dearer_professional_pays_their_price(self) -> None:
        salon = make.salon(names=("Ana", "Bia"))
        ProfessionalService.objects.filter(professional=salon.people["Bia"]).update(price="80.00")
        visit = make.booked(FAR, who=salon.id("Ana"))
        before = make.everything()
        for expected in (None, Decimal("50.00")):
            with pytest.raises(TotalChanged) as refusal:
                reschedule(visit, FAR, professional=salon.id("Bia"), expected_total=expected)
            assert (refusal.value.data, make.everything()) == ({"total": "80.00"}, before)
        moved = reschedule(visit, FAR, professional=salon.id("Bia"), expected_total=Decimal("80.00"))
        assert (moved.professional.name, moved.total) == ("Bia", 80)
        assert [one.price for one in moved.services.all()] == [80]
        visit = Appointment.objects.get()
        assert (visit.total, visit.services.get().price) == (80, 80)
        later = reschedule(visit, FAR + timedelta(hours=1), professional=salon.id("Bia"))  # the agreed price stays
        assert later.total == 80
        assert reschedule(visit, FAR, professional=salon.id("Ana"), expected_total=Decimal("50.00")).total == 50

    def test_past_the_cut_off_the_customer_is_too_late(self) -> None:
        make.salon()
        visit = make.booked(FAR)
        late = FAR - timedelta(minutes=59)
        with pytest.raises(TooLateToChange):
            reschedule(visit, FAR + timedelta(days=1), now=late)
        moved = reschedule(visit, FAR + timedelta(days=1), now=late, actor=make.STAFF, reason="Combinado")
        assert moved.starts_at.date().isoformat() == "2026-03-10"

    def test_moving_has_a_cut_off_of_its_own(self) -> None:
        make.salon()
        make.set_policy(appointment_cancel_cutoff_minutes=30, appointment_reschedule_cutoff_minutes=240)
        visit = make.booked(FAR)
        late = FAR - timedelta(minutes=239)
        with pytest.raises(TooLateToChange) as refusal:
            reschedule(visit, FAR + timedelta(days=1), now=late)
        assert refusal.value.data == {"until": (FAR - timedelta(minutes=240)).isoformat()}
        assert cancel(visit, now=late).state == "cancelled"

    def test_a_request_is_answered_before_the_visit_begins_wherever_it_moves(self) -> None:
        make.salon(requires_confirmation=True)
        visit = make.booked(at(17, day=1))
        assert visit.expires_at == MONDAY + timedelta(hours=24)
        reschedule(visit, at(15, day=0))
        visit.refresh_from_db()
        assert visit.expires_at == at(14, day=0)
        reschedule(visit, at(17, day=3))
        visit.refresh_from_db()
        assert visit.expires_at == at(14, day=0)

    def test_the_other_times_offered_are_those_where_this_very_visit_can_go(self) -> None:
        make.salon(minutes=60)
        visit = make.booked(FAR)
        make.book(FAR + timedelta(hours=1))
        with pytest.raises(SlotTaken) as refusal:
            reschedule(visit, FAR + timedelta(minutes=15))
        offered = refusal.value.data["alternatives"]
        assert isinstance(offered, list)
        starts = [f"{one.starts_at:%H:%M}" for one in offered]
        assert starts == ["09:45", "09:30", "09:15"]
        assert reschedule(visit, offered[0].starts_at).state == "confirmed"

    def test_a_visit_keeps_the_duration_it_was_booked_with(self) -> None:
        salon = make.salon()
        visit = make.booked(FAR)
        salon.services["CORTE"].__class__.objects.update(duration_minutes=60)
        assert reschedule(visit, FAR + timedelta(hours=1)).ends_at == FAR + timedelta(hours=1, minutes=30)

    @pytest.mark.fault("T4")
    def test_staff_moves_over_another_visit_only_with_a_reason(self) -> None:
        make.salon()
        visit = make.booked(FAR)
        make.book(FAR + timedelta(hours=1))
        with pytest.raises(SlotTaken):
            reschedule(visit, FAR + timedelta(hours=1), actor=make.STAFF)
        with pytest.raises(Forbidden):
            reschedule(visit, FAR + timedelta(hours=1), force="x")
        reschedule(visit, FAR + timedelta(hours=1), actor=make.STAFF, force="Encaixe")
        visit.refresh_from_db()
        assert (visit.forced, visit.forced_reason) == (True, "Encaixe")
        reschedule(visit, FAR + timedelta(hours=3), actor=make.STAFF)
        visit.refresh_from_db()
        assert (visit.forced, visit.forced_reason) == (False, "")

    def test_a_visit_moves_to_a_time_that_has_passed_with_the_teams_reason_alone(self) -> None:
        make.salon()
        visit = make.booked(at(17))
        now = at(15)
        for actor, reason in ((make.GUEST, "Cheguei cedo"), (make.STAFF, "")):
            with pytest.raises(SlotUnavailable) as refusal:
                reschedule(visit, at(13), now=now, actor=actor, reason=reason)
            assert refusal.value.data == {"reasons": ["lead_time"]}
        moved = reschedule(visit, at(13, 7), now=now, actor=make.STAFF, reason="Veio mais cedo")
        assert (moved.starts_at, moved.forced, moved.forced_reason) == (at(13, 7), False, "")
        assert visit.events.last().reason == "Veio mais cedo"  # type: ignore[union-attr]

    def test_only_live_visits_move(self) -> None:
        make.salon()
        visit = make.booked(FAR)
        cancel(visit)
        with pytest.raises(InvalidTransition):
            reschedule(visit, FAR + timedelta(hours=1))
        hold = make.held(FAR)
        with pytest.raises(InvalidTransition):
            reschedule(hold, FAR + timedelta(hours=1), actor=make.STAFF)


class TestSwap:
    """Two visits change places."""

    @pytest.mark.fault("B8")
    def test_two_visits_of_one_professional_swap(self) -> None:
        make.salon()
        early, late = make.booked(FAR), make.booked(FAR + timedelta(minutes=30))
        swap(early, late, reason="Troca")
        early.refresh_from_db()
        late.refresh_from_db()
        assert (early.starts_at, late.starts_at) == (FAR + timedelta(minutes=30), FAR)

    def test_two_visits_of_two_professionals_swap(self) -> None:
        salon = make.salon(names=("Ana", "Bia"))
        one, other = make.booked(FAR, who=salon.id("Ana")), make.booked(FAR, who=salon.id("Bia"))
        visits = swap(one, other)
        assert [visit.professional.name for visit in visits] == ["Bia", "Ana"]

    def test_a_swap_changes_no_price_and_tells_both_customers(self) -> None:
        salon = make.salon(names=("Ana", "Bia"))
        one, other = make.booked(FAR, who=salon.id("Ana")), make.booked(FAR, who=salon.id("Bia"))
        before = {one.pk: one.total, other.pk: other.total}
        visits = swap(one, other)
        assert {visit.pk: visit.total for visit in visits} == before
        assert make.told() == ["appointment.booked"] * 2 + ["appointment.moved"] * 2

    def test_two_visits_of_one_session_are_where_they_would_go(self) -> None:
        make.professional(performs=[make.service(capacity=2)])
        one, other = make.booked(FAR), make.booked(FAR)
        before = make.everything()
        visits = swap(one, other)
        assert ([visit.pk for visit in visits], make.everything()) == ([one.pk, other.pk], before)
        swap(one, one)
        assert make.everything() == before

    def test_a_visit_that_was_forced_is_no_longer_where_it_fits(self) -> None:
        make.salon()
        early, late = make.booked(FAR), make.booked(FAR + timedelta(minutes=30))
        Appointment.objects.filter(pk=early.pk).update(forced=True, forced_reason="Encaixe")
        visit, _other = swap(early, late)
        assert (visit.forced, visit.forced_reason) == (False, "")

    def test_a_second_click_does_not_swap_them_back(self) -> None:
        make.salon()
        early, late = make.booked(FAR), make.booked(FAR + timedelta(minutes=30))
        swap(early, late)
        swapped = make.everything()
        visit, _other = swap(early, late)  # as the page still shows both
        assert (visit.starts_at, make.everything()) == (FAR + timedelta(minutes=30), swapped)

    def test_what_somebody_else_has_moved_meanwhile_is_not_moved_back(self) -> None:
        make.salon()
        early, late = make.booked(FAR), make.booked(FAR + timedelta(minutes=30))
        reschedule(late, FAR + timedelta(hours=2), actor=make.STAFF)
        moved = make.everything()
        with pytest.raises(VisitMoved):
            swap(early, late)  # as the page still shows it
        assert make.everything() == moved

    def test_what_is_moved_between_the_reading_and_the_lock_is_left_alone(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make.salon()
        early, late = make.booked(FAR), make.booked(FAR + timedelta(minutes=30))
        before = make.everything()
        real = taking.lock_time

        def lock_time(**asked: Any) -> dict[int, Appointment]:
            rows = real(**asked)
            rows[late.pk].starts_at += timedelta(hours=2)
            return rows

        monkeypatch.setattr("scheduling.services.swapping.lock_time", lock_time)
        with pytest.raises(Busy):
            swap(early, late)
        assert make.everything() == before

    def test_past_the_cut_off_of_either_a_reason_is_asked_for(self) -> None:
        make.salon()
        early, late = make.booked(FAR), make.booked(FAR + timedelta(days=1))
        before = make.everything()
        for first, second in ((early, late), (late, early)):
            with pytest.raises(Malformed) as refused:
                swap(first, second, now=FAR - timedelta(minutes=10))
            assert [error.pointer for error in refused.value.errors] == ["/reason"]
        assert make.everything() == before

    def test_a_swap_that_would_overlap_leaves_both_where_they_were(self) -> None:
        cut, colour = make.service(), make.service(sku="COR", minutes=60)
        make.professional(performs=[cut, colour])
        short, long = make.booked(FAR), make.booked(FAR + timedelta(minutes=30), "COR")
        before = make.everything()
        with pytest.raises(SlotTaken):
            swap(short, long)
        assert make.everything() == before
