"""Why stock was moved is found with and without accents."""

from django.db import migrations

from common.search import trigram_index, words_sql


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inventory", "0006_movement_search")]

    operations = [
        trigram_index(
            name="stockmovement_search_trigrams",
            on=f"inventory_stockmovement USING gin ({words_sql('reason')} gin_trgm_ops, upper(reference) gin_trgm_ops)",
        )
    ]
