"""Sales that wait for a Pix of which a gateway tells."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import common.money
from common.append_only import frozen


class Migration(migrations.Migration):
    dependencies = [
        ("counter", "0002_parked_sales"),
        ("orders", "0018_history_index"),
        ("till", "0004_day_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="AwaitedPix",
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
                (
                    "key",
                    models.UUIDField(editable=False, help_text="The key of the sale.", unique=True, verbose_name="key"),
                ),
                (
                    "fingerprint",
                    models.CharField(
                        help_text="What was asked with the key.", max_length=64, verbose_name="fingerprint"
                    ),
                ),
                (
                    "own",
                    models.BooleanField(
                        help_text="Whether the order was placed for this sale, and goes if it does.", verbose_name="own"
                    ),
                ),
                (
                    "amount",
                    common.money.MoneyField(
                        decimal_places=2, help_text="What is awaited by Pix.", max_digits=12, verbose_name="amount"
                    ),
                ),
                (
                    "parts",
                    models.JSONField(
                        default=list, help_text="What is paid otherwise once the Pix has come.", verbose_name="parts"
                    ),
                ),
                (
                    "visits",
                    models.JSONField(default=list, help_text="The visits that the sale closes.", verbose_name="visits"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("sold", "Sold"), ("given_up", "Given up")],
                        default="waiting",
                        help_text="How it ended.",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="Why it was given up.", max_length=200, verbose_name="reason"
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it began to wait.", verbose_name="at")),
                ("until", models.DateTimeField(help_text="Until when it waits.", verbose_name="until")),
                ("ended_at", models.DateTimeField(help_text="When it ended.", null=True, verbose_name="ended at")),
                (
                    "order",
                    models.ForeignKey(
                        help_text="What is paid.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "parked",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The parked sale it was.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="counter.parkedsale",
                        verbose_name="parked sale",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The drawer that the other parts go into, which stays open until then.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="till.tillsession",
                        verbose_name="session",
                    ),
                ),
            ],
            options={
                "verbose_name": "awaited Pix",
                "verbose_name_plural": "awaited Pix payments",
                "ordering": ["pk"],
                "indexes": [
                    models.Index(condition=models.Q(("status", "waiting")), fields=["until"], name="awaitedpix_waiting")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "waiting")), fields=("order",), name="awaitedpix_once_of_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["waiting", "sold", "given_up"])),
                        name="awaitedpix_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("amount__lte", Decimal("99999999.99"))),
                        name="awaitedpix_amount_bounds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("status", "waiting")),
                            models.Q(models.Q(("status", "waiting"), _negated=True), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="awaitedpix_ended_has_time",
                    ),
                ],
            },
        ),
        frozen(
            table="counter_awaitedpix",
            columns=["key", "fingerprint", "order_id", "own", "amount", "parts", "visits", "parked_id", "session_id"],
        ),
    ]
