"""Every column of a table whose changes are written down has been decided about."""

import hashlib
from collections import Counter

import pytest
from django.apps import apps
from django.db.models import Model

from audit.tests.left_out import JUDGED_ANEW, LEFT_OUT, ONLY_GROWS
from audit.triggers import EVENTS, audited
from common.money import MoneyField
from operations.integrity.checks_audit import audited_tables
from operations.integrity.checks_schema import actual_triggers

pytestmark = pytest.mark.django_db

TOLD_BY_NOBODY = {
    "accounts_user": {"last_login"},
    "catalog_product": {"search_key", "updated_at"},
    "django_otp_webauthn_webauthncredential": {
        "aaguid",
        "backup_eligible",
        "backup_state",
        "created_at",
        "credential_id_sha256",
        "credential_type",
        "discoverable",
        "last_used_at",
        "name",
        "sign_count",
        "transports",
    },
    "orders_fulfilment": {"changed_at"},
    "orders_order": {"link_renewed_at"},
    "otp_totp_totpdevice": {
        "created_at",
        "digits",
        "drift",
        "last_t",
        "last_used_at",
        "name",
        "step",
        "t0",
        "throttling_failure_count",
        "throttling_failure_timestamp",
    },
    "payments_gatewayevent": {"looked_at"},
    "payments_payment": {"answered_at", "looked_at"},
    "payments_refund": {"attempts", "looked_at"},
    "scheduling_appointment": {"bearer_link_version", "language", "link_renewed_at", "version"},
}
"""Kept for the machine: a change of these alone is no news to anybody."""

PERSONAL = {
    "address", "agent", "birthday", "city", "complement", "contact_email", "contact_name", "contact_phone", "district", "document",
    "email", "label", "name", "note", "notes", "number", "password", "phone", "pickup_person", "postal_code", "reason", "street", "tags",
}  # fmt: skip
SECRET = {"credential_id", "digest", "key", "password", "passkey", "public_key", "session_stamp", "stamp"}
OF_PEOPLE = (
    "accounts_address", "accounts_block", "accounts_customer", "accounts_user", "customers_customerrecord",
    "orders_ordercontact", "scheduling_appointment", "scheduling_timeoff", "payments_refund",
)  # fmt: skip
FREE_WORDS = {"failure", "note", "notes", "reason", "reference", "resolution", "tags"}
OF_LOGINS = (
    "accounts_recoverycode", "accounts_signinchallenge", "accounts_user",
    "django_otp_webauthn_webauthncredential", "otp_totp_totpdevice",
)  # fmt: skip


def every_model() -> list[type[Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def test_every_column_is_told_or_said_to_have_changed_or_named_here() -> None:
    columns = {
        model._meta.db_table: {
            field.column for field in model._meta.local_concrete_fields if not (field.generated or field.primary_key)
        }
        for model in every_model()
    }
    left = {table: columns[table] - {*told, *unsaid} for table, told, unsaid, _quiet in audited_tables()}
    assert {table: names for table, names in left.items() if names} == TOLD_BY_NOBODY
    assert all(columns[table] >= {*told, *unsaid} for table, told, unsaid, _quiet in audited_tables())


def test_nothing_personal_is_told() -> None:
    told = {table: set(names) for table, names, _unsaid, _quiet in audited_tables()}
    assert {table: told[table] & PERSONAL for table in OF_PEOPLE if told[table] & PERSONAL} == {}
    assert {table: names & FREE_WORDS for table, names in told.items() if names & FREE_WORDS} == {}
    assert {table: told[table] & SECRET for table in OF_LOGINS if told[table] & SECRET} == {}


def test_every_table_is_written_down_or_left_out_for_a_reason() -> None:
    kept = Counter(table for tables in LEFT_OUT.values() for table in tables.split())
    kept.update(table for table, *_columns in audited_tables())
    assert kept == Counter(model._meta.db_table for model in every_model())


def test_what_is_left_out_and_tells_of_money_is_decided_by_nobody_later() -> None:
    of_money = {
        model._meta.db_table
        for model in every_model()
        if any(isinstance(field, MoneyField) for field in model._meta.local_concrete_fields)
    }
    reasons = {reason for reason, tables in LEFT_OUT.items() if of_money & set(tables.split())}
    assert reasons == {ONLY_GROWS, JUDGED_ANEW}


def test_a_history_that_is_left_out_cannot_be_changed() -> None:
    guards = {(table, f"{table}_append_only") for table in LEFT_OUT[ONLY_GROWS].split()}
    assert guards <= actual_triggers().keys()


def test_all_four_triggers_stand() -> None:
    events = {(table, f"{table}_audit_{event}") for table, *_columns in audited_tables() for event in EVENTS}
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
