"""Whichever tests went before: a transactional one begins with nothing, every other with what migrations wrote."""

import pytest
from django.db import connection

from shop.models import OpeningHours, ShopSettings

EMPTY, MIGRATED = (0, 0), (1, 6)


def standing() -> tuple[int, int]:
    return ShopSettings.objects.count(), OpeningHours.objects.count()


@pytest.mark.django_db
def test_rows_of_migrations_are_there() -> None:
    assert standing() == MIGRATED


@pytest.mark.django_db(transaction=True)
def test_nothing_is_there_of_who_wrote_before() -> None:
    assert standing() == EMPTY
    ShopSettings.objects.create(pk=1)


class TestOneAfterTheOther:
    """Which come in any order; at least two of them meet one of the other kind before."""

    @pytest.mark.django_db
    def test_rows_of_migrations(self) -> None:
        assert standing() == MIGRATED
        OpeningHours.objects.all().delete()

    @pytest.mark.django_db(transaction=True)
    def test_nothing(self) -> None:
        assert standing() == EMPTY

    def test_what_is_put_back_is_written_down_by_nobody(self, db: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM audit_entry")
            assert cursor.fetchone() == (0,)
        assert standing() == MIGRATED
