"""Lines of bank statements that were taken in, each once; nobody edits them."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import common.money
from common.append_only import append_only


class Migration(migrations.Migration):
    """Adds the table."""

    dependencies = [
        ("orders", "0010_agreed_anew"),
        ("payments", "0005_money_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        help_text="What makes it this line and no other.",
                        max_length=200,
                        unique=True,
                        verbose_name="reference",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("ofx", "OFX"), ("csv", "CSV")],
                        help_text="The form of the file it came in.",
                        max_length=3,
                        verbose_name="source",
                    ),
                ),
                ("day", models.DateField(help_text="The day the bank books it on.", verbose_name="day")),
                (
                    "amount",
                    common.money.MoneyField(
                        decimal_places=2, help_text="How much.", max_digits=12, verbose_name="amount"
                    ),
                ),
                ("actor_kind", models.CharField(help_text="Who took it in.", max_length=10, verbose_name="actor kind")),
                (
                    "actor_id",
                    models.CharField(
                        blank=True, help_text="Which person took it in.", max_length=64, verbose_name="actor"
                    ),
                ),
                ("taken_at", models.DateTimeField(help_text="When it was taken in.", verbose_name="taken at")),
                (
                    "order",
                    models.ForeignKey(
                        help_text="The order it was taken for.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        blank=True,
                        help_text="The payment it is; empty where it went into the money inbox.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.payment",
                        verbose_name="payment",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a statement",
                "verbose_name_plural": "lines of statements",
                "indexes": [models.Index(fields=["order", "day"], name="statementline_order")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("amount__lte", Decimal("99999999.99"))),
                        name="statementline_amount_bounds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["ofx", "csv"])), name="statementline_source_known"
                    ),
                ],
            },
        ),
        append_only(table="payments_statementline"),
    ]
