"""Refunds are found by when the money went back, and by parts of their reason."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from common.search import trigram_index


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0015_audit_of_tips")]

    operations = [
        AddIndexConcurrently(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("returned_at__isnull", False)), fields=["returned_at"], name="refund_returned"
            ),
        ),
        trigram_index(name="refund_reason_trigrams", on="payments_refund USING gin (upper(reason) gin_trgm_ops)"),
    ]
