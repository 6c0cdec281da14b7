"""The ways from a record to what is under it, and to whom nobody has looked at yet."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the indexes while the shop goes on."""

    atomic = False
    dependencies = [("scheduling", "0015_records")]

    operations = [
        AddIndexConcurrently(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("record__isnull", False)), fields=["record", "starts_at"], name="appointment_record"
            ),
        ),
        AddIndexConcurrently(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(
                    ("awaits_click", False),
                    ("record__isnull", True),
                    models.Q(("state__in", ["held", "expired"]), _negated=True),
                    models.Q(("contact_email", ""), ("contact_phone", ""), _negated=True),
                ),
                fields=["id"],
                name="appointment_unknown",
            ),
        ),
    ]
