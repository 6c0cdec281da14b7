"""What was written beside a movement is found fast."""

from django.db import migrations

from common.search import trigram_index


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("catalog", "0002_changes_and_search"), ("inventory", "0005_audit")]

    operations = [
        trigram_index(
            name="stockmovement_search_trigrams",
            on="inventory_stockmovement USING gin (upper(reason) gin_trgm_ops, upper(reference) gin_trgm_ops)",
        )
    ]
