"""The linter of migrations lets ours pass, and would not if those before the first release were not left out."""

import pytest

from devstack import migration_lint


@pytest.mark.fault("D17")
@pytest.mark.django_db(transaction=True)  # what is built concurrently is in no transaction
def test_no_migration_of_ours_stops_a_shop_that_serves() -> None:
    assert migration_lint.main() == 0
    old = migration_lint.lint(only=migration_lint.BEFORE_THE_FIRST_RELEASE[:3])
    assert old.nb_total >= 3
    assert old.has_errors
