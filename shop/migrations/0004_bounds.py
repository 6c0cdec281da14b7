"""How long a cart keeps units in all, and how much one person may book or leave unpaid."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the columns."""

    dependencies = [
        ("shop", "0003_what_can_be_completed"),
    ]

    operations = [
        migrations.AddField(
            model_name="shopsettings",
            name="cart_hold_total_minutes",
            field=models.PositiveIntegerField(
                default=60,
                help_text="Minutes after which a line's units or time go back, however often it is changed.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(10080),
                ],
                verbose_name="cart keeps units in all for",
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="max_bookings_per_day",
            field=models.PositiveIntegerField(
                default=5,
                help_text="Visits one person, known by e-mail or phone, may book in 24 hours without paying.",
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)],
                verbose_name="bookings per person and day",
            ),
        ),
        migrations.AlterField(
            model_name="shopsettings",
            name="max_open_orders_per_email",
            field=models.PositiveIntegerField(
                default=3,
                help_text="Unpaid orders one person, known by e-mail or phone, may have open.",
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)],
                verbose_name="open orders per person",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("cart_hold_total_minutes__gte", 1), ("cart_hold_total_minutes__lte", 10080)),
                name="shopsettings_cart_hold_total_minutes",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_bookings_per_day__gte", 1), ("max_bookings_per_day__lte", 100)),
                name="shopsettings_max_bookings_per_day",
            ),
        ),
    ]
