"""Who changed this, as it really comes: at the desk, by a guest, by a command, and past the shop by SQL."""

import sys
from contextlib import closing
from decimal import Decimal

import psycopg
import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.urls import reverse
from django.utils import translation

from audit.models import Entry
from backoffice.tests.desk import at_desk, text_of
from backoffice.tests.pages import Tab
from catalog.models import Variant
from catalog.tests import factories as catalog
from common.testing import statements
from common.transactions import unit_of_work
from customers.tests.factories import record
from desk.called import called_column, called_table
from desk.changes import PER_PAGE, where
from inventory.tests.factories import stocked
from operations.integrity.checks_audit import audited_tables
from orders.tests.factories import ordered
from scheduling.models import Room

pytestmark = pytest.mark.django_db(transaction=True)


def by_sql(statement: str, *values: object) -> None:
    """What an operator does with psql."""
    settings = connection.get_connection_params()
    named = {name: settings[name] for name in ("host", "port", "user", "password", "dbname") if settings.get(name)}
    with closing(psycopg.connect(**named, autocommit=True, application_name="psql")) as session:
        session.execute(statement, values)


def test_one_saving_is_one_step_with_the_rows_behind_it() -> None:
    with unit_of_work():
        room = Room.objects.create(name="Sala 1")
    desk = at_desk(role="owner")
    Tab(desk, reverse("admin:scheduling_room_change", args=[room.pk])).type(name="Sala azul").save()
    answer = desk.get(reverse("admin:scheduling_room_history", args=[room.pk]))
    saved, added = answer.context["steps"]
    assert (saved.who, saved.where, saved.by_hand) == ("Dona Ana", "Balcão", False)
    assert saved.words == saved.rows == [("Nome", "Sala 1", "Sala azul")]
    assert (added.words, added.rows[0][0]) == ([], "Sala: Linha nova")
    assert "O que foi gravado" in text_of(answer)


def test_what_somebody_did_is_found_by_their_name() -> None:
    """Whatever they changed, and not what others changed of the same."""
    with unit_of_work():
        room = Room.objects.create(name="Sala 1")
    desk = at_desk(role="owner")
    Tab(desk, reverse("admin:scheduling_room_change", args=[room.pk])).type(name="Sala azul").save()
    by_sql("UPDATE scheduling_room SET name = 'Porão' WHERE id = %s", room.pk)
    answer = desk.get(reverse("admin:audit_entry_changelist"), {"q": "dona aná"})
    found = [entry for entry in answer.context["cl"].result_list if entry.table_name == "scheduling_room"]
    assert [entry.after for entry in found] == [{"name": "Sala azul"}]
    [saved] = found
    by_number = desk.get(reverse("admin:audit_entry_changelist"), {"q": saved.actor}).context["cl"].result_list
    assert saved in by_number


def test_sql_and_commands_show_where_the_owner_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = at_desk(role="owner")
    bread = catalog.variant(sku="PAO", price=Decimal("0.90"), product=catalog.product(name="Pão"))
    by_sql("UPDATE catalog_variant SET price = 0.01, is_active = false WHERE id = %s", bread.pk)
    monkeypatch.setattr(sys, "argv", ["manage.py", "cheaper"])
    with unit_of_work():
        Variant.objects.filter(pk=bread.pk).update(price=Decimal("0.95"))
    answer = desk.get(reverse("admin:catalog_product_history", args=[bread.product_id]))
    command, sql = answer.context["steps"][:2]
    assert (command.who, command.where) == ("A própria loja", "Linha de comando: cheaper")
    head = "Variação PAO · "
    assert command.rows == [(f"{head}Preço", "R$ 0,01", "R$ 0,95")]
    assert (sql.who, sql.by_hand) == ("Alguém no banco de dados", True)
    assert sql.where.startswith("Por fora da loja, direto no banco de dados (programa psql, usuário ")
    assert sql.rows == [(f"{head}À venda", "sim", "não"), (f"{head}Preço", "R$ 0,90", "R$ 0,01")]
    assert "<del>R$ 0,90</del>" in text_of(answer)


def test_a_program_without_a_name_is_not_spoken_of() -> None:
    entry = Entry(by_hand=True, door="sql ", role="balcao")
    with translation.override("pt-br"):
        assert where(entry) == "Por fora da loja, direto no banco de dados (usuário balcao)"


