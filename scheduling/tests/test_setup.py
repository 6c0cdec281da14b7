"""What the desk writes down is refused while it would leave booked visits without their time or their place."""

from typing import Any

import pytest

from scheduling import selectors
from scheduling import services as scheduling
from scheduling.errors import WouldStrand
from scheduling.models import Service
from scheduling.tests.factories import MONDAY, at, book, salon

pytestmark = pytest.mark.django_db(transaction=True)


def keep(service: Service, **options: Any) -> list[Any]:
    return scheduling.keep_setup(rows=[service], now=MONDAY, **options)


def test_a_smaller_capacity_names_those_who_would_lose_their_place() -> None:
    group = salon(capacity=3).services["CORTE"]
    for guest in ("ana", "bia", "caio"):
        book(at(10), email=f"{guest}@example.com", name=guest.title())
    group.capacity = 2
    with pytest.raises(WouldStrand) as caught:
        keep(group)
    assert [one["customer"] for one in caught.value.data["appointments"]] == ["Caio"]  # type: ignore[attr-defined]
    assert Service.objects.get().capacity == 3

    assert [visit.contact_name for visit in keep(group, anyway=True)] == ["Caio"]
    assert Service.objects.get().capacity == 2
    assert [visit.contact_name for visit in selectors.crowded(now=MONDAY)] == ["Caio"]
    assert selectors.crowded(now=at(11)) == []


def test_a_capacity_that_still_holds_everybody_is_saved_without_asking() -> None:
    group = salon(capacity=3).services["CORTE"]
    book(at(10))
    group.capacity = 1
    assert keep(group) == []
    assert Service.objects.get().capacity == 1
