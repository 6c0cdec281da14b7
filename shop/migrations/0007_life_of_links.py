"""How long links outlive what they open."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the setting."""

    dependencies = [
        ("shop", "0006_gateways"),
    ]

    operations = [
        migrations.AddField(
            model_name="shopsettings",
            name="link_days",
            field=models.PositiveIntegerField(
                default=180,
                help_text="How long a link opens an order or visit after the last thing that happened to it; 0 sets no end.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(3650),
                ],
                verbose_name="links to orders and visits last",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("link_days__gte", 0), ("link_days__lte", 3650)), name="shopsettings_link_days"
            ),
        ),
    ]
