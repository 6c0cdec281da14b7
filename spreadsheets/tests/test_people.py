"""Customers from a spreadsheet: found or written down, all of them or none."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from backoffice.tests.desk import at_desk
from catalog.tests.factories import NOW, OWNER
from customers import services as customers
from customers.models import CustomerRecord, CustomerStep
from spreadsheets import services
from spreadsheets.models import Import, ImportRow

pytestmark = pytest.mark.django_db
HEADINGS = "Nome;Celular;E-mail;CPF;Nascimento;Etiquetas;Obs"
ANA = "Ana Lima;(11) 98765-4321;ana@example.com;123.456.789-09;12/03/1990;VIP, fiel;Gosta de café"


def brought(*lines: str) -> Import:
    content = "\r\n".join([HEADINGS, *lines]).encode()
    run = services.begin(kind="customers", name="x.csv", content=content, language="pt-br", actor=OWNER, now=NOW)
    return services.prepare(public_id=run.public_id, now=NOW)


def taken(run: Import) -> Import:
    services.confirm(public_id=run.public_id, seal=run.seal)
    return services.take_in(public_id=run.public_id, now=NOW)


def rows(run: Import) -> list[tuple[str, Any, Any]]:
    return list(ImportRow.objects.filter(run=run).order_by("number").values_list("what", "changes", "errors"))


def test_a_list_becomes_customers_with_a_history() -> None:
    run = brought(ANA, "Bia;;;;;;")
    assert (run.fresh, run.wrong, CustomerRecord.objects.count()) == (2, 0, 0)

    taken(run)

    ana = CustomerRecord.objects.get(name="Ana Lima")
    assert (ana.phone, ana.email, ana.document, ana.birthday, ana.tags) == (
        "+5511987654321", "ana@example.com", "12345678909", "1990-03-12", ["fiel", "VIP"],
    )  # fmt: skip
    assert list(CustomerStep.objects.values_list("action", "actor_id")) == [("added", "1")] * 2


def test_who_is_there_is_found_and_only_what_the_row_says_changes() -> None:
    taken(brought(ANA))

    run = brought("Ana Lima Souza;;;12345678909;;novo;", "Bia;;;;;;")

    assert rows(run)[0] == (
        "changed", [["name", "Ana Lima", "Ana Lima Souza"], ["tags", ["fiel", "VIP"], ["fiel", "novo", "VIP"]]], [],
    )  # fmt: skip
    taken(run)
    ana = CustomerRecord.objects.get(document="12345678909")
    assert (ana.name, ana.phone, ana.notes) == ("Ana Lima Souza", "+5511987654321", "Gosta de café")
    assert rows(brought(ANA.replace("Ana Lima", "Ana Lima Souza")))[0][0] == "same"


def test_a_row_is_found_by_name_and_phone_or_e_mail() -> None:
    taken(brought("Ana;11987654321;;;;;", "Bia;;bia@example.com;;;;"))

    run = brought("ANA;(11) 98765-4321;ana@example.com;;;;", "bia;21987654321;bia@example.com;;;;")

    assert [what for what, *_rest in rows(run)] == ["changed", "changed"]


def test_rows_that_cannot_be_are_wrong_for_a_reason() -> None:
    for name, phone, document in (("Ana", "11987654321", ""), ("Outra", "", "12345678909")):
        customers.add_customer(name=name, phone=phone, document=document, actor=OWNER, now=NOW)

    run = brought(";119;x;1;31/02;;", "Ana;11987654321;;12345678909;;;", "Bia;21987654321;;;;;", "bia;21987654321;;;;;")

    assert {column for column, _text in rows(run)[0][2]} == {"name", "phone", "email", "document", "birthday"}
    assert [errors for _what, _changes, errors in rows(run)[1:]] == [
        [["name", "several_customers"]], [], [["name", "row_twice"]],
    ]  # fmt: skip


def test_somebody_added_meanwhile_takes_nothing_in() -> None:
    run = brought(ANA, "Bia;;;;;;")
    services.confirm(public_id=run.public_id, seal=run.seal)
    customers.add_customer(name="Ana", document="12345678909", actor=OWNER, now=NOW)

    again = services.take_in(public_id=run.public_id, now=NOW)

    assert (again.state, again.changed, again.fresh) == ("ready", 1, 1)
    assert CustomerRecord.objects.count() == 1
    assert taken(again).state == "done"


def test_what_was_saved_is_brought_back_unchanged_and_only_by_who_may() -> None:
    taken(brought(ANA))
    owner = at_desk(role="owner")
    address = "/admin/spreadsheets/export/customers.csv"

    saved = b"".join(owner.get(address, HTTP_ACCEPT_LANGUAGE="pt-br").streaming_content)  # type: ignore[attr-defined]

    assert "Ana Lima;(11) 98765-4321;ana@example.com;123.456.789-09;12/03/1990;" in saved.decode()
    owner.post("/admin/spreadsheets/bring/customers/", {"file": SimpleUploadedFile("c.csv", saved)})
    run = Import.objects.latest("pk")
    assert run.same == 1
    assert owner.get(f"/admin/spreadsheets/{run.public_id}/").status_code == 200
    assert at_desk(role="counter").get(address).status_code == 403


def test_nobody_was_born_after_the_day_of_the_shop() -> None:
    evening = NOW.replace(day=3, hour=1)  # ten in the evening of the 2nd in São Paulo, the 3rd in Greenwich
    content = f"{HEADINGS}\r\nAna;;;;02/03/2026;;\r\nBia;;;;03/03/2026;;".encode()
    run = services.begin(kind="customers", name="x.csv", content=content, language="pt-br", actor=OWNER, now=evening)
    run = services.prepare(public_id=run.public_id, now=evening)
    assert [(what, errors) for what, _changes, errors in rows(run)] == [
        ("new", []),
        ("wrong", [["birthday", "Esse dia ainda não chegou."]]),
    ]
