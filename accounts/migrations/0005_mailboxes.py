"""What the spellings of a customer's address have in common; the blocked are found by it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the columns and their indexes."""

    dependencies = [
        ("accounts", "0004_verified_mailboxes"),
    ]

    operations = [
        migrations.RunSQL(sql="SET LOCAL statement_timeout = 0", reverse_sql=migrations.RunSQL.noop),
        migrations.AddField(
            model_name="customer",
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
            model_name="customer",
            index=models.Index(
                condition=models.Q(("anonymised_at__isnull", True), ("is_active", False)),
                fields=["mailbox"],
                name="customer_blocked",
            ),
        ),
    ]
