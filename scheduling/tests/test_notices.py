"""Messages about visits: each once, and only while true."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from django.core import mail
from icalendar import Calendar

from common import outages, outbox, workers
from common.mail import LetterRefusedError, MailAwayError
from common.models import OutboxMessage
from scheduling import emails
from scheduling import services as scheduling
from scheduling.models import Appointment, AppointmentNotice
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at
from scheduling.wording import reminder_url
from shop import services as shop

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def subjects() -> list[str]:
    return [str(message.subject) for message in mail.outbox]


def part_of(message: mail.EmailMessage) -> Any:
    """Return the calendar file that goes with a message."""
    [part] = [part for part in message.message().walk() if part.get_content_type() == "text/calendar"]
    return part


def event_of(message: mail.EmailMessage) -> Any:
    """Return the event in the calendar file of a message."""
    [event] = Calendar.from_ical(part_of(message).get_payload(decode=True)).walk("VEVENT")
    return event


def relay(now: datetime = MONDAY) -> None:
    outbox.relay(now=now)


def test_a_booking_is_confirmed_by_mail_in_the_customers_language() -> None:
    make.salon()
    make.set_policy(address="Rua das Flores, 10")
    visit = make.booked(at(10, day=5), language="en")
    relay()
    message = mail.outbox[0]
    assert message.to == ["maria@example.com"]
    assert message.subject == "Your appointment on March 7, 2026 at 10:00 is confirmed"
    assert "Rua das Flores, 10" in message.body
    assert f"http://testserver/appointments/{visit.public_id}/?access_token=" in message.body
    assert "/api/" not in message.body


def test_the_same_event_told_twice_is_mailed_once() -> None:
    make.salon()
    make.booked(at(10, day=5))
    relay()
    OutboxMessage.objects.update(done_at=None)
    relay()
    assert len(mail.outbox) == 1
    assert AppointmentNotice.objects.get().sent_at == MONDAY


@pytest.mark.fault("T21")
def test_what_is_no_longer_so_is_not_said() -> None:
    make.salon()
    visit = make.booked(at(10, day=5))
    scheduling.cancel(public_id=visit.public_id, actor=make.GUEST, now=MONDAY)
    relay()
    assert len(mail.outbox) == 1
    assert "cancel" in subjects()[0]


def test_a_moved_visit_is_told_for_its_new_time_only() -> None:
    make.salon()
    visit = make.booked(at(10, day=5), language="en")
    scheduling.reschedule(public_id=visit.public_id, starts_at=at(11, day=5), actor=make.GUEST, now=MONDAY)
    relay()
    assert subjects() == ["Your appointment is now on March 7, 2026 at 11:00"]


@pytest.mark.fault("T27")
def test_a_visit_moved_to_and_fro_is_told_each_time_with_the_time_it_then_has() -> None:
    make.salon()
    visit = make.booked(at(10, day=5), language="en")
    relay()
    for hour in (11, 10, 11):
        scheduling.reschedule(public_id=visit.public_id, starts_at=at(hour, day=5), actor=make.GUEST, now=MONDAY)
        relay()
    assert [subject.partition("2026 ")[2] for subject in subjects()] == [
        "at 10:00 is confirmed",
        "at 11:00",
        "at 10:00",
        "at 11:00",
    ]
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 4
    files = [event_of(message) for message in mail.outbox]
    assert [(file["SEQUENCE"], file.decoded("DTSTART").hour) for file in files] == [(0, 13), (1, 14), (2, 13), (3, 14)]


def test_a_letter_that_waited_says_only_what_is_still_so() -> None:
    make.salon()
    visit = make.booked(at(10, day=5), language="en")
    for hour in (11, 10, 11):
        scheduling.reschedule(public_id=visit.public_id, starts_at=at(hour, day=5), actor=make.GUEST, now=MONDAY)
    relay()
    assert subjects() == ["Your appointment is now on March 7, 2026 at 11:00"]


def test_another_professional_at_the_same_time_is_said_as_such() -> None:
    salon = make.salon(names=("Ana", "Bia"))
    visit = make.booked(at(10, day=5), language="en", who=salon.id("Ana"))
    relay()
    scheduling.reschedule(
        public_id=visit.public_id,
        starts_at=at(10, day=5),
        professional=salon.id("Bia"),
        actor=make.STAFF,
        now=MONDAY,
    )
    relay()
    assert "is now with Bia. It is confirmed." in str(mail.outbox[-1].body)
    assert "new time" not in str(mail.outbox[-1].body)


@pytest.mark.fault("T28")
def test_a_cancelled_visit_takes_itself_out_of_the_calendar() -> None:
    make.salon()
    visit = make.booked(at(10, day=5))
    relay()
    scheduling.cancel(public_id=visit.public_id, actor=make.STAFF, now=MONDAY)
    relay()
    booked, cancelled = (part_of(message) for message in mail.outbox)
    assert (booked.get_param("method"), cancelled.get_param("method")) == ("PUBLISH", "CANCEL")
    first, second = (event_of(message) for message in mail.outbox)
    assert (first["UID"], first["SEQUENCE"], first["STATUS"]) == (f"{visit.public_id}@balcao", 0, "CONFIRMED")
    assert (second["UID"], second["SEQUENCE"], second["STATUS"]) == (f"{visit.public_id}@balcao", 1, "CANCELLED")


def test_amounts_are_written_as_people_here_write_them() -> None:
    make.salon(price="1060.00")
    make.booked(at(10, day=5), language="en")
    make.booked(at(11, day=5), language="pt-br")
    relay()
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        assert str(message.body).count("R$ 1.060,00") == 3  # the line, the total, what is to be paid
        assert "BRL" not in str(message.body)


def test_requests_are_acknowledged_then_confirmed() -> None:
    make.salon(requires_confirmation=True)
    visit = make.booked(at(10, day=5), language="en")
    relay()
    scheduling.accept(public_id=visit.public_id, actor=make.STAFF, now=MONDAY)
    relay()
    assert [subject.split(" March")[0] for subject in subjects()] == [
        "We have your request for",
        "Your appointment on",
    ]


class TestReminders:
    """A day before, once."""

    def test_a_reminder_goes_out_once_and_again_only_for_a_new_time(self) -> None:
        make.salon()
        visit = make.booked(at(10, day=5), language="en")
        assert scheduling.send_reminders(now=at(10, day=4) - timedelta(seconds=1)) == 0
        assert scheduling.send_reminders(now=at(10, day=4)) == 1
        assert scheduling.send_reminders(now=at(10, day=4)) == 0
        scheduling.reschedule(
            public_id=visit.public_id, starts_at=at(11, day=6), actor=make.STAFF, now=at(10, day=4), reason="x"
        )
        assert scheduling.send_reminders(now=at(12, day=5)) == 1
        assert subjects() == [
            "Reminder: your appointment on March 7, 2026 at 10:00",
            "Reminder: your appointment on March 8, 2026 at 11:00",
        ]

    @pytest.mark.fault("T21")
    def test_nobody_is_reminded_of_a_cancelled_visit_or_of_one_just_booked(self) -> None:
        make.salon()
        gone = make.booked(at(10, day=5))
        scheduling.cancel(public_id=gone.public_id, actor=make.GUEST, now=MONDAY)
        make.booked(at(15, day=5), now=at(10, day=5))
        assert scheduling.send_reminders(now=at(12, day=4) + timedelta(hours=3)) == 0
        assert scheduling.send_reminders(now=at(11, day=5)) == 0

    def test_who_moved_it_within_the_last_day_has_just_been_told(self) -> None:
        make.salon()
        visit = make.booked(at(10, day=5))
        now = at(11, day=4)
        assert scheduling.send_reminders(now=now) == 1
        for hour in (15, 10):
            scheduling.reschedule(public_id=visit.public_id, starts_at=at(hour, day=5), actor=make.GUEST, now=now)
        assert scheduling.send_reminders(now=now + timedelta(hours=1)) == 0

    def test_nobody_is_reminded_of_what_has_begun(self) -> None:
        make.salon()
        make.booked(at(10, day=5))
        assert scheduling.send_reminders(now=at(10, day=5)) == 0
        assert scheduling.send_reminders(now=at(10, day=5) - timedelta(seconds=1)) == 1

    def test_what_a_dead_process_began_is_taken_over_later(self) -> None:
        make.salon()
        visit = make.booked(at(10, day=5))
        now = at(11, day=4)
        AppointmentNotice.objects.create(
            appointment=visit,
            kind="reminder",
            version=visit.version,
            starts_at=visit.starts_at,
            claimed_until=now + timedelta(minutes=1),
        )
        assert scheduling.send_reminders(now=now) == 0
        assert scheduling.send_reminders(now=now + timedelta(minutes=1)) == 1


def test_a_mail_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    make.salon()
    make.booked(at(10, day=5))

    def refuse(**_any: Any) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(emails, "to_customer", refuse)
        relay()
    assert AppointmentNotice.objects.values_list("sent_at", "claimed_until").get() == (None, None)
    relay(MONDAY + DAY)
    assert len(mail.outbox) == 1


@pytest.mark.fault("D9")
def test_a_letter_whose_worker_was_killed_is_sent_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    make.salon()
    make.booked(at(10, day=5))

    def killed(**_any: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(emails, "to_customer", killed)
        with pytest.raises(SystemExit):
            relay()
    OutboxMessage.objects.update(
        claimed_until=None
    )  # its claim on the event ran out a moment before that on the letter
    relay(MONDAY + workers.OUTLIVED - timedelta(seconds=1))
    assert mail.outbox == []
    relay(MONDAY + 2 * workers.OUTLIVED)
    assert len(mail.outbox) == 1
    assert not OutboxMessage.objects.filter(done_at=None).exists()


def test_a_letter_that_took_too_long_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    make.salon()
    make.booked(at(10, day=5))

    def slow(**_any: Any) -> None:
        raise SoftTimeLimitExceeded

    with monkeypatch.context() as patched:
        patched.setattr(emails, "to_customer", slow)
        with pytest.raises(SoftTimeLimitExceeded):
            relay()
    relay(MONDAY + workers.OUTLIVED)
    assert len(mail.outbox) == 1


@pytest.mark.fault("D25")
def test_one_reminder_that_is_refused_keeps_nobody_elses_and_a_server_that_is_away_is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make.salon()
    for number in range(3):
        make.booked(at(10 + number, day=5), email=f"guest{number}@example.com")
    now, asked, problems = at(9, day=5), [], [LetterRefusedError("550"), MailAwayError("refused")]

    def write(*, told: Any, **_any: Any) -> None:
        asked.append(told.appointment.contact_email)
        if problems:
            raise problems.pop(0)

    monkeypatch.setattr(emails, "to_customer", write)
    assert scheduling.send_reminders(now=now) == 0
    assert asked == ["guest0@example.com", "guest1@example.com"]
    assert scheduling.send_reminders(now=now + timedelta(seconds=10)) == 0
    assert len(asked) == 2
    assert scheduling.send_reminders(now=now + timedelta(minutes=15)) == 3
    assert outages.retry_at(name=outages.MAIL) is None


def test_a_visit_without_address_is_not_written_to() -> None:
    make.salon()
    make.booked(at(10, day=5), email="")
    relay()
    assert mail.outbox == []


def test_the_whatsapp_link_is_ready_to_send() -> None:
    make.salon()
    visit = make.booked(at(10, day=5), language="en")
    url = reminder_url(appointment=visit, policy=shop.policy())
    assert url is not None
    number, _mark, text = url.partition("?text=")
    assert number == "https://wa.me/5511987654321"
    assert unquote(text) == (
        "Hello, Maria! Balcão here, to remind you of your appointment on March 7, 2026 at 10:00. See you soon!"
    )
    assert reminder_url(appointment=Appointment(contact_phone=""), policy=shop.policy()) is None
