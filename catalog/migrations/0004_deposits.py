"""What of the price of goods is asked when ordering."""

from decimal import Decimal

import django.core.validators
from django.db import migrations, models

import common.money


class Migration(migrations.Migration):
    """Adds the columns and what they may say."""

    dependencies = [
        ("catalog", "0003_search_and_sort_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="product",
            name="deposit_amount",
            field=common.money.MoneyField(
                db_default=Decimal("0.00"),
                decimal_places=2,
                default=Decimal("0.00"),
                help_text="Due when ordering for each unit, and never more than its price.",
                max_digits=12,
                verbose_name="deposit as an amount",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="deposit_percent",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="Share of the price due when ordering, in percent.",
                validators=[django.core.validators.MaxValueValidator(100)],
                verbose_name="deposit in percent",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("deposit_percent__lte", 100)), name="product_deposit_bounds"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("deposit_amount", 0),
                    models.Q(
                        ("deposit_amount__gt", 0),
                        ("deposit_amount__lte", Decimal("99999999.99")),
                        ("deposit_percent", 0),
                    ),
                    _connector="OR",
                ),
                name="product_deposit_one_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "goods"), models.Q(("deposit_amount", 0), ("deposit_percent", 0)), _connector="OR"
                ),
                name="product_deposit_of_goods",
            ),
        ),
    ]
