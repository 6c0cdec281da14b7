"""Customers as the shop writes them down: what is read, what is refused, what the history says."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from accounts.tests import factories as people
from common.errors import Malformed
from common.testing import race
from customers import services as customers
from customers.errors import AlreadyThere, DocumentTaken, Forgotten, MergedMeanwhile
from customers.models import CustomerRecord, CustomerStep
from customers.tests.factories import CLERK, NOW, record

pytestmark = pytest.mark.django_db


def steps(of: CustomerRecord) -> list[tuple[str, list[str]]]:
    return [(step.action, step.fields) for step in of.steps.all()]


def test_a_name_and_a_phone_are_enough() -> None:
    written = record(name="  Dona  Lúcia ", phone="11 98765 4321")
    written.refresh_from_db()
    assert (written.name, written.phone) == ("Dona Lúcia", "+5511987654321")
    assert (written.email, written.document, written.birthday, written.tags, written.notes) == ("", "", "", [], "")
    step = written.steps.get()
    assert (step.action, step.actor_kind, step.actor_id, step.door, step.at) == ("added", "staff", "1", "admin", NOW)


def test_everything_is_stored_in_one_form() -> None:
    written = record(
        name="Ana",
        email=" Ana@Exemplo.com ",
        document="529.982.247-25",
        birthday="5/3/1990",
        tags=["vip", " Alérgica ", "VIP", ""],
        notes=" Prefere\r\nmanhã ",
    )
    assert (written.email, written.document) == ("ana@exemplo.com", "52998224725")
    assert (written.birthday, written.tags, written.notes) == ("1990-03-05", ["Alérgica", "vip"], "Prefere\nmanhã")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "a" * 121),
        ("name", "Ana\x00"),
        ("phone", "123"),
        ("email", "ana@"),
        ("document", "111.111.111-11"),
        ("birthday", "31/02"),
        ("birthday", "24/11/2026"),
        ("birthday", "12/13/1990"),
        ("tags", ["a" * 31]),
        ("tags", [f"t{number}" for number in range(21)]),
        ("notes", "a" * 2001),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(field: str, value: object) -> None:
    with pytest.raises(Malformed) as refusal:
        record(**{field: value})
    assert [error.pointer for error in refusal.value.errors] == [f"/{field}"]
    assert not CustomerRecord.objects.exists()


def test_a_birthday_is_compared_with_the_day_of_the_shop() -> None:
    evening = NOW.replace(hour=1) + timedelta(days=1)  # ten in the evening in São Paulo, tomorrow in Greenwich
    today, tomorrow = NOW.strftime("%d/%m/%Y"), evening.strftime("%d/%m/%Y")
    ana = customers.add_customer(name="Ana", birthday=today, actor=CLERK, now=evening)
    assert ana.birthday == NOW.date().isoformat()
    with pytest.raises(Malformed) as refusal:
        customers.add_customer(name="Bia", birthday=tomorrow, actor=CLERK, now=evening)
    assert [error.pointer for error in refusal.value.errors] == ["/birthday"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Malformed) as refusal:
        record(name="", phone="1", email="x")
    assert [error.pointer for error in refusal.value.errors] == ["/name", "/phone", "/email"]


def test_a_document_is_one_persons() -> None:
    record(name="Ana Lima", document="52998224725")
    with pytest.raises(DocumentTaken) as refusal:
        record(name="Bia", document="529.982.247-25")
    assert refusal.value.data["name"] == "Ana Lima"


@pytest.mark.parametrize("same", [{"phone": "(11) 98765-4321"}, {"email": "a.na+x@gmail.com"}])
def test_a_name_is_there_once_with_one_phone_or_mailbox(same: dict[str, str]) -> None:
    record(name="Ana Lima", phone="11987654321", email="ana@gmail.com")
    with pytest.raises(AlreadyThere):
        record(name="ANA  LIMÁ".replace("Á", "A"), **same)
    assert record(name="Bia Lima", **same).pk, "a family shares a phone"


def test_a_change_says_which_fields_and_nothing_of_what_they_held() -> None:
    ana = record(name="Ana", phone="11987654321")
    customers.change_customer(record=ana, changes={"phone": "11 3333-4444", "notes": "x"}, actor=CLERK, now=NOW)
    customers.change_customer(record=ana, changes={"name": "Ana", "notes": "x"}, actor=CLERK, now=NOW)
    ana.refresh_from_db()
    assert (ana.phone, ana.notes) == ("+551133334444", "x")
    assert steps(ana) == [("added", []), ("changed", ["phone", "notes"])]


def test_a_change_to_what_another_has_is_refused() -> None:
    record(name="Ana", document="52998224725")
    bia = record(name="Bia")
    with pytest.raises(DocumentTaken):
        customers.change_customer(record=bia, changes={"document": "52998224725"}, actor=CLERK, now=NOW)
    bia.refresh_from_db()
    assert bia.document == ""
    assert steps(bia) == [("added", [])]


def test_what_is_merged_or_erased_is_not_changed() -> None:
    stays, goes = record(), record()
    customers.merge_customers(stays=stays, goes=goes, actor=CLERK, now=NOW)
    with pytest.raises(MergedMeanwhile):
        customers.change_customer(record=goes, changes={"notes": "x"}, actor=CLERK, now=NOW)
    CustomerRecord.objects.filter(pk=stays.pk).update(name="", anonymised_at=NOW)
    with pytest.raises(Forgotten):
        customers.change_customer(record=stays, changes={"notes": "x"}, actor=CLERK, now=NOW)


def test_the_history_cannot_be_edited() -> None:
    record()
    with pytest.raises(DatabaseError, match="may not be changed"), transaction.atomic():
        CustomerStep.objects.update(actor_id="2")
    with pytest.raises(DatabaseError, match="may not be changed"), transaction.atomic():
        CustomerStep.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_one_customer_added_at_two_tills_is_there_once() -> None:
    def add(number: int) -> object:
        try:
            return record(name="Ana Lima", phone="11987654321")
        except AlreadyThere:
            return None

    added = race(workers=4, work=add)
    assert len([one for one in added if one]) == 1
    assert CustomerRecord.objects.count() == 1
    assert CustomerStep.objects.count() == 1


def test_the_record_of_a_closed_account_is_erased() -> None:
    account = people.customer(name="Ana Lima", email="ana@exemplo.com")
    ana = record(name="Ana", phone="11987654321", birthday="12/03", tags=["VIP"], notes="Prefere manhã")
    CustomerRecord.objects.filter(pk=ana.pk).update(account=account)
    payload = {"customer": str(account.public_id)}
    for _once_more in range(2):
        customers.erase_record(name="account.closed", payload=payload, event_id=account.public_id, now=NOW)
    ana.refresh_from_db()
    assert (ana.name, ana.phone, ana.birthday, ana.tags, ana.notes) == ("", "", "", [], "")
    assert ana.anonymised_at == NOW
    assert steps(ana) == [("added", []), ("erased", [])]


def test_a_merged_record_with_a_living_account_outlives_the_closed_one() -> None:
    stays, goes = record(name="Ana Lima"), record(name="Ana L.")
    living, closed = people.customer(), people.customer(anonymised_at=NOW, is_active=False)
    CustomerRecord.objects.filter(pk=stays.pk).update(account=living)
    CustomerRecord.objects.filter(pk=goes.pk).update(account=closed)
    customers.merge_customers(stays=stays, goes=goes, actor=CLERK, now=NOW)
    customers.erase_record(name="", payload={"customer": str(closed.public_id)}, event_id=closed.public_id, now=NOW)
    assert list(CustomerRecord.objects.order_by("pk").values_list("name", flat=True)) == ["Ana Lima", ""]
