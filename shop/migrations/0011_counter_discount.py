"""What may be taken off a sale at the counter."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the share."""

    dependencies = [
        ("shop", "0010_late_fee"),
    ]

    operations = [
        migrations.AddField(
            model_name="shopsettings",
            name="counter_discount_percent",
            field=models.PositiveIntegerField(
                db_default=10,
                default=10,
                help_text="What who sells at the counter may take off a sale; the owner may take off anything.",
                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                verbose_name="discount at the counter (%)",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("counter_discount_percent__gte", 0), ("counter_discount_percent__lte", 100)),
                name="shopsettings_counter_discount_percent",
            ),
        ),
    ]
