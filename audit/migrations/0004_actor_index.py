"""Who changed it is looked for among all changes."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("audit", "0003_plain_plural")]

    operations = [
        AddIndexConcurrently(
            model_name="entry",
            index=models.Index(fields=["actor", "-id"], name="entry_actor"),
        )
    ]
