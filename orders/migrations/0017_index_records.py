"""The ways from a record to what is under it, and to whom nobody has looked at yet."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the indexes while the shop goes on."""

    atomic = False
    dependencies = [("orders", "0016_records")]

    operations = [
        AddIndexConcurrently(
            model_name="ordercontact",
            index=models.Index(
                condition=models.Q(("record__isnull", False)), fields=["record", "order"], name="ordercontact_record"
            ),
        ),
        AddIndexConcurrently(
            model_name="ordercontact",
            index=models.Index(
                condition=models.Q(
                    ("anonymised_at__isnull", True),
                    ("record__isnull", True),
                    models.Q(("document", ""), ("email", ""), ("phone", ""), _negated=True),
                ),
                fields=["id"],
                name="ordercontact_unknown",
            ),
        ),
    ]
