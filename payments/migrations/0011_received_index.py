"""What came on a day is found by when it came."""

from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0010_drawer_guards")]

    operations = [
        AddIndexConcurrently(
            model_name="payment",
            index=BrinIndex(autosummarize=True, fields=["received_at"], name="payment_received"),
        )
    ]
