"""How much all who share an internet address may keep; every bound can be lifted."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the columns and lets the bounds be nothing."""

    dependencies = [
        ("shop", "0004_bounds"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="shopsettings",
            name="shopsettings_max_open_orders_per_email",
        ),
        migrations.RemoveConstraint(
            model_name="shopsettings",
            name="shopsettings_max_holds_per_customer",
        ),
        migrations.RemoveConstraint(
            model_name="shopsettings",
            name="shopsettings_max_bookings_per_day",
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="address_hold_total_minutes",
            field=models.PositiveIntegerField(
                default=60,
                help_text="The same for people without a proved e-mail who share an internet address; 0 sets no limit.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(10080),
                ],
                verbose_name="one connection keeps in all for",
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="max_bookings_per_address",
            field=models.PositiveIntegerField(
                default=100,
                help_text="Visits that may be booked from one internet address in 24 hours without paying. 0 sets no limit.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(10000),
                ],
                verbose_name="bookings per connection and day",
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="max_holds_per_address",
            field=models.PositiveIntegerField(
                default=20,
                help_text="Times that all carts of one internet address may hold at once; many people may share one. 0 sets no limit.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(10000),
                ],
                verbose_name="times held per connection",
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="max_open_orders_per_address",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Unpaid orders that may be open from one internet address; many people may share one. 0 sets no limit.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(10000),
                ],
                verbose_name="open orders per connection",
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="max_units_held",
            field=models.PositiveIntegerField(
                default=1000,
                help_text="Units that the carts of one person keep from others at once; 0 sets no limit.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(1000000),
                ],
                verbose_name="units in carts per person",
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="max_units_held_per_address",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Units that all carts of one internet address keep at once; many people may share one. 0 sets no limit.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(1000000),
                ],
                verbose_name="units in carts per connection",
            ),
        ),
        migrations.AlterField(
            model_name="shopsettings",
            name="cart_hold_total_minutes",
            field=models.PositiveIntegerField(
                default=60,
                help_text="Minutes after which one person's units or time go back, in whatever cart, until they rested as long.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(10080),
                ],
                verbose_name="cart keeps units in all for",
            ),
        ),
        migrations.AlterField(
            model_name="shopsettings",
            name="max_bookings_per_day",
            field=models.PositiveIntegerField(
                default=5,
                help_text="Visits one person, known by e-mail or phone, may book in 24 hours without paying; 0 sets no limit.",
                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                verbose_name="bookings per person and day",
            ),
        ),
        migrations.AlterField(
            model_name="shopsettings",
            name="max_holds_per_customer",
            field=models.PositiveIntegerField(
                default=5,
                help_text="Times one person's carts may hold without booking; 0 sets no limit.",
                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                verbose_name="times held per customer",
            ),
        ),
        migrations.AlterField(
            model_name="shopsettings",
            name="max_open_orders_per_email",
            field=models.PositiveIntegerField(
                default=3,
                help_text="Unpaid orders one person, known by e-mail or phone, may have open; 0 sets no limit.",
                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                verbose_name="open orders per person",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("address_hold_total_minutes__gte", 0), ("address_hold_total_minutes__lte", 10080)),
                name="shopsettings_address_hold_total_minutes",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_units_held__gte", 0), ("max_units_held__lte", 1000000)),
                name="shopsettings_max_units_held",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_units_held_per_address__gte", 0), ("max_units_held_per_address__lte", 1000000)
                ),
                name="shopsettings_max_units_held_per_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_open_orders_per_email__gte", 0), ("max_open_orders_per_email__lte", 100)),
                name="shopsettings_max_open_orders_per_email",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_open_orders_per_address__gte", 0), ("max_open_orders_per_address__lte", 10000)
                ),
                name="shopsettings_max_open_orders_per_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_holds_per_customer__gte", 0), ("max_holds_per_customer__lte", 100)),
                name="shopsettings_max_holds_per_customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_holds_per_address__gte", 0), ("max_holds_per_address__lte", 10000)),
                name="shopsettings_max_holds_per_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_bookings_per_day__gte", 0), ("max_bookings_per_day__lte", 100)),
                name="shopsettings_max_bookings_per_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_bookings_per_address__gte", 0), ("max_bookings_per_address__lte", 10000)),
                name="shopsettings_max_bookings_per_address",
            ),
        ),
    ]
