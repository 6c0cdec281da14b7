"""Whom a parked sale was for is known while it waits, and in no step of its history."""

from django.db import migrations

FOR_NOBODY = """
ALTER TABLE counter_parkedstep DISABLE TRIGGER counter_parkedstep_append_only;
UPDATE counter_parkedstep SET sale = sale || '{"name": "", "phone": "", "document": "", "note": ""}';
ALTER TABLE counter_parkedstep ENABLE TRIGGER counter_parkedstep_append_only;
UPDATE counter_parkedsale SET sale = sale || '{"name": "", "phone": "", "document": "", "note": ""}'
WHERE status <> 'open' AND NOT EXISTS (
    SELECT FROM counter_awaitedpix pix WHERE pix.parked_id = counter_parkedsale.id AND pix.status = 'waiting'
);
"""


class Migration(migrations.Migration):
    dependencies = [("counter", "0006_audit")]

    operations = [migrations.RunSQL(sql=FOR_NOBODY, reverse_sql=migrations.RunSQL.noop)]
