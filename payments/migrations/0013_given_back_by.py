"""What somebody has given back today is found by who and when."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0012_tips")]

    operations = [
        AddIndexConcurrently(
            model_name="moneystep",
            index=models.Index(
                condition=models.Q(("refund__isnull", False)), fields=["actor_id", "at"], name="moneystep_gave_back"
            ),
        )
    ]
