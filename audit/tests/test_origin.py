"""Whence a change came: who, through which door, in which request; told with BEGIN, and with no other statement."""

import sys
from typing import Any

import pytest
import structlog
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.tests import factories as accounts
from accounts.tests.doors import ok, patch, post
from audit.models import Entry
from backoffice.tests.desk import at_desk, member
from backoffice.tests.pages import Tab
from catalog.models import Variant
from catalog.tests import factories as catalog
from common import origin
from common.testing import statements
from common.transactions import unit_of_work
from config.celery import app
from customers.services import erasure
from customers.tests.factories import record
from inventory.tests.factories import MONDAY, stocked
from orders.tests.doors import an_order
from scheduling.models import Room

pytestmark = pytest.mark.django_db(transaction=True)


def told() -> list[str]:
    """What the running transaction tells of its origin."""
    with connection.cursor() as cursor:
        names = [origin.ACTOR, origin.DOOR, origin.REQUEST]
        cursor.execute("SELECT coalesce(current_setting(name, true), '') FROM unnest(%s::text[]) AS name", [names])
        return [text for (text,) in cursor.fetchall()]


def last(table: str) -> Entry:
    return Entry.objects.filter(table_name=table).latest("pk")


def test_a_page_of_the_desk_names_the_login_the_route_and_the_request() -> None:
    room = at_desk(role="owner", name="Dona Ana")
    kept = Room.objects.create(name="Sala 1")
    answer = Tab(room, reverse("admin:scheduling_room_change", args=[kept.pk])).type(name="Sala azul").save()
    entry = last("scheduling_room")
    assert (entry.before, entry.after) == ({"name": "Sala 1"}, {"name": "Sala azul"})
    assert entry.actor == f"login:{room.session['_auth_user_id']}"
    assert (entry.door, entry.by_hand) == ("POST admin/scheduling/room/<path:object_id>/change/", False)
    assert entry.request_id == answer["X-Request-ID"]


def test_a_call_names_its_guest_and_its_route(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BREAD", units=9)
    order = an_order({"BREAD": 1}, payment_method="transfer")
    answer = ok(post(f"/orders/{order['number']}/cancel/", {"reason": "Too late"}, token=order["access_token"]), 200)
    entry = last("orders_order")
    assert answer["status"] == "cancelled"
    assert (entry.before["status"], entry.after["status"]) == ("pending", "cancelled")
    assert (entry.actor, entry.door, entry.by_hand) == ("guest", "POST api/v1/orders/<str:number>/cancel/", False)


def test_a_request_leaves_nothing_to_the_next_transaction() -> None:
    at_desk(role="owner").get("/admin/")
    structlog.contextvars.bind_contextvars(request_id="of-nobody")
    with unit_of_work():
        assert told()[1:] == [origin.door(), "of-nobody"]
    assert not origin.door().startswith("GET")
    assert told() == ["", "", ""]


def test_a_task_is_the_shop_itself_under_the_request_that_caused_it() -> None:
    bread = catalog.variant(sku="BREAD")

    @app.task(name="audit.tests.dearer", shared=False)
    def dearer() -> None:
        with unit_of_work():
            Variant.objects.filter(pk=bread.pk).update(price=11)

    with structlog.contextvars.bound_contextvars(login=7, request_id="of-the-cause"):
        dearer.apply().get()
    app.tasks.unregister(dearer.name)
    entry = last("catalog_variant")
    assert (entry.actor, entry.door, entry.request_id) == ("system", "task audit.tests.dearer", "of-the-cause")


def test_a_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["./manage.py", "sync_roles"])
    call_command("sync_roles", verbosity=0)
    entry = last("auth_group")
    assert (entry.actor, entry.door, entry.by_hand) == ("system", "command sync_roles", False)


def test_the_origin_costs_no_statement_and_ends_with_its_transaction() -> None:
    with statements() as found, unit_of_work():
        assert told()[0] == "system"
    assert [sql.partition(" ")[0] for sql in found] == ["BEGIN", "SELECT", "COMMIT"]
    with unit_of_work():
        connection.connection.execute("SELECT 1")
        transaction.set_rollback(True)
    assert told() == ["", "", ""]


def test_whatever_is_told_ends_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["manage.py", "x'; DROP TABLE audit_entry; -- \\ ç " + "y" * 500])
    with unit_of_work():
        assert told()[1] == ("command x?; DROP TABLE audit_entry; -- ? ? " + "y" * 500)[: origin.LONGEST]


def test_of_an_account_that_is_closed_nothing_personal_is_kept() -> None:
    login = accounts.user(name="Maria da Silva", email="maria@example.com")
    customer = accounts.customer(user=login, name="Maria da Silva", phone="+5511987654321", document="52998224725")
    ok(patch("/me/", {"name": "Maria Souza"}, user=login), 200)
    kept = record(name="Maria Souza", phone="+5511987654321", email="maria@example.com", notes="alergia")
    erasure.forget_customer(record=kept, actor=accounts.actor(login), now=timezone.now())
    member(role="owner")
    whole = " ".join(str(values) for values in Entry.objects.values_list("before", "after", "actor", "door", "subject"))
    for personal in ("Maria", "Silva", "Souza", "maria@", "98765", "52998224725", "alergia"):
        assert personal not in whole
    changed = Entry.objects.filter(table_name="accounts_customer", row_id=customer.pk).latest("pk")
    assert ("name" in changed.unsaid, changed.after) == (True, {})
    forgotten = Entry.objects.filter(table_name="customers_customerrecord", row_id=kept.pk).latest("pk")
    assert set(forgotten.unsaid) == {"name", "phone", "email", "notes"}
    assert set(forgotten.after) == {"anonymised_at"}