def test_whatever_is_told_has_a_name_in_portuguese() -> None:
    def names() -> dict[str, tuple[str, ...]]:
        return {
            table: (called_table(table), *(called_column(table, name) for name in (*told, *unsaid)))
            for table, told, unsaid, _quiet in audited_tables()
        }

    with translation.override("en"):
        english = names()
    with translation.override("pt-br"):
        portuguese = names()
    alike = {text for table, texts in english.items() for text in {*texts} & {*portuguese[table]}}
    assert alike == {"Base", "E-mail", "Logo", "SKU", "Subtotal", "Total", "WhatsApp"}


def test_of_people_is_said_that_it_changed() -> None:
    desk = at_desk(role="owner")
    kept = record(name="Maria da Silva")
    by_sql("UPDATE customers_customerrecord SET phone = '+5511987654321' WHERE id = %s", kept.pk)
    answer = desk.get(reverse("admin:customers_customerrecord_history", args=[kept.pk]))
    assert answer.context["steps"][0].rows == [("Telefone", "não guardado", "não guardado")]
    assert "98765" not in text_of(answer)


def test_a_long_life_is_shown_in_pages_and_costs_no_more() -> None:
    desk = at_desk(role="owner")
    room = Room.objects.create(name="Sala")
    page = reverse("admin:scheduling_room_history", args=[room.pk])
    desk.get(page)  # the types of content are known from here on
    with statements() as few:
        desk.get(page)
    for number in range(PER_PAGE * 2):
        Room.objects.filter(pk=room.pk).update(name=f"Sala {number}")
    with statements() as many:
        answer = desk.get(page)
    assert len(few) == len(many)
    assert len(answer.context["steps"]) == PER_PAGE
    assert answer.context["steps"][0].rows == [("Nome", "Sala 58", "Sala 59")]
    oldest = desk.get(page, {"p": 3}).context["steps"]
    assert [len(step.rows) for step in oldest] == [1]


def test_the_owner_sees_everything_and_what_came_past_the_shop_by_itself() -> None:
    owner, manager = at_desk(role="owner"), at_desk(role="manager")
    with unit_of_work():
        room = Room.objects.create(name="Sala")
    by_sql("UPDATE scheduling_room SET name = 'Porão' WHERE id = %s", room.pk)
    whole = reverse("admin:audit_entry_changelist")
    assert "Porão" in text_of(owner.get(whole, {"by_hand__exact": 1}))
    assert "Porão" in text_of(owner.get(whole, {"q": f"scheduling_room:{room.pk}"}))
    assert manager.get(whole).status_code == 403
    entry = Entry.objects.get(after={"name": "Porão"})
    shown = text_of(owner.get(reverse("admin:audit_entry_change", args=[entry.pk])))
    assert "<del>Sala</del>" in shown
    assert owner.post(reverse("admin:audit_entry_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403


def test_notes_of_the_desk_from_before_stand_there_too() -> None:
    desk = at_desk(role="owner")
    room = Room.objects.create(name="Sala")
    LogEntry.objects.log_actions(
        user_id=desk.session["_auth_user_id"], queryset=Room.objects.filter(pk=room.pk), action_flag=2,
        change_message="Pintada.", single_object=True,
    )  # fmt: skip
    steps = desk.get(reverse("admin:scheduling_room_history", args=[room.pk])).context["steps"]
    assert [(step.message, bool(step.rows)) for step in steps] == [("Pintada.", False), ("", True)]


def test_what_is_a_part_of_another_thing_tells_its_own_changes() -> None:
    desk = at_desk(role="owner")
    stocked(sku="PAO", units=9)
    order = ordered(units={"PAO": 1})
    by_sql("UPDATE orders_ordercontact SET phone = '+5511987654321' WHERE id = %s", order.contact.pk)
    [step] = desk.get(reverse("admin:orders_ordercontact_history", args=[order.contact.pk])).context["steps"]
    assert step.rows == [("Telefone", "não guardado", "não guardado")]
    whole = desk.get(reverse("admin:orders_order_history", args=[order.pk])).context["steps"]
    assert any("Telefone" in head for step in whole for head, _before, _after in step.rows)
