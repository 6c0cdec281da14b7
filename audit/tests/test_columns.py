"""Every column of a table whose changes are written down has been decided about."""

import hashlib

import pytest
from django.apps import apps

from audit.triggers import audited
from operations.integrity.checks_audit import audited_tables
from operations.integrity.checks_schema import actual_triggers

pytestmark = pytest.mark.django_db

TOLD_BY_NOBODY = {
    "accounts_user": {"last_login"},
    "catalog_product": {"search_key", "updated_at"},
    "orders_fulfilment": {"changed_at"},
    "orders_order": {"link_renewed_at"},
    "payments_payment": {"answered_at", "looked_at"},
    "payments_refund": {"attempts", "looked_at"},
    "scheduling_appointment": {"bearer_link_version", "language", "link_renewed_at", "version"},
}
"""Kept for the machine: a change of these alone is no news to anybody."""

PERSONAL = {
    "address", "birthday", "city", "complement", "contact_email", "contact_name", "contact_phone", "district", "document",
    "email", "name", "note", "notes", "number", "password", "phone", "pickup_person", "postal_code", "reason", "street", "tags",
}  # fmt: skip
OF_PEOPLE = (
    "accounts_address", "accounts_block", "accounts_customer", "accounts_user", "customers_customerrecord",
    "orders_ordercontact", "scheduling_appointment", "scheduling_timeoff", "payments_refund",
)  # fmt: skip


def test_every_column_is_told_or_said_to_have_changed_or_named_here() -> None:
    columns = {
        model._meta.db_table: {
            field.column for field in model._meta.local_concrete_fields if not (field.generated or field.primary_key)
        }
        for model in apps.get_models(include_auto_created=True)
    }
    left = {table: columns[table] - {*told, *unsaid} for table, told, unsaid, _quiet in audited_tables()}
    assert {table: names for table, names in left.items() if names} == TOLD_BY_NOBODY
    assert all(columns[table] >= {*told, *unsaid} for table, told, unsaid, _quiet in audited_tables())


def test_nothing_personal_is_told() -> None:
    told = {table: set(names) for table, names, _unsaid, _quiet in audited_tables()}
    assert {table: told[table] & PERSONAL for table in OF_PEOPLE if told[table] & PERSONAL} == {}


def test_what_matters_to_a_shop_is_written_down() -> None:
    assert [table for table, *_columns in audited_tables()] == [
        "accounts_address", "accounts_block", "accounts_customer", "accounts_user", "accounts_user_groups",
        "accounts_user_user_permissions", "auth_group", "auth_group_permissions", "catalog_category", "catalog_product",
        "catalog_productimage", "catalog_variant", "customers_customerrecord", "inventory_stockitem",
        "inventory_stockreservation", "orders_fulfilment", "orders_order", "orders_ordercontact", "orders_orderline",
        "payments_moneycase", "payments_payment", "payments_refund", "scheduling_appointment",
        "scheduling_availabilityrule", "scheduling_combination", "scheduling_combination_services",
        "scheduling_dateoverride", "scheduling_professional", "scheduling_professionalservice", "scheduling_room",
        "scheduling_service", "scheduling_service_rooms", "scheduling_timeoff", "shop_holiday", "shop_openinghours",
        "shop_shoplook", "shop_shopsettings",
    ]  # fmt: skip
    events = {(table, f"{table}_audit_{event}") for table, *_columns in audited_tables()
              for event in ("insert", "update", "delete", "truncate")}  # fmt: skip
    assert events <= actual_triggers().keys()


def test_triggers_that_migrations_have_put_up_are_not_rewritten() -> None:
    made = {
        "all": audited(table="things", told=["one", "two"], unsaid=["three"], part_of=("wholes", "whole_id")),
        "quiet": audited(table="things", told=["one", "two"], quiet=["two"], inserts=True),
        "by hand": audited(table="things", told=["one"], unsaid=["two"], only_by_hand=True),
    }
    digests = {
        name: hashlib.sha256(f"{one.sql}\0{one.reverse_sql}".encode()).hexdigest()[:32] for name, one in made.items()
    }
    assert digests == {
        "all": "07b6d48a5adb845c3cfb5ba154e6e49e",
        "quiet": "05d3542e500998ade9723566349e9046",
        "by hand": "83eeee4471cb58cf6cc2b05f4d9e5361",
    }
