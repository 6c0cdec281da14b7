"""Things are sold by the piece, by weight or by volume."""

from django.db import migrations, models

import common.money
from common.append_only import fixed


class Migration(migrations.Migration):
    """Adds what a variant is counted in, which the database lets nobody change."""

    dependencies = [("catalog", "0004_deposits")]

    operations = [
        migrations.AddField(
            model_name="variant",
            name="unit",
            field=models.CharField(
                choices=[("piece", "piece"), ("g", "gram"), ("ml", "millilitre")],
                db_default="piece",
                default="piece",
                help_text="What it is counted in; never changes, since its stock is counted in it.",
                max_length=5,
                verbose_name="unit",
            ),
        ),
        migrations.AddField(
            model_name="variant",
            name="price_per",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                help_text="How many units the price is for: 1 or 1,000.",
                verbose_name="price per",
            ),
        ),
        migrations.AlterField(
            model_name="variant",
            name="price",
            field=common.money.MoneyField(
                decimal_places=2,
                help_text="Of one piece, or of so many g or ml.",
                max_digits=12,
                verbose_name="price",
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("price_per", 1), ("unit", "piece")),
                    models.Q(("price_per__in", [1, 1000]), ("unit__in", ["g", "ml"])),
                    _connector="OR",
                ),
                name="variant_unit_known",
            ),
        ),
        fixed(table="catalog_variant", columns=["unit", "price_per"]),
    ]
