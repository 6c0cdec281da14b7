"""Visits of a span of time, whatever became of them, are found by their start; so is the first page of the desk's list."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("scheduling", "0022_audit_of_prices")]

    operations = [
        AddIndexConcurrently(
            model_name="appointment", index=models.Index(fields=["starts_at", "id"], name="appointment_start")
        ),
        RemoveIndexConcurrently(model_name="appointment", name="appointment_confirmed_start"),
    ]
