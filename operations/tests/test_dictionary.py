"""The dictionary of the database: every column is explained, and it is the database's, no more and no less."""

import re

import pytest
from django.apps import apps
from django.db import connection, models

from devstack.state import ROOT
from operations.explained import dictionary
from operations.integrity import CHECKS

KEPT_TWICE = (ROOT / "docs" / "adr" / "0031-kept-twice-on-purpose.md").read_text()
README = (ROOT / "docs" / "database" / "README.md").read_text()
TABLES = [
    model for label in dictionary.OURS for model in dictionary.tables_of(apps.get_app_config(label))
]  # fmt: skip
OF_PACKAGES = r"^(auth|django|otp)_|^accounts_user_(groups|user_permissions)$"


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.db_table)
def test_every_column_says_what_it_is_and_every_table_what_it_holds(model: type[models.Model]) -> None:
    silent = [field.name for field in dictionary.columns_of(model) if not dictionary.explained(model, field).strip()]
    assert silent == [], "give them a help_text"
    assert model._meta.auto_created or not (model.__doc__ or "").startswith(f"{model.__name__}("), "give it a docstring"
    assert [one.name for one in dictionary.constraints_of(model) if not one.name] == []


def test_fields_that_are_no_columns_say_what_they_are_too() -> None:
    silent = [
        f"{model._meta.label}.{field.name}" for model in TABLES for field in model._meta.local_many_to_many if not field.help_text
    ]  # fmt: skip
    assert silent == []


def test_no_app_with_tables_is_missing() -> None:
    ours = {
        app.label
        for app in apps.get_app_configs()
        if (ROOT / app.label).is_dir() and any(model._meta.managed for model in app.get_models())
    }
    assert ours == set(dictionary.OURS)


@pytest.mark.django_db
def test_columns_and_constraints_are_those_of_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
            "WHERE attnum > 0 AND NOT attisdropped AND relkind = 'r' AND relnamespace = 'public'::regnamespace "
            "AND relname !~ %s",
            [OF_PACKAGES],
        )
        columns = set(cursor.fetchall())
        cursor.execute("SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class WHERE relkind = 'i'")
        names = {name for (name,) in cursor.fetchall()}
    explained = {(model._meta.db_table, field.column) for model in TABLES for field in dictionary.columns_of(model)}
    explained = {(table, column) for table, column in explained if not re.search(OF_PACKAGES, table)}
    assert explained == columns
    told = {one.name for model in TABLES for one in (*dictionary.constraints_of(model), *model._meta.indexes)}
    assert told - names == set()


@pytest.mark.django_db
def test_every_trigger_says_what_it_promises_and_no_other_does() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal")
        triggers = {name for (name,) in cursor.fetchall()}
    section = README.partition("## What triggers promise")[2].partition("\n## ")[0]
    patterns = {name for line in section.splitlines() if line.startswith("| `") for name in re.findall(r"`([^`]+)`", line.split("|")[1])}  # fmt: skip
    matched = {
        pattern: {name for name in triggers if re.fullmatch(pattern.replace("*", r"\w+"), name)} for pattern in patterns
    }
    assert sorted(pattern for pattern, found in matched.items() if not found) == []
    assert sorted(triggers - set().union(*matched.values())) == []


@pytest.mark.django_db
def test_what_holds_a_copy_equal_to_its_source_is_there() -> None:
    columns = {f"{model._meta.db_table}.{field.column}" for model in TABLES for field in dictionary.columns_of(model)}
    named = set(re.findall(r"`(\w+\.\w+)`", KEPT_TWICE))
    assert sorted(named - columns - {check.name for check in CHECKS}) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION SELECT conname FROM pg_constraint")
        there = {name for (name,) in cursor.fetchall()}
    held = re.findall(
        r"`(?:CHECK )?(\w+_(?:append_only|frozen|repriced|step|transition|adds_up|within_paid))`", KEPT_TWICE
    )
    assert len(held) > 10
    assert sorted(set(held) - there) == []


def test_every_view_for_other_programs_is_named_and_explained_and_no_other() -> None:
    made = re.findall(
        r"^CREATE VIEW reporting\.(\w+)", (ROOT / "deploy" / "sql" / "roles.sql").read_text(), re.MULTILINE
    )
    page = (ROOT / "docs" / "operations" / "reporting.md").read_text()
    section = page.partition("## Schema `reporting`")[2].partition("\n\nMaria")[0]
    assert len(made) > 0
    assert re.findall(r"`reporting\.(\w+)`", README) == made
    assert re.findall(r"^\| `(\w+)`", section, re.MULTILINE) == made


@pytest.mark.django_db
def test_the_shop_itself_has_no_views() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT viewname FROM pg_views WHERE schemaname = 'public'")
        assert cursor.fetchall() == []
