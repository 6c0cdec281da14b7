"""What is kept of an order's money for calling off late."""

import django.db.models.expressions
from django.db import migrations, models

import common.money


class Migration(migrations.Migration):
    """Adds the amount, its bounds, and the right to waive it."""

    dependencies = [
        ("accounts", "0009_second_factor"),
        ("cart", "0004_releasing"),
        ("orders", "0013_fewer_indexes"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="order",
            options={
                "permissions": [
                    ("confirm_order", "Can confirm orders"),
                    ("fulfil_order", "Can fulfil and complete orders"),
                    ("cancel_order", "Can cancel orders"),
                    ("waive_fee", "Can waive the fee for calling off late"),
                ],
                "verbose_name": "order",
                "verbose_name_plural": "orders",
            },
        ),
        migrations.AddField(
            model_name="order",
            name="late_fee",
            field=common.money.MoneyField(
                db_default=0,
                decimal_places=2,
                default=0,
                help_text="Kept of what was paid for what was called off late, or that nobody came to.",
                max_digits=12,
                verbose_name="kept as a fee",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("late_fee__gte", 0),
                    ("late_fee__lte", models.F("cancelled")),
                    (
                        "late_fee__lte",
                        django.db.models.expressions.CombinedExpression(models.F("paid"), "-", models.F("refunded")),
                    ),
                ),
                name="order_late_fee_of_money_kept",
            ),
        ),
    ]
