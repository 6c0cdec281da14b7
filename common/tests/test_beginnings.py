"""Whichever tests went before: a transactional one begins with nothing, every other with what migrations wrote."""

import pytest
from django.test import TransactionTestCase

from audit.models import Entry
from common.testing import EMPTIED
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


@pytest.mark.django_db(transaction=True)
def test_one_kind_after_the_other() -> None:
    ShopSettings.objects.create(pk=1)
    EMPTIED.after(TransactionTestCase())
    assert standing() == EMPTY
    EMPTIED.before(is_transactional=False)
    assert standing() == MIGRATED
    assert not Entry.objects.exists()
    EMPTIED.before(is_transactional=True)
    assert standing() == EMPTY


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("is_transactional", "begins"), [(False, MIGRATED), (True, EMPTY)])
def test_what_another_process_left_is_not_taken_for_what_was_there(is_transactional: bool, begins: object) -> None:
    EMPTIED.before(is_transactional=False)
    EMPTIED._is_empty = True  # as the process that filled it again would leave us
    EMPTIED.doubt()
    EMPTIED.before(is_transactional=is_transactional)
    assert standing() == begins
