"""How much one person may book without paying, one request after the other and all at once."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from accounts import services as accounts
from accounts.tests import factories as people
from common.errors import Forbidden, Refusal
from common.testing import race
from scheduling import selectors
from scheduling.errors import TooManyHolds
from scheduling.models import Appointment
from scheduling.services import Booked, bounds
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at

pytestmark = pytest.mark.django_db


class TestBounds:
    """How much one person may book without paying, and whom the shop has blocked."""

    def test_one_person_books_only_so_much_a_day(self) -> None:
        make.salon()
        make.set_policy(max_bookings_per_day=2)
        spellings = ("maria.souza@gmail.com", "mariasouza+1@gmail.com", "m.ariasouza@gmail.com")
        for hour, email in zip((9, 10), spellings, strict=False):
            make.book(at(hour), email=email, phone="")
        before = make.everything()
        with pytest.raises(TooManyHolds) as refusal:
            make.book(at(11), email=spellings[2], phone="")
        assert (refusal.value.data, make.everything()) == ({"max": 2}, before)
        make.book(at(11), email="bia@example.com", phone="")
        tomorrow = MONDAY + timedelta(days=1)
        make.book(at(10, day=3), email=spellings[2], phone="", now=tomorrow)

    def test_one_address_books_only_so_much_a_day(self) -> None:
        make.salon()
        make.set_policy(max_bookings_per_address=2)
        for hour in (9, 10):
            make.book(at(hour), email=f"p{hour}@example.com", phone="", address="203.0.113.7")
        with pytest.raises(TooManyHolds) as refusal:
            make.book(at(11), email="p11@example.com", phone="", address="203.0.113.7")
        assert refusal.value.data == {"max": 2}
        make.book(at(11), email="p11@example.com", phone="", address="203.0.113.8")
        make.book(at(12), email="p12@example.com", phone="", address="10.0.0.1")
        make.set_policy(max_bookings_per_address=0)
        make.book(at(13), email="p13@example.com", phone="", address="203.0.113.7")

    def test_an_owner_lifts_the_bound(self) -> None:
        make.salon()
        make.set_policy(max_bookings_per_day=0)
        for hour in (9, 10, 11, 13, 14, 15):
            make.book(at(hour))

    def test_one_phone_is_one_person(self) -> None:
        make.salon()
        make.set_policy(max_bookings_per_day=1)
        make.book(at(9), email="ana@example.com")
        with pytest.raises(TooManyHolds):
            make.book(at(10), email="bia@example.com")

    def test_people_without_an_email_are_not_one_person(self) -> None:
        make.salon()
        make.set_policy(max_bookings_per_day=1)
        make.book(at(9), email="", phone="+5511987654321")
        make.book(at(10), email="", phone="+5511987654322")

    def test_what_the_team_books_is_not_bounded_and_does_not_count(self) -> None:
        make.salon()
        make.set_policy(max_bookings_per_day=1)
        for hour in (9, 10):
            make.book(at(hour), actor=make.STAFF)
        make.book(at(11))
        make.book(at(12), actor=make.STAFF)

    def test_a_repeated_request_is_no_further_booking(self) -> None:
        make.salon()
        make.set_policy(max_bookings_per_day=1)
        first = make.book_once(at(10), once=make.once())
        assert make.book_once(at(10), once=make.once()).body == first.body

    def test_whom_the_shop_has_blocked_books_nothing(self) -> None:
        make.salon()
        blocked = people.customer(phone="+5511987654321")
        accounts.block_customer(customer=blocked, now=MONDAY)
        for email, phone in ((blocked.email, ""), ("other@example.com", blocked.phone)):
            with pytest.raises(Forbidden):
                make.book(at(10), email=email, phone=phone)
        assert not Appointment.objects.exists()
        make.book(at(10), actor=make.STAFF)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestBoundsAtOnce:
    """Many bookings of one person at one moment."""

    def book_at_once(self, workers: int) -> tuple[int, int]:
        names = [f"P{number}" for number in range(workers)]
        salon = make.salon(names=names)
        make.set_policy(max_bookings_per_day=2)
        results = race(
            workers=workers, work=lambda n: make.book(at(10), who=salon.id(names[n]), email=f"m+{n}@example.com")
        )
        assert all(isinstance(result, Booked | Refusal) for result in results), results
        refused = sum(isinstance(result, TooManyHolds) for result in results)
        return sum(isinstance(result, Booked) for result in results), refused

    def test_they_stay_within_the_bound(self) -> None:
        done, refused = self.book_at_once(64)
        assert (done, Appointment.objects.count(), refused > 0) == (2, 2, True)

    def test_without_waiting_for_each_other_they_would_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Negative control: whoever counts before the others have written finds nothing."""
        counted, count = threading.Barrier(4, timeout=30), selectors.standing

        def standing(**whose: Any) -> tuple[bool, int, int]:
            found = count(**whose)
            counted.wait()
            return found

        monkeypatch.setattr(bounds, "one_at_a_time", lambda **_names: None)
        monkeypatch.setattr(selectors, "standing", standing)
        assert self.book_at_once(4) == (4, 0)
