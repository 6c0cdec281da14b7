"""What the team did to visits since yesterday is found by when it happened."""

from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("scheduling", "0016_index_records")]

    operations = [
        AddIndexConcurrently(
            model_name="appointmentevent",
            index=BrinIndex(autosummarize=True, fields=["at"], name="appointmentevent_at"),
        )
    ]
