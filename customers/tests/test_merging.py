"""Two records of one person become one: nothing is lost, whoever else merges at the same time."""

import threading
from contextlib import suppress
from itertools import permutations

import pytest
from django.db.models import QuerySet
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from common.errors import Refusal
from common.testing import race
from customers import selectors
from customers import services as customers
from customers.errors import AlreadyThere, MergedMeanwhile, SameRecord
from customers.models import CustomerRecord, CustomerStep
from customers.services import merging
from customers.tests.factories import CLERK, NOW, record

pytestmark = pytest.mark.django_db


def merge(stays: CustomerRecord, goes: CustomerRecord) -> CustomerRecord:
    return customers.merge_customers(stays=stays, goes=goes, actor=CLERK, now=NOW)


def nothing_is_lost(phones: dict[int, str]) -> None:
    """Hold that every record is there, leads in one step to a living one, and is found by its phone."""
    there = {one.pk: one for one in CustomerRecord.objects.all()}
    assert there.keys() == phones.keys()
    for pk, phone in phones.items():
        root = there[pk].merged_into_id or pk
        assert there[root].merged_into_id is None
        assert [one.pk for one in selectors.find_customers(text=phone)] == [root]
    merged = sorted(pk for pk, one in there.items() if one.merged_into_id)
    assert sorted(CustomerStep.objects.filter(action="merged").values_list("record", flat=True)) == merged


def test_the_one_that_stays_gets_what_it_lacks() -> None:
    stays = record(name="Ana", phone="11987654321", tags=["VIP"], notes="Prefere manhã")
    goes = record(
        name="Ana L", phone="1133334444", email="a@b.com", document="52998224725", birthday="12/03", tags=["vip", "Alta"],
        notes="Alérgica",
    )  # fmt: skip
    kept = merge(stays, goes)
    kept.refresh_from_db()
    assert (kept.name, kept.phone, kept.email) == ("Ana", "+5511987654321", "a@b.com")
    assert (kept.document, kept.birthday, kept.tags) == ("52998224725", "--03-12", ["Alta", "VIP"])
    assert kept.notes == "Prefere manhã\n\nAlérgica"
    goes.refresh_from_db()
    assert (goes.merged_into_id, goes.phone, goes.notes) == (kept.pk, "+551133334444", "Alérgica")
    assert [(step.action, step.other_id) for step in goes.steps.all()] == [("added", None), ("merged", kept.pk)]
    changed = ["email", "document", "birthday", "tags", "notes"]
    assert [(step.action, step.fields) for step in kept.steps.all()] == [("added", []), ("changed", changed)]


def test_what_was_merged_before_comes_along() -> None:
    first, second, third = record(), record(), record()
    merge(second, first)
    merge(third, second)
    assert set(selectors.records_of(record=third)) == {first, second, third}


def test_what_makes_no_sense_is_refused() -> None:
    stays, goes, other = record(), record(), record()
    with pytest.raises(SameRecord):
        merge(stays, stays)
    merge(stays, goes)
    for refused in ((other, goes), (goes, other), (goes, stays)):
        with pytest.raises(MergedMeanwhile):
            merge(*refused)


def test_a_third_record_with_the_same_name_and_phone_is_named_first() -> None:
    stays, goes = record(name="Ana"), record(name="Bia", phone="11987654321")
    record(name="Ana", phone="11987654321")
    with pytest.raises(AlreadyThere):
        merge(stays, goes)
    goes.refresh_from_db()
    assert goes.merged_into is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pairs", [*permutations([(0, 1), (1, 2), (2, 0)])])
def test_merges_in_a_ring_at_once_lose_nobody(pairs: tuple[tuple[int, int], ...]) -> None:
    records = [record(phone=f"1198765432{number}") for number in range(3)]

    def one(number: int) -> None:
        stays, goes = pairs[number]
        with suppress(Refusal):
            merge(records[stays], records[goes])

    race(workers=3, work=one)
    nothing_is_lost({row.pk: row.phone for row in records})
    assert 1 <= CustomerStep.objects.filter(action="merged").count() <= 2


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_a_record_would_lead_to_a_merged_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: who merges 2 into 1 has looked, and meanwhile 1 is merged into 0."""
    records = [record(phone=f"1198765432{number}") for number in range(3)]
    looked, merged = threading.Event(), threading.Event()

    def without_lock(queryset: QuerySet[CustomerRecord]) -> list[CustomerRecord]:
        rows = list(queryset.order_by("pk"))
        if records[2] in rows:
            looked.set()
            assert merged.wait(timeout=20)
        return rows

    def act(number: int) -> None:
        if number == 1:
            merge(records[1], records[2])
        else:
            assert looked.wait(timeout=20)
            merge(records[0], records[1])
            merged.set()

    monkeypatch.setattr(merging, "locked", without_lock)
    race(workers=2, work=act)
    there = {one.pk: one.merged_into_id for one in CustomerRecord.objects.all()}
    assert there == {records[0].pk: None, records[1].pk: records[0].pk, records[2].pk: records[1].pk}


class Merges(TestCase):
    """Any merges, one after the other."""

    @settings(max_examples=25)
    @given(pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=8))
    def test_any_merges_lose_nobody(self, pairs: list[tuple[int, int]]) -> None:
        records = [record(phone=f"1198765432{number}", tags=[f"t{number}"]) for number in range(5)]
        for stays, goes in pairs:
            with suppress(Refusal):
                merge(records[stays], records[goes])
        nothing_is_lost({row.pk: row.phone for row in records})
        tags = [tag for one in CustomerRecord.objects.filter(merged_into=None) for tag in one.tags]
        assert sorted(tags) == [f"t{number}" for number in range(5)]
