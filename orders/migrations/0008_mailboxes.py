"""Whose unpaid orders an order is counted with: one mailbox, however it is spelled, or one phone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the columns and their indexes."""

    dependencies = [
        ("orders", "0007_erased_contacts"),
    ]

    operations = [
        migrations.RunSQL(sql="SET LOCAL statement_timeout = 0", reverse_sql=migrations.RunSQL.noop),
        migrations.AddField(
            model_name="ordercontact",
            name="mailbox",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("email"),
                    output_field=models.TextField(),
                    template="CASE WHEN split_part(lower(%(expressions)s), '@', 2) IN ('gmail.com', 'googlemail.com') THEN replace(split_part(split_part(lower(%(expressions)s), '@', 1), '+', 1), '.', '') || '@gmail.com' WHEN split_part(lower(%(expressions)s), '@', 2) = '' THEN '' ELSE split_part(split_part(lower(%(expressions)s), '@', 1), '+', 1) || '@' || split_part(lower(%(expressions)s), '@', 2) END",
                ),
                output_field=models.TextField(db_collation="C"),
                verbose_name="mailbox",
            ),
        ),
        migrations.AddIndex(
            model_name="ordercontact",
            index=models.Index(fields=["mailbox"], name="ordercontact_mailbox"),
        ),
        migrations.AddIndex(
            model_name="ordercontact",
            index=models.Index(
                condition=models.Q(("phone", ""), _negated=True), fields=["phone"], name="ordercontact_phone"
            ),
        ),
    ]
