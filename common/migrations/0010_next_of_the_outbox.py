"""The next messages of the outbox are found without walking past those that were delivered."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("common", "0009_examinations")]

    operations = [
        AddIndexConcurrently(
            model_name="outboxmessage",
            index=models.Index(
                fields=["id"],
                name="outboxmessage_next",
                condition=models.Q(done_at__isnull=True, dead_at__isnull=True),
            ),
        )
    ]
