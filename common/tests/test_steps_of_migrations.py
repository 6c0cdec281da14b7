"""What migrations that have run were made of stays as it was, to the letter."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.operations import RunSQL

from common.append_only import append_only, fixed, frozen
from common.search import trigram_index, words_sql

HISTORY = {
    "append_only": "b3bdc18ba74fb394e0737497fbf92720",
    "frozen": "4a8f765123d8d67bded08be2f0993577",
    "fixed": "960e624785d720681c327c236e87a7dd",
}
WORDS = "ba7c2ad29c863fe5cd52067722fc4c5c"


def digest(text: str) -> str:
    """Return the fingerprint of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def of(operation: RunSQL) -> str:
    """Return what an operation does and undoes."""
    return f"{operation.sql}\0{operation.reverse_sql}"


def test_guards_that_migrations_have_put_up_are_not_rewritten() -> None:
    made = {
        "append_only": append_only(table="things"),
        "frozen": frozen(table="things", columns=["one", "other"]),
        "fixed": fixed(table="things", columns=["one", "other"]),
    }
    assert {name: digest(of(operation)) for name, operation in made.items()} == HISTORY


def test_the_words_of_an_index_that_migrations_have_built_are_not_rewritten() -> None:
    assert digest(words_sql("reason")) == WORDS


@pytest.mark.django_db(transaction=True)
def test_an_index_of_parts_of_words_is_built_as_migrations_have_built_it() -> None:
    step = trigram_index(name="things", on="common_outage USING gin (name gin_trgm_ops)")
    acts: list[Any] = [step.code, step.reverse_code]
    said: list[str] = []

    def listen(execute: Callable[..., Any], statement: str, *others: Any) -> Any:
        said.append(statement)
        return execute(statement, *others)

    with connection.execute_wrapper(listen):
        for act in acts:
            act(apps, connection.schema_editor())
    assert said == [
        "DROP INDEX CONCURRENTLY IF EXISTS things",
        "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')",
        "CREATE INDEX CONCURRENTLY things ON common_outage USING gin (name gin_trgm_ops)",
        "DROP INDEX CONCURRENTLY IF EXISTS things",
    ]
