"""Why money went back is found with and without accents."""

from django.db import migrations

from common.search import trigram_index, words_sql


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0016_refunds_found")]

    operations = [
        trigram_index(
            name="refund_reason_trigrams", on=f"payments_refund USING gin ({words_sql('reason')} gin_trgm_ops)"
        )
    ]
