"""Pairs of records that look alike and are of two people."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_record_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Apart",
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
                ("at", models.DateTimeField(help_text="When somebody said so.", verbose_name="at")),
                (
                    "first",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The older record of the two.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customerrecord",
                        verbose_name="one",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        help_text="The younger record of the two.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customerrecord",
                        verbose_name="the other",
                    ),
                ),
            ],
            options={
                "verbose_name": "pair of different people",
                "verbose_name_plural": "pairs of different people",
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="apart_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="apart_in_order"
                    ),
                ],
            },
        ),
    ]
