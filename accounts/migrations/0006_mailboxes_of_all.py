"""All accounts that read one mailbox are one person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the index."""

    dependencies = [
        ("accounts", "0005_mailboxes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("mailbox", ""), _negated=True), fields=["mailbox"], name="customer_mailbox"
            ),
        ),
    ]
