"""Variants keep the number under their bars; the index is built beside whoever reads and writes."""

from django.db import migrations, models
from django.db.models import Q

ONCE = models.UniqueConstraint(condition=~Q(barcode=""), fields=["barcode"], name="variant_barcode_once")


class Migration(migrations.Migration):
    """Adds the number, its form, and that it is one variant's."""

    atomic = False

    dependencies = [("catalog", "0006_fewer_indexes")]

    operations = [
        migrations.AddField(
            "variant",
            "barcode",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The number under its bars (GTIN), with its check digit.",
                max_length=14,
                verbose_name="barcode",
            ),
        ),
        migrations.AddConstraint(
            "variant",
            models.CheckConstraint(
                condition=Q(("barcode", ""), ("barcode__regex", "^([0-9]{8}|[0-9]{12,14})$"), _connector="OR"),
                name="variant_barcode_form",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="CREATE UNIQUE INDEX CONCURRENTLY variant_barcode_once ON catalog_variant (barcode)"
                    " WHERE NOT barcode = ''",
                    reverse_sql="DROP INDEX variant_barcode_once",
                )
            ],
            state_operations=[migrations.AddConstraint("variant", ONCE)],
        ),
    ]
