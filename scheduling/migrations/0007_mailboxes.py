"""Whose direct bookings a booking is counted with: one mailbox, however it is spelled, or one phone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the columns and their indexes."""

    dependencies = [
        ("accounts", "0005_mailboxes"),
        ("scheduling", "0006_search_and_sort_keys"),
    ]

    operations = [
        migrations.RunSQL(sql="SET LOCAL statement_timeout = 0", reverse_sql=migrations.RunSQL.noop),
        migrations.AddField(
            model_name="appointment",
            name="mailbox",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("contact_email"),
                    output_field=models.TextField(),
                    template="CASE WHEN split_part(lower(%(expressions)s), '@', 2) IN ('gmail.com', 'googlemail.com') THEN replace(split_part(split_part(lower(%(expressions)s), '@', 1), '+', 1), '.', '') || '@gmail.com' WHEN split_part(lower(%(expressions)s), '@', 2) = '' THEN '' ELSE split_part(split_part(lower(%(expressions)s), '@', 1), '+', 1) || '@' || split_part(lower(%(expressions)s), '@', 2) END",
                ),
                output_field=models.TextField(db_collation="C"),
                verbose_name="mailbox",
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("holder__isnull", True)),
                fields=["mailbox", "created_at"],
                name="appointment_direct_mailbox",
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("holder__isnull", True), models.Q(("contact_phone", ""), _negated=True)),
                fields=["contact_phone", "created_at"],
                name="appointment_direct_phone",
            ),
        ),
    ]
