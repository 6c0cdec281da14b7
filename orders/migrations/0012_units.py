"""Orders keep what their lines are counted in."""

import django.db.models.expressions
import django.db.models.functions.math
from django.db import migrations, models

import common.money


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_units"),
        ("orders", "0011_deposits"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="orderline",
            name="orderline_quantity_bounds",
        ),
        migrations.RemoveConstraint(
            model_name="orderline",
            name="orderline_total_adds_up",
        ),
        migrations.AddField(
            model_name="orderline",
            name="price_per",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                help_text="How many units the price is for: 1 or 1,000.",
                verbose_name="price per",
            ),
        ),
        migrations.AddField(
            model_name="orderline",
            name="unit",
            field=models.CharField(
                choices=[("piece", "piece"), ("g", "gram"), ("ml", "millilitre")],
                db_default="piece",
                default="piece",
                help_text="What the quantity is counted in.",
                max_length=5,
                verbose_name="unit",
            ),
        ),
        migrations.AlterField(
            model_name="fulfilmentline",
            name="quantity",
            field=models.PositiveIntegerField(help_text="How many units.", verbose_name="quantity"),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="line_total",
            field=common.money.MoneyField(
                decimal_places=2,
                help_text="What the quantity costs, less the discount.",
                max_digits=12,
                verbose_name="line total",
            ),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="quantity",
            field=models.PositiveIntegerField(help_text="Units sold; a visit is one.", verbose_name="quantity"),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="unit_price",
            field=common.money.MoneyField(
                decimal_places=2,
                help_text="Price when it was sold, of so many units.",
                max_digits=12,
                verbose_name="unit price",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("quantity__gte", 1),
                    ("quantity__lte", 100000),
                    models.Q(models.Q(("unit", "piece"), _negated=True), ("quantity__lte", 999), _connector="OR"),
                ),
                name="orderline_quantity_bounds",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("price_per", 1), ("unit", "piece")),
                    models.Q(("price_per__in", [1, 1000]), ("unit__in", ["g", "ml"])),
                    _connector="OR",
                ),
                name="orderline_unit_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "line_total",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.functions.math.Round(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("unit_price"), "*", models.F("quantity")
                                    ),
                                    "/",
                                    models.F("price_per"),
                                ),
                                precision=2,
                            ),
                            "-",
                            models.F("discount"),
                        ),
                    )
                ),
                name="orderline_total_adds_up",
            ),
        ),
    ]
