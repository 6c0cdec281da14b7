"""What the shop keeps of something that is called off late."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the setting and its share."""

    dependencies = [
        ("shop", "0009_who_acted"),
    ]

    operations = [
        migrations.AddField(
            model_name="shopsettings",
            name="late_fee",
            field=models.CharField(
                choices=[("none", "Nothing"), ("deposit", "The deposit"), ("share", "A share of the price")],
                db_default="none",
                default="none",
                help_text="Of what was paid, past the time for cancelling or if nobody comes. Orders keep what they agreed.",
                max_length=7,
                verbose_name="kept when called off late",
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="late_fee_percent",
            field=models.PositiveIntegerField(
                db_default=50,
                default=50,
                help_text="Of the price, where a share of it is kept.",
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)],
                verbose_name="share kept (%)",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("late_fee__in", ("none", "deposit", "share"))), name="shopsettings_late_fee_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("late_fee_percent__gte", 1), ("late_fee_percent__lte", 100)),
                name="shopsettings_late_fee_percent",
            ),
        ),
    ]
