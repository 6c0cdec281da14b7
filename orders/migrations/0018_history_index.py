"""What happened on a day is found by when it happened."""

from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0017_index_records")]

    operations = [
        AddIndexConcurrently(
            model_name="orderevent",
            index=BrinIndex(autosummarize=True, fields=["at"], name="orderevent_at"),
        )
    ]
