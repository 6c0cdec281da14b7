"""What of each line of an order was asked as a deposit."""

from decimal import Decimal

from django.db import migrations, models

import common.money


class Migration(migrations.Migration):
    """Adds the columns and what they may say."""

    dependencies = [
        ("catalog", "0004_deposits"),
        ("orders", "0010_agreed_anew"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="deposit",
            field=common.money.MoneyField(
                db_default=0,
                decimal_places=2,
                default=0,
                help_text="What of it was asked when it was sold.",
                max_digits=12,
                verbose_name="deposit",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(("deposit__gte", 0), ("deposit__lte", Decimal("99999999.99"))),
                name="orderline_deposit_bounds",
            ),
        ),
    ]
