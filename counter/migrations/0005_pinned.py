"""Favourites that stay on top of the grid."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0008_price_runs"),
        ("counter", "0004_awaited_tips"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pinned",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "actor_kind",
                    models.CharField(
                        help_text="Who acted: customer, staff, system...", max_length=10, verbose_name="actor kind"
                    ),
                ),
                (
                    "actor_id",
                    models.CharField(
                        blank=True, help_text="Which person or process acted.", max_length=64, verbose_name="actor"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(help_text="1 for the first.", verbose_name="position")),
                ("at", models.DateTimeField(help_text="When it was pinned.", verbose_name="at")),
                (
                    "variant",
                    models.OneToOneField(
                        help_text="What is pinned.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.variant",
                        verbose_name="variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "pinned favourite",
                "verbose_name_plural": "pinned favourites",
                "ordering": ["position", "pk"],
                "permissions": [("pin_favourites", "Can pin favourites at the counter")],
            },
        ),
    ]
