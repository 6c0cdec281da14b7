"""What was written beside a payment is found fast; the extension for it is wanted, not needed."""

from django.db import migrations

TRIGRAMS = """
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX IF NOT EXISTS payment_reference_trigrams ON payments_payment
        USING gin (upper(reference) gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'searching without pg_trgm: %', SQLERRM;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0002_tender"),
    ]

    operations = [
        migrations.RunSQL(sql="SET LOCAL statement_timeout = 0", reverse_sql=migrations.RunSQL.noop),
        migrations.RunSQL(sql=TRIGRAMS, reverse_sql="DROP INDEX IF EXISTS payment_reference_trigrams"),
    ]
