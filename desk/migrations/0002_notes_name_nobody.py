"""What the desk noted of people names them no more: it outlived their erasure."""

from django.db import migrations

NAMELESS = """
UPDATE django_admin_log SET object_repr = kind.app_label || '.' || kind.model || ' ' || object_id
FROM django_content_type kind
WHERE kind.id = content_type_id AND kind.app_label || '.' || kind.model IN (
    'accounts.block', 'accounts.customer', 'customers.customerrecord', 'orders.ordercontact', 'scheduling.appointment'
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0001_initial"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunSQL(sql=NAMELESS, reverse_sql=migrations.RunSQL.noop)]
