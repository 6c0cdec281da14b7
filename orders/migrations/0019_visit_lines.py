"""Orders that hold visits are found without reading the lines of all others."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0018_history_index")]

    operations = [
        AddIndexConcurrently(
            model_name="orderline",
            index=models.Index(fields=["order"], name="orderline_visits", condition=models.Q(kind="visit")),
        )
    ]
