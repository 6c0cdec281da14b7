"""Calendar files against RFC 5545 and RFC 5546, in every state and at every change of clocks."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from common.mail import CalendarFile
from scheduling.calendars import agenda_calendar, visit_calendar
from scheduling.models import Appointment, AppointmentService, Professional
from shop.policy import Policy

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
POLICY = Policy(
    name="Salão, Bolo; & Cia", email="loja@example.com", address="Rua das Flores, 10; fundos\nSão Paulo" * 3
)
SERVICES = [AppointmentService(name="Corte"), AppointmentService(name="Barba; e, bigode")]
STATUS = {
    "held": "TENTATIVE",
    "requested": "TENTATIVE",
    "confirmed": "CONFIRMED",
    "completed": "CONFIRMED",
    "no_show": "CONFIRMED",
    "cancelled": "CANCELLED",
    "expired": "CANCELLED",
}
# Zone, and an instant at which its clocks change: forward and back, by an hour, by half an hour, over a whole day.
CHANGES = [
    ("America/New_York", "2026-03-08T07:00:00"),
    ("America/New_York", "2026-11-01T06:00:00"),
    ("Europe/Lisbon", "2026-10-25T01:00:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00"),
    ("America/Sao_Paulo", "2018-11-04T03:00:00"),
    ("Pacific/Apia", "2011-12-30T10:00:00"),
]


def visit(*, state: str = "confirmed", starts_at: datetime = NOW + timedelta(days=5), **columns: Any) -> Appointment:
    """Return a visit that no database knows."""
    usual: dict[str, Any] = {
        "pk": 1,
        "public_id": uuid4(),
        "version": 3,
        "contact_name": "Maria; Souza",
        "note": "Sem, pressa",
    }
    visit = Appointment(
        **{**usual, **columns}, state=state, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30)
    )
    visit.professional = Professional(name="Ana")
    visit._prefetched_objects_cache = {"services": SERVICES}  # type: ignore[attr-defined]
    return visit


def file_of(appointment: Appointment, *, policy: Policy = POLICY, now: datetime = NOW) -> CalendarFile:
    return visit_calendar(appointment=appointment, services=SERVICES, policy=policy, now=now)


def sequence(event: Any) -> int:
    return int(str(event["SEQUENCE"]))


def assert_valid(body: bytes) -> Any:
    """Fail unless the file keeps to what both RFCs ask of a published or cancelled event."""
    assert body.startswith(b"BEGIN:VCALENDAR\r\n")
    assert body.endswith(b"END:VCALENDAR\r\n")
    assert body.count(b"\n") == body.count(b"\r\n")  # RFC 5545, 3.1
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    calendar: Any = Calendar.from_ical(body)
    assert calendar.errors == []
    assert str(calendar["VERSION"]) == "2.0"  # 3.7
    assert str(calendar["PRODID"])
    assert str(calendar["METHOD"]) in ("PUBLISH", "CANCEL")
    assert calendar.subcomponents  # 3.6
    zones = {str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")}
    for event in calendar.walk("VEVENT"):
        assert event.errors == []
        for name in ("UID", "DTSTAMP", "DTSTART", "ORGANIZER", "SUMMARY", "SEQUENCE", "STATUS"):
            assert name in event, name  # RFC 5546, 3.2.1 and 3.2.5
            assert not isinstance(event[name], list), name
        assert str(event["ORGANIZER"]).startswith("mailto:")
        assert "ATTENDEE" not in event  # 3.2.1: nobody is invited by a published event
        assert event.decoded("DTSTART") < event.decoded("DTEND")
        assert event.decoded("DTSTAMP").utcoffset() == timedelta(0)
        assert sequence(event) >= 0
        for name in ("DTSTART", "DTEND"):
            assert event[name].to_ical().endswith(b"Z") or event[name].params["TZID"] in zones  # 3.2.19
        assert (str(calendar["METHOD"]) == "CANCEL") == (str(event["STATUS"]) == "CANCELLED")
    return calendar


@pytest.mark.parametrize("state", STATUS)
@pytest.mark.parametrize("policy", [POLICY, Policy()], ids=["with an address", "a new shop"])
def test_a_visit_is_valid_in_every_state(state: str, policy: Policy) -> None:
    file = file_of(visit(state=state, expires_at=NOW + timedelta(hours=1)), policy=policy)
    calendar = assert_valid(file.body)
    assert str(calendar["METHOD"]) == file.method == ("CANCEL" if state in ("cancelled", "expired") else "PUBLISH")
    [event] = calendar.walk("VEVENT")
    assert str(event["STATUS"]) == STATUS[state]
    assert (sequence(event), str(event["SUMMARY"])) == (2, f"Corte, Barba; e, bigode · {policy.name}")


@pytest.mark.parametrize("state", ["held", "requested"])
def test_what_ran_out_is_called_off_with_a_higher_sequence_swept_or_not(state: str) -> None:
    waiting = visit(state=state, expires_at=NOW + timedelta(hours=1))
    later = NOW + timedelta(hours=1)
    before, after = (file_of(waiting, now=moment) for moment in (NOW, later))
    assert (before.method, after.method) == ("PUBLISH", "CANCEL")
    swept = visit(state="expired", public_id=waiting.public_id, version=waiting.version + 1)
    sequences = [sequence(assert_valid(file.body).walk("VEVENT")[0]) for file in (before, after, file_of(swept))]
    assert sequences == [2, 3, 3]


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_instants_survive_a_change_of_clocks(zone: str, change: str) -> None:
    moment = datetime.fromisoformat(change).replace(tzinfo=UTC)
    policy = Policy(timezone=zone)
    clocks = {(moment + step).astimezone(ZoneInfo(zone)).utcoffset() for step in (-timedelta(seconds=1), timedelta(0))}
    assert len(clocks) == 2  # the clocks do change there and then
    for minutes in (-60, -30, -15, 0, 15, 30, 60):
        starts_at = moment + timedelta(minutes=minutes)
        [event] = assert_valid(file_of(visit(starts_at=starts_at), policy=policy).body).walk("VEVENT")
        assert event.decoded("DTSTART") == starts_at
        assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(minutes=30)


def test_an_agenda_is_valid_full_and_empty() -> None:
    rows = [visit(state=state, expires_at=NOW + timedelta(hours=1)) for state in ("held", "requested", "confirmed")]
    for appointments in (rows, []):
        body = agenda_calendar(name="Ana", appointments=appointments, policy=POLICY, now=NOW)
        assert len(assert_valid(body).walk("VEVENT")) == len(appointments)
