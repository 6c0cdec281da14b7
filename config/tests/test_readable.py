"""Every column is read by reports or is private for a reason: what is new is nobody's until somebody decides."""

import re
from collections import Counter

from django.apps import apps

from config.tests.private_columns import COLUMNS, TABLES, named
from devstack.state import ROOT

ROLES = (ROOT / "deploy" / "sql" / "roles.sql").read_text()
READABLE = ROLES.partition("CREATE TEMPORARY TABLE readable")[2].partition(";\n")[0]


def readable() -> set[str]:
    """Return what roles.sql lets reports read, as table.column."""
    rows = re.findall(r"\('(\w+)', '([\w\s]+)'\)", READABLE)
    return {f"{table}.{column}" for table, columns in rows for column in columns.split()}


def there() -> set[str]:
    """Return every column that the shop's tables have."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return {
        f"{model._meta.db_table}.{field.column}" for model in models if not model._meta.proxy
        for field in model._meta.concrete_fields
    }  # fmt: skip


def test_every_column_is_read_by_reports_or_private_and_not_both() -> None:
    private = {column for column in there() if column.partition(".")[0] in named(TABLES)} | set(named(COLUMNS))
    assert len(readable()) > 200
    assert sorted(there() - readable() - private) == []
    assert sorted(readable() & private) == []


def test_nothing_stands_there_twice_or_that_the_shop_does_not_have() -> None:
    tables = {column.partition(".")[0] for column in there()} | {"django_migrations"}
    assert sorted(set(named(TABLES)) - tables) == []
    assert sorted((set(named(COLUMNS)) | readable()) - there()) == []
    assert [name for name, times in Counter([*named(TABLES), *named(COLUMNS)]).items() if times > 1] == []
    listed = Counter(re.findall(r"\('(\w+)', '", READABLE))
    assert [name for name, times in listed.items() if times > 1] == []
