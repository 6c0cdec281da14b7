"""What the database itself refuses of records: edited histories. And the index that searching is fast with.

The extension for fast search is wanted, not needed, as for products.
"""

from django.db import migrations

from common.append_only import append_only

TRIGRAMS = """
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX IF NOT EXISTS customerrecord_search_trigrams ON customers_customerrecord
        USING gin (search_key gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'searching without pg_trgm: %', SQLERRM;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_records")]

    operations = [
        append_only(table="customers_customerstep"),
        migrations.RunSQL(sql=TRIGRAMS, reverse_sql=migrations.RunSQL.noop),
    ]
