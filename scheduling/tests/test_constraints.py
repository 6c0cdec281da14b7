"""What the database refuses by itself, whoever asks and with whatever tool."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import ProtectedError

from scheduling.models import Appointment, AppointmentEvent, AppointmentService, Professional, Room, Service
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at

pytestmark = pytest.mark.django_db


def row(person: Professional, start: int = 10, minutes: int = 30, **columns: Any) -> Appointment:
    """Insert an appointment behind everybody's back."""
    begins = at(start)
    ends = begins + timedelta(minutes=minutes)
    values = {
        "professional": person,
        "state": "confirmed",
        "starts_at": begins,
        "ends_at": ends,
        "blocked": DateTimeTZRange(begins, ends, "[)"),
        "session": uuid4(),
        "total": 0,
        "currency": "BRL",
        "created_at": MONDAY,
        **columns,
    }
    return Appointment.objects.create(**values)


@pytest.fixture
def ana() -> Professional:
    """Somebody with an appointment at ten."""
    person = make.professional()
    row(person)
    return person


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({}, "appointment_professional_time"),
        ({"minutes": 5}, "appointment_professional_time"),
        ({"state": "held", "expires_at": MONDAY}, "appointment_professional_time"),
        ({"state": "requested", "expires_at": MONDAY}, "appointment_professional_time"),
        ({"state": "completed"}, "appointment_professional_time"),
    ],
)
@pytest.mark.fault("B2")
def test_two_sessions_never_share_a_professional(ana: Professional, columns: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row(ana, **columns)


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "cancelled"},
        {"state": "expired"},
        {"state": "no_show"},
        {"forced": True, "forced_reason": "Encaixe"},
        {"start": 11},
    ],
)
def test_what_does_not_occupy_may_be_there(ana: Professional, columns: dict[str, Any]) -> None:
    assert row(ana, **columns).pk


def test_touching_is_no_overlap(ana: Professional) -> None:
    half_past = at(10, 30)
    later = DateTimeTZRange(half_past, half_past + timedelta(minutes=30), "[)")
    assert row(ana, starts_at=half_past, ends_at=later.upper, blocked=later).pk


def test_one_session_shares_time_but_never_a_place(ana: Professional) -> None:
    session = uuid4()
    row(ana, start=12, session=session, lane=1, capacity=2)
    row(ana, start=12, session=session, lane=2, capacity=2)
    with pytest.raises(IntegrityError, match="appointment_lane_time"), transaction.atomic():
        row(ana, start=12, session=session, lane=2, capacity=2)
    with pytest.raises(IntegrityError, match="appointment_lane_within_capacity"), transaction.atomic():
        row(ana, start=12, session=session, lane=3, capacity=2)


@pytest.mark.fault("T15")
def test_two_professionals_never_share_a_room() -> None:
    room = Room.objects.create(name="Sala 1")
    row(make.professional(name="Ana"), room=room)
    with pytest.raises(IntegrityError, match="appointment_room_time"), transaction.atomic():
        row(make.professional(name="Bia"), room=room)


@pytest.mark.fault("B18")
@pytest.mark.parametrize(
    ("blocked", "constraint"),
    [
        (DateTimeTZRange(empty=True), "appointment_blocked_bounded"),
        (DateTimeTZRange(at(12), at(12), "[)"), "appointment_blocked_bounded"),
        (DateTimeTZRange(None, at(12), "()"), "appointment_blocked_bounded"),
        (DateTimeTZRange(at(12), None, "[)"), "appointment_blocked_bounded"),
        (DateTimeTZRange(at(12), at(13), "[]"), "appointment_blocked_bounded"),
        (DateTimeTZRange(at(12), at(13), "()"), "appointment_blocked_bounded"),
        (DateTimeTZRange(at(12, 30), at(13), "[)"), "appointment_blocked_covers_start"),
        (DateTimeTZRange(at(11), at(12), "[)"), "appointment_blocked_covers_start"),
    ],
)
def test_a_range_is_never_empty_unbounded_or_closed(ana: Professional, blocked: Any, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row(ana, start=12, blocked=blocked)


@pytest.mark.fault("B18")
def test_a_range_is_never_reversed(ana: Professional) -> None:
    with pytest.raises(DataError), transaction.atomic():
        row(ana, start=12, blocked=DateTimeTZRange(at(13), at(12), "[)"))


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"start": 12, "ends_at": at(12)}, "appointment_ends_after_start"),
        ({"start": 12, "state": "maybe"}, "appointment_state_known"),
        ({"start": 12, "state": "held"}, "appointment_hold_expires"),
        ({"start": 12, "forced": True}, "appointment_forced_with_reason"),
        ({"start": 12, "total": -1}, "appointment_total_bounds"),
        ({"start": 12, "lane": 0}, "appointment_lane_within_capacity"),
    ],
)
def test_an_impossible_row_is_refused(ana: Professional, columns: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row(ana, **columns)


@pytest.mark.fault("T8")
def test_tolerance_is_shorter_than_the_service() -> None:
    with pytest.raises(IntegrityError, match="service_tolerance_shorter_than_duration"), transaction.atomic():
        make.service(minutes=15, overlap_tolerance_minutes=15)


@pytest.mark.fault("T8")
def test_the_shops_tolerance_never_empties_a_short_service() -> None:
    make.salon(minutes=10)
    make.set_policy(overlap_tolerance_minutes=60)
    visit = make.booked(at(10))
    assert (visit.blocked.lower, visit.blocked.upper) == (at(10), at(10, 1))


def test_history_and_booked_services_cannot_be_rewritten() -> None:
    make.salon()
    visit = make.booked(at(10))
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    for change in (
        lambda: AppointmentEvent.objects.update(reason="x"),
        lambda: AppointmentEvent.objects.all().delete(),
        lambda: AppointmentService.objects.update(price=1),
        lambda: AppointmentService.objects.all().delete(),
        lambda: connection.cursor().execute("TRUNCATE scheduling_appointmentevent"),
    ):
        with pytest.raises(IntegrityError, match="may not be changed"), transaction.atomic():
            change()
    assert visit.services.get().price == 50


@pytest.mark.fault("B21")
def test_nobody_with_a_past_can_be_deleted() -> None:
    make.salon()
    visit = make.booked(at(10))
    for thing in (visit.professional, Service.objects.get()):
        with pytest.raises(ProtectedError):
            thing.delete()
    assert Professional.objects.count() == 1
