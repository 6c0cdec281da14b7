"""Accounts that were closed before are erased once more, and now from what stands under their records too.

The worker of the release before may still run, and would hear of them as it always did; so they wait for a day.
"""

from django.db import migrations

ONCE_MORE = """
INSERT INTO common_outboxmessage (event_id, name, handler, payload, occurred_at, not_before, attempts, last_error)
SELECT gen_random_uuid(), 'account.closed', 'customers.services.erase_record',
       jsonb_build_object('customer', account.public_id), now() + interval '1 day', now() + interval '1 day', 0, ''
FROM customers_customerrecord record JOIN accounts_customer account ON account.id = record.account_id
WHERE account.anonymised_at IS NOT NULL
"""


class Migration(migrations.Migration):
    """Lets the worker hear of them again."""

    dependencies = [("customers", "0005_audit"), ("common", "0006_outbox_request")]

    operations = [migrations.RunSQL(sql=ONCE_MORE, reverse_sql=migrations.RunSQL.noop)]
