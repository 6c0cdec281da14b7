"""What the desk writes down is refused while it would leave booked visits without their time or their place."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from catalog.models import Category, Variant
from catalog.services import ProductSheet, VariantSheet
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.errors import WouldStrand
from scheduling.models import Service
from scheduling.tests.factories import MONDAY, STAFF, at, book, salon

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


def test_a_service_is_written_with_its_catalogue_side_or_not_at_all() -> None:
    category = Category.objects.create(slug="cabelo", name="Cabelo")
    sheets = {
        "product": ProductSheet(name="Corte relâmpago", category_id=category.pk),
        "variant": VariantSheet(sku="RELAMPAGO", price=Decimal("30.00")),
    }

    def create(service: Service) -> Service:
        return scheduling.create_service(**sheets, service=service, rooms=[], actor=STAFF, now=MONDAY)  # type: ignore[arg-type]

    with pytest.raises(IntegrityError, match="service_tolerance_shorter_than_duration"):
        create(Service(duration_minutes=15, overlap_tolerance_minutes=15))
    assert not Variant.objects.exists()
    assert not Service.objects.exists()

    made = create(Service(duration_minutes=15))
    assert (made.variant.sku, made.variant.product.kind, made.variant.product.status) == (
        "RELAMPAGO",
        "service",
        "published",
    )
