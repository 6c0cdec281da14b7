"""Finding customers as people search: without accents, digits in any writing."""

import pytest

from accounts import services as accounts
from accounts.tests import factories as people
from common.errors import NotFound
from customers import selectors
from customers import services as customers
from customers.models import CustomerRecord
from customers.tests.factories import CLERK, NOW, record

pytestmark = pytest.mark.django_db


def found(text: str) -> list[str]:
    return [str(one) for one in selectors.find_customers(text=text)]


@pytest.mark.parametrize(
    "text",
    ["joao", "JOÃO conceicao", "conceição", "(11) 98765-4321", "011 98765 4321", "87654", "529.982.247-25", "52998224725",
     "joao@ex", "Joao@Exemplo.com"],
)  # fmt: skip
def test_people_are_found_by_what_is_known_of_them(text: str) -> None:
    record(name="João da Conceição", phone="11987654321", document="52998224725", email="joao@exemplo.com")
    record(name="Maria", phone="1133334444")
    assert found(text) == ["João da Conceição"]


@pytest.mark.parametrize("text", ["", " ", "j", "zé", "joão maria"])
def test_who_is_not_there_is_not_found(text: str) -> None:
    record(name="João da Conceição")
    assert found(text) == []


def test_the_list_is_short_and_by_name() -> None:
    for name in ("Álvaro Reis", "Bruno Reis", "Ana Reis"):
        record(name=name)
    assert found("reis") == ["Álvaro Reis", "Ana Reis", "Bruno Reis"]
    assert [str(one) for one in selectors.find_customers(text="reis", limit=2)] == ["Álvaro Reis", "Ana Reis"]


def test_a_merged_record_leads_to_the_one_that_stayed() -> None:
    stays, goes = record(name="Ana Lima", phone="11987654321"), record(name="Aninha", phone="1133334444")
    customers.merge_customers(stays=stays, goes=goes, actor=CLERK, now=NOW)
    assert found("aninha") == found("3333-4444") == found("ana lima") == ["Ana Lima"]
    assert selectors.customer_known_as(public_id=goes.public_id).pk == stays.pk


def test_nobody_is_found_who_was_erased() -> None:
    ana = record(name="Ana Lima")
    CustomerRecord.objects.update(name="", anonymised_at=NOW)
    assert found("ana") == []
    with pytest.raises(NotFound):
        selectors.customer_known_as(public_id=ana.public_id)


def test_whoever_is_kept_out_is_shown_as_such() -> None:
    by_record, by_phone = record(name="Ana A", phone="11987654321"), record(name="Ana B", phone="1133334444")
    by_account, free = record(name="Ana C"), record(name="Ana D", phone="1144445555")
    account = people.customer(is_active=False)
    CustomerRecord.objects.filter(pk=by_account.pk).update(account=account)
    customers.block_customer(record=by_record, reason="Nunca aparece", actor=CLERK, now=NOW)
    accounts.block_person(email="", phone=by_phone.phone, document="", actor=CLERK, now=NOW)
    shown = {one.name: one.is_kept_out for one in selectors.find_customers(text="ana")}
    assert shown == {"Ana A": True, "Ana B": True, "Ana C": True, free.name: False}


def test_records_that_may_be_of_one_person_are_named() -> None:
    ana = record(name="Ana Maria de Lima", phone="11987654321", email="ana@gmail.com", document="52998224725")
    alike = [
        record(name="Loja da Ana", phone="11987654321"),
        record(name="A. Lima", email="a.n.a+loja@gmail.com"),
        record(name="Ana Lucia Lima"),
    ]
    record(name="Bia Lima")
    record(name="Ana Souza Lima", document="11144477735")
    proposed = {one.pk for one in selectors.alike(record=ana)}
    assert proposed == {one.pk for one in alike}
