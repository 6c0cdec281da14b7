"""A pickup window has both its ends or neither: a comparison with nothing would have let half of one through."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("cart", "0001_initial"),
        ("orders", "0002_guards"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="order",
            name="order_pickup_window",
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pickup_ends_at__isnull", True), ("pickup_starts_at__isnull", True)),
                    models.Q(
                        ("pickup_ends_at__isnull", False),
                        ("pickup_starts_at__isnull", False),
                        ("pickup_starts_at__lt", models.F("pickup_ends_at")),
                    ),
                    _connector="OR",
                ),
                name="order_pickup_window",
            ),
        ),
    ]
