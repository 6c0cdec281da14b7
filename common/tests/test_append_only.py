"""What migrations that have run were made of stays as it was, to the letter."""

import hashlib

from django.db.migrations.operations import RunSQL

from common.append_only import append_only, frozen

HISTORY = {
    "append_only": "b3bdc18ba74fb394e0737497fbf92720",
    "frozen": "4a8f765123d8d67bded08be2f0993577",
}


def digest(operation: RunSQL) -> str:
    """Return the fingerprint of what an operation does and undoes."""
    return hashlib.sha256(f"{operation.sql}\0{operation.reverse_sql}".encode()).hexdigest()[:32]


def test_guards_that_migrations_have_put_up_are_not_rewritten() -> None:
    made = {"append_only": append_only(table="things"), "frozen": frozen(table="things", columns=["one", "other"])}
    assert {name: digest(operation) for name, operation in made.items()} == HISTORY
