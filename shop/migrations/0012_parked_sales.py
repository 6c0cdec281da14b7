"""For how long a parked sale keeps its units."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the minutes."""

    dependencies = [
        ("shop", "0011_counter_discount"),
    ]

    operations = [
        migrations.AddField(
            model_name="shopsettings",
            name="parked_hold_minutes",
            field=models.PositiveIntegerField(
                db_default=240,
                default=240,
                help_text="Minutes that a parked sale keeps its units, where it is told to.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(10080),
                ],
                verbose_name="parked sale keeps units for",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("parked_hold_minutes__gte", 1), ("parked_hold_minutes__lte", 10080)),
                name="shopsettings_parked_hold_minutes",
            ),
        ),
    ]
