"""`python -m devstack.migration_lint`: refuse migrations that would break the release that is still serving.

A program of its own, so that the linter need not be an installed app. Needs a database: see `devstack.isolated`.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import django
from django.apps import apps
from django_migration_linter import MessageType, MigrationLinter

ROOT = Path(__file__).resolve().parents[1]
# Made before the first release, when no table served anybody: they may lock what they like.
BEFORE_THE_FIRST_RELEASE = (
    "0009_drawer",
    "0012_units",
    "0005_one_beginning",
    "0005_units",
    "0008_clicks",
    "0012_clicks",
    "0007_life_of_links",
    "0002_tender",
    "0004_one_truth",
    "0006_gateways",
    "0005_money_guards",
    "0003_notices_of_versions",
    "0003_what_can_be_completed",
    "0007_documents_shut_nobody_out",
    "0005_mailboxes",
    "0009_second_factor",
    "0008_mailboxes",
    "0007_mailboxes",
    "0003_kept_units",
    "0004_bounds",
    "0005_bounds_by_address",
    "0006_mailboxes_of_all",
    "0008_blocks",
    "0009_whence_time_is_taken",
    "0004_called_off",
    "0004_verified_mailboxes",
    "0002_changes_and_search",
    "0003_search_and_sort_keys",
    "0005_search_and_sort_keys",
    "0006_search_and_sort_keys",
    "0003_reference_search",
    "0004_verified_mailboxes",
    "0004_called_off",
    "0002_tender",
    "0003_notices_of_versions",
    "0003_what_can_be_completed",
)
# Indexes of tables that the migration itself makes; the linter reads "ON table" wrongly where an index has a condition.
ON_NEW_TABLES = ("0001_records",)
# In a database that is migrated already, the linter takes an index of a later migration for the one that is taken away.
TAKEN_FOR_ANOTHER = ("0013_fewer_indexes",)
MATTERS_OF_TASTE = ("RUNPYTHON_MODEL_VARIABLE_NAME",)


def lint(*, only: Sequence[str] | None = None, but: Sequence[str] = ()) -> MigrationLinter:
    """Lint migrations of the project's own apps, chosen by their names; return what was found."""
    linter = MigrationLinter(
        include_apps=[app.label for app in apps.get_app_configs() if Path(app.path).parent == ROOT],
        exclude_migration_tests=MATTERS_OF_TASTE,
        all_warnings_as_errors=True,
        no_cache=True,
        quiet=[MessageType.OK.value, MessageType.IGNORE.value],
        include_name=only,
        ignore_name=but,
    )
    linter.lint_all_migrations()
    linter.print_summary()
    return linter


def main() -> int:
    """Lint every migration but those left out above; return the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    django.setup()
    found = lint(but=BEFORE_THE_FIRST_RELEASE + ON_NEW_TABLES + TAKEN_FOR_ANOTHER)
    return 1 if found.has_errors or not found.nb_total else 0


if __name__ == "__main__":
    sys.exit(main())
