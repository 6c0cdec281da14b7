"""What becomes of a visit, and that a refusal leaves it where it was."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from common.errors import Forbidden, InvalidTransition, Malformed, NotFound, TotalChanged
from common.models import OutboxMessage
from common.transactions import run_unit_of_work
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.answers import appointment_answer
from scheduling.errors import SlotTaken, SlotUnavailable, TooLateToChange
from scheduling.lifecycle import TRANSITIONS
from scheduling.models import Appointment, ProfessionalService
from scheduling.seals import chain_of
from scheduling.selectors import Access
from scheduling.services.history import step_values
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at
from shop import services as shop

pytestmark = pytest.mark.django_db

FAR = at(10, day=7)


def cancel(visit: Appointment, *, now: datetime = MONDAY, **options: Any) -> Appointment:
    return scheduling.cancel(public_id=visit.public_id, **{"actor": make.GUEST, "now": now, **options})


def reschedule(visit: Appointment, starts_at: datetime, *, now: datetime = MONDAY, **options: Any) -> Appointment:
    return scheduling.reschedule(
        public_id=visit.public_id, starts_at=starts_at, **{"actor": make.GUEST, "now": now, **options}
    )


def reopen(visit: Appointment, *, now: datetime) -> Appointment:
    plain = selectors.appointment(public_id=visit.public_id)
    return run_unit_of_work(lambda: scheduling.reopen(plain=plain, policy=shop.policy(), actor=make.STAFF, now=now))


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

    def test_the_visit_of_an_order_stays_at_the_agreed_price(self) -> None:
        salon = make.salon(names=("Ana", "Bia", "Caio"))
        ProfessionalService.objects.filter(professional=salon.people["Bia"]).update(price="80.00")
        visit = make.booked(FAR, who=salon.id("Ana"))
        Appointment.objects.update(claim=uuid4())
        before = make.everything()
        with pytest.raises(SlotUnavailable) as refusal:
            reschedule(visit, FAR, professional=salon.id("Bia"), expected_total=Decimal("80.00"))
        assert (refusal.value.data, make.everything()) == ({"reasons": ["professional"]}, before)
        assert reschedule(visit, FAR, professional=salon.id("Caio")).total == 50

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
        starts = [one["starts_at"][11:16] for one in offered]
        assert starts == ["09:45", "09:30", "09:15"]
        assert reschedule(visit, datetime.fromisoformat(offered[0]["starts_at"])).state == "confirmed"

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
        scheduling.swap(first=early.public_id, second=late.public_id, actor=make.STAFF, now=MONDAY, reason="Troca")
        early.refresh_from_db()
        late.refresh_from_db()
        assert (early.starts_at, late.starts_at) == (FAR + timedelta(minutes=30), FAR)

    def test_two_visits_of_two_professionals_swap(self) -> None:
        salon = make.salon(names=("Ana", "Bia"))
        one, other = make.booked(FAR, who=salon.id("Ana")), make.booked(FAR, who=salon.id("Bia"))
        visits = scheduling.swap(first=one.public_id, second=other.public_id, actor=make.STAFF, now=MONDAY)
        assert [visit.professional.name for visit in visits] == ["Bia", "Ana"]

    def test_a_swap_that_would_overlap_leaves_both_where_they_were(self) -> None:
        cut, colour = make.service(), make.service(sku="COR", minutes=60)
        make.professional(performs=[cut, colour])
        short, long = make.booked(FAR), make.booked(FAR + timedelta(minutes=30), "COR")
        before = make.everything()
        with pytest.raises(SlotTaken):
            scheduling.swap(first=short.public_id, second=long.public_id, actor=make.STAFF, now=MONDAY)
        assert make.everything() == before


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
def test_what_counts_is_the_moment_passed_down_not_a_clock_of_its_own() -> None:
    make.salon()
    hold = make.held(at(10), now=MONDAY)
    far_ahead = MONDAY + timedelta(days=30)
    assert make.book(far_ahead + timedelta(days=1), now=far_ahead).appointment.pk
    hold.refresh_from_db()
    assert hold.state == "expired"
