"""Booking directly: what is booked, what is refused, and that a refusal changes nothing."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from api.renderers import dumps
from catalog.errors import NotForSale, UnknownSku
from catalog.models import Product
from common.errors import Forbidden, IdempotencyKeyReused
from common.testing import statements
from scheduling import answers
from scheduling import services as scheduling
from scheduling.errors import SlotTaken, SlotUnavailable
from scheduling.models import Appointment, AppointmentEvent, DateOverride, Professional, ProfessionalService, TimeOff
from scheduling.services import Booked
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at

pytestmark = pytest.mark.django_db


def said(new: Booked) -> dict[str, Any]:
    """Return what the API says of a booking."""
    body: dict[str, Any] = json.loads(answers.booked(new, now=MONDAY).body)
    return body


def test_a_visit_is_booked_with_everything_it_promised() -> None:
    salon = make.salon()
    body = said(make.book(at(10), who=salon.id("Ana"), note="Franja reta"))
    assert (body["status"], body["starts_at"], body["ends_at"]) == (
        "confirmed",
        "2026-03-03T10:00:00-03:00",
        "2026-03-03T10:30:00-03:00",
    )
    assert body["professional"] == {"id": str(salon.id("Ana")), "name": "Ana"}
    assert body["services"] == [{"sku": "CORTE", "name": "Corte", "price": "50.00", "duration_minutes": 30}]
    assert (body["total"], body["currency"], body["timezone"]) == ("50.00", "BRL", "America/Sao_Paulo")
    assert len(body["access_token"]) == 43
    row = Appointment.objects.get(public_id=body["id"])
    assert (row.session, row.lane, row.capacity, row.room_id, row.forced) == (row.public_id, 1, 1, None, False)
    assert (row.blocked.lower, row.blocked.upper) == (at(10), at(10, 30))
    event = AppointmentEvent.objects.get(appointment=row)
    assert (event.seq, event.from_state, event.to_state, event.actor_kind) == (1, "", "confirmed", "guest")
    assert make.told() == ["appointment.booked"]


@pytest.mark.fault("T23")
def test_several_services_form_one_visit_with_their_sum() -> None:
    cut, colour = make.service(), make.service(sku="COR", price="120.00", minutes=45)
    ana = make.professional(performs=[cut, colour])
    ProfessionalService.objects.filter(professional=ana, service=colour).update(price=Decimal("150.00"))
    body = said(make.book(at(9), "CORTE", "COR"))
    assert (body["ends_at"], body["total"]) == ("2026-03-03T10:15:00-03:00", "200.00")
    assert [(one["sku"], one["price"]) for one in body["services"]] == [("CORTE", "50.00"), ("COR", "150.00")]
    with pytest.raises(SlotTaken):
        make.book(at(10))


@pytest.mark.fault("T5")
def test_a_visit_may_end_after_midnight() -> None:
    salon = make.salon(minutes=60)
    salon.people["Ana"].rules.update(opens=22 * 60, closes=26 * 60)
    body = said(make.book(at(23, 30)))
    assert (body["starts_at"], body["ends_at"]) == ("2026-03-03T23:30:00-03:00", "2026-03-04T00:30:00-03:00")
    with pytest.raises(SlotTaken):
        make.book(at(0, 15, day=2))


@pytest.mark.fault("T6")
def test_a_slot_shown_at_one_minute_is_bookable_at_the_next() -> None:
    make.salon()
    make.set_policy(lead_time_minutes=10)
    shown = at(14, 37) + timedelta(seconds=59)
    assert make.book(at(15), now=shown + timedelta(seconds=31)).appointment.pk


@pytest.mark.parametrize(
    ("starts_at", "reasons"),
    [
        (at(8, 45), ["outside_hours"]),
        (at(17, 45), ["outside_hours"]),
        (at(10, 7), ["off_grid"]),
        (at(10) + timedelta(seconds=1), ["off_grid"]),
        (at(10, day=0), ["lead_time"]),
        (at(10, day=-1), ["lead_time"]),
        (at(10, day=61), ["horizon"]),
        (at(12), ["occupied"]),
        (at(10, day=2), ["outside_hours"]),
        (at(10) + timedelta(microseconds=1), ["off_grid"]),
    ],
)
@pytest.mark.fault("B19")
def test_a_time_that_is_not_offered_is_refused_with_its_reasons_and_changes_nothing(
    starts_at: datetime, reasons: list[str]
) -> None:
    salon = make.salon()
    ana = salon.people["Ana"]
    TimeOff.objects.create(professional=ana, starts_at=at(12), ends_at=at(13))
    DateOverride.objects.create(professional=ana, date=at(12, day=2).date())
    with pytest.raises(SlotUnavailable) as refusal:
        make.book(starts_at, now=at(9, day=0))
    assert refusal.value.data == {"reasons": reasons}
    assert make.everything() == [[], []]


def test_the_desk_is_bound_by_neither_notice_nor_horizon() -> None:
    make.salon()
    assert make.book(at(9, day=0), actor=make.STAFF, now=at(9, day=0)).appointment.pk
    assert make.book(at(9, day=90), actor=make.STAFF).appointment.pk


def test_the_desk_writes_down_a_time_that_has_passed_with_a_reason_alone() -> None:
    salon = make.salon(names=("Ana", "Bia"))
    make.book(at(9, day=0), who=salon.id("Ana"), actor=make.STAFF, now=at(8, day=0))
    night = at(22, 13, day=0)
    for actor, reason in ((make.STAFF, ""), (make.GUEST, "Já fui atendida")):
        with pytest.raises(SlotUnavailable) as refusal:
            make.book(at(9, 45, day=0), actor=actor, now=night, reason=reason)
        assert refusal.value.data == {"reasons": ["lead_time"]}
    for taken in (at(9, day=0), at(9, 10, day=0)):
        with pytest.raises(SlotTaken):
            make.book(taken, who=salon.id("Ana"), actor=make.STAFF, now=night, reason="Encaixe")
    made = make.booked(at(9, 10, day=0), actor=make.STAFF, now=night, reason="Anotado no papel")
    assert (made.professional.name, made.forced, made.events.get().reason) == ("Bia", False, "Anotado no papel")


def test_a_taken_time_is_refused_with_the_three_nearest_and_changes_nothing() -> None:
    salon = make.salon(names=("Ana", "Bia"))
    make.book(at(10), who=salon.id("Ana"))
    before = make.everything()
    with pytest.raises(SlotTaken) as refusal:
        make.book(at(10), who=salon.id("Ana"))
    assert json.loads(dumps(refusal.value.data["alternatives"])) == [
        {
            "starts_at": "2026-03-03T10:00:00-03:00",
            "ends_at": "2026-03-03T10:30:00-03:00",
            "professional": {"id": str(salon.id("Bia")), "name": "Bia"},
        },
        *(
            {
                "starts_at": f"2026-03-03T{start}:00-03:00",
                "ends_at": f"2026-03-03T{end}:00-03:00",
                "professional": {"id": str(salon.id(who)), "name": who},
            }
            for start, end, who in (("09:45", "10:15", "Bia"), ("10:15", "10:45", "Bia"))
        ),
    ]
    assert make.everything() == before


def test_unknown_and_unsold_services_are_refused() -> None:
    salon = make.salon()
    with pytest.raises(UnknownSku):
        make.book(at(10), "NADA")
    Product.objects.filter(pk=salon.services["CORTE"].variant.product_id).update(status="archived")
    with pytest.raises(NotForSale):
        make.book(at(10))
    assert make.everything() == [[], []]


def test_somebody_who_does_not_perform_the_service_cannot_be_booked_for_it() -> None:
    salon = make.salon()
    other = make.professional(name="Bia", performs=[make.service(sku="UNHA")])
    for who in (other.public_id, uuid4()):
        with pytest.raises(SlotUnavailable) as refusal:
            make.book(at(10), who=who)
        assert refusal.value.data == {"reasons": ["professional"]}
    Professional.objects.filter(pk=salon.people["Ana"].pk).update(is_active=False)
    with pytest.raises(SlotUnavailable):
        make.book(at(10))
    assert make.everything() == [[], []]


class TestAnyProfessional:
    """Whoever is free and least busy that day."""

    def test_the_least_busy_that_day_is_chosen(self) -> None:
        salon = make.salon(names=("Ana", "Bia", "Caio"))
        make.set_policy(max_bookings_per_day=9)
        make.book(at(9), who=salon.id("Ana"))
        make.book(at(9, day=2), who=salon.id("Bia"))
        assert make.book(at(15)).candidate.performer.name == "Bia"
        assert make.book(at(15)).candidate.performer.name == "Caio"
        assert make.book(at(15)).candidate.performer.name == "Ana"
        with pytest.raises(SlotTaken):
            make.book(at(15))

    @pytest.mark.fault("T13")
    def test_only_those_who_perform_every_service_are_chosen(self) -> None:
        cut, nails = make.service(), make.service(sku="UNHA")
        make.professional(name="Ana", performs=[cut])
        make.professional(name="Bia", performs=[cut, nails])
        assert make.book(at(10), "CORTE", "UNHA").candidate.performer.name == "Bia"


class TestOnce:
    """One effect per request."""

    def test_a_repeated_request_gets_the_same_answer(self) -> None:
        salon = make.salon()
        first = make.book_once(at(10), who=salon.id("Ana"), once=make.once())
        again = make.book_once(at(10), who=salon.id("Ana"), once=make.once())
        assert (again.body, again.status, again.replayed) == (first.body, 201, True)
        assert Appointment.objects.count() == 1

    def test_a_repeated_request_without_professional_gets_the_same_answer(self) -> None:
        make.salon(names=("Ana", "Bia"))
        first = make.book_once(at(10), once=make.once())
        assert make.book_once(at(10), once=make.once()).body == first.body
        assert json.loads(make.book_once(at(10), once=make.once("other")).body)["professional"]["name"] == "Bia"
        assert make.book_once(at(10), once=make.once()).replayed
        assert Appointment.objects.count() == 2

    def test_the_answer_outlives_the_service(self) -> None:
        salon = make.salon()
        first = make.book_once(at(10), once=make.once())
        Product.objects.filter(pk=salon.services["CORTE"].variant.product_id).update(status="archived")
        assert make.book_once(at(10), once=make.once()).body == first.body

    def test_another_body_under_the_same_key_is_refused(self) -> None:
        make.salon()
        make.book_once(at(10), once=make.once())
        with pytest.raises(IdempotencyKeyReused):
            make.book_once(at(11), once=make.once(fingerprint="other"))
        assert Appointment.objects.count() == 1

    def test_a_refused_request_leaves_its_key_free(self) -> None:
        make.salon()
        with pytest.raises(SlotUnavailable):
            make.book_once(at(7), once=make.once())
        assert make.book_once(at(10), once=make.once()).status == 201


class TestRequests:
    """Services that the shop confirms."""

    def test_a_request_occupies_until_the_shop_answers_or_it_runs_out(self) -> None:
        make.salon(requires_confirmation=True)
        assert make.book(at(10, day=3)).appointment.state == "requested"
        row = Appointment.objects.get()
        assert row.expires_at == MONDAY + timedelta(hours=24)
        with pytest.raises(SlotTaken):
            make.book(at(10, day=3))
        assert make.book(at(10, day=3), now=MONDAY + timedelta(hours=24)).appointment.pk
        row.refresh_from_db()
        assert row.state == "expired"
        assert make.told() == [
            "appointment.requested",
            "appointment.expired",
            "appointment.requested",
        ]

    def test_a_request_never_outlives_its_own_start(self) -> None:
        make.salon(requires_confirmation=True)
        make.book(at(15, day=0))
        assert Appointment.objects.get().expires_at == at(14, day=0)

    def test_what_the_desk_books_needs_no_answer(self) -> None:
        make.salon(requires_confirmation=True)
        assert make.book(at(10), actor=make.STAFF).appointment.state == "confirmed"


class TestForce:
    """Staff may overlap on purpose."""

    @pytest.mark.fault("T24")
    def test_a_forced_overlap_needs_staff_and_is_marked(self) -> None:
        salon = make.salon()
        make.book(at(10))
        with pytest.raises(Forbidden):
            make.book(at(10), force="please")
        make.book(at(10), who=salon.id("Ana"), actor=make.STAFF, force="Encaixe combinado")
        row = Appointment.objects.get(forced=True)
        assert (row.forced_reason, row.starts_at) == ("Encaixe combinado", at(10))
        assert row.events.get().reason == "Encaixe combinado"

    def test_time_forced_outside_the_rules_alone_stays_under_the_constraints(self) -> None:
        make.salon()
        make.book(at(7), actor=make.STAFF, force="Noiva")
        assert Appointment.objects.filter(forced=False, forced_reason="Noiva").count() == 1
        with pytest.raises(SlotUnavailable):
            make.book(at(7))

    def test_forced_time_is_still_subtracted(self) -> None:
        make.salon()
        first = make.booked(at(10))
        make.book(at(10), actor=make.STAFF, force="Encaixe")
        scheduling.cancel(public_id=first.public_id, actor=make.STAFF, now=MONDAY)
        with pytest.raises(SlotTaken):
            make.book(at(10))


class TestGroups:
    """Several customers in one session."""

    def test_a_session_takes_its_places_and_no_more(self) -> None:
        make.salon(capacity=2)
        first, second = make.booked(at(10)), make.booked(at(10))
        assert (first.session, first.lane, second.lane) == (second.session, 1, 2)
        with pytest.raises(SlotTaken):
            make.book(at(10))
        with pytest.raises(SlotTaken):
            make.book(at(10, 15))
        scheduling.cancel(public_id=first.public_id, actor=make.STAFF, now=MONDAY)
        assert make.booked(at(10)).lane == 1

    @pytest.mark.fault("T12")
    def test_capacity_is_the_professionals_not_the_services(self) -> None:
        yoga, cut = make.service(sku="YOGA", capacity=5), make.service()
        make.professional(performs=[yoga, cut])
        make.book(at(10), "YOGA")
        with pytest.raises(SlotTaken):
            make.book(at(10))


class TestRooms:
    """A room serves one session at a time."""

    def test_the_room_is_part_of_what_must_be_free(self) -> None:
        salon = make.salon(names=("Ana", "Bia"), rooms=("Sala 1",))
        assert str(make.booked(at(10), who=salon.id("Ana")).room) == "Sala 1"
        with pytest.raises(SlotTaken):
            make.book(at(10), who=salon.id("Bia"))
        assert make.book(at(10, 30), who=salon.id("Bia")).appointment.pk

    def test_the_first_free_room_is_taken(self) -> None:
        salon = make.salon(names=("Ana", "Bia"), rooms=("Sala 1", "Sala 2"))
        make.book(at(10), who=salon.id("Ana"))
        assert str(make.booked(at(10), who=salon.id("Bia")).room) == "Sala 2"

    def test_a_closed_room_takes_nobody(self) -> None:
        salon = make.salon(rooms=("Sala 1",))
        salon.services["CORTE"].rooms.update(is_active=False)
        with pytest.raises(SlotTaken):
            make.book(at(10))


def test_booking_costs_a_known_number_of_statements() -> None:
    salon = make.salon()
    make.book(at(9), who=salon.id("Ana"))
    with statements() as sql:
        make.book_once(at(10), who=salon.id("Ana"), once=make.once())
    assert len([one for one in sql if not one.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]) == 14
