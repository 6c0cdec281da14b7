"""What was written beside a movement is found fast; the extension for it is wanted, not needed."""

from typing import Any

from django.db import migrations

NAME = "stockmovement_search_trigrams"
BUILT = f"""
CREATE INDEX CONCURRENTLY {NAME} ON inventory_stockmovement
USING gin (upper(reason) gin_trgm_ops, upper(reference) gin_trgm_ops)
"""


def build(apps: Any, schema_editor: Any) -> None:
    """Build the index beside the shop, after what a run that was broken off may have left of it."""
    drop(apps, schema_editor)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')")
        if cursor.fetchone() == (True,):
            cursor.execute(BUILT)


def drop(apps: Any, schema_editor: Any) -> None:
    """Drop the index, if it is there."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("catalog", "0002_changes_and_search"), ("inventory", "0005_audit")]

    operations = [migrations.RunPython(build, drop)]
