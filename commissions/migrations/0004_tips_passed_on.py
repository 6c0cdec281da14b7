"""Tips that a payout has passed on."""

import django.db.models.deletion
from django.db import migrations, models

import common.money
from common.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("commissions", "0003_cash_leaves_a_drawer"),
        ("payments", "0012_tips"),
    ]

    operations = [
        migrations.AlterField(
            model_name="commissionpayout",
            name="amount",
            field=common.money.MoneyField(
                decimal_places=2, help_text="The sum of its entries and tips.", max_digits=12, verbose_name="amount"
            ),
        ),
        migrations.CreateModel(
            name="CommissionPayoutTip",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "payout",
                    models.ForeignKey(
                        help_text="What passed it on.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tips",
                        to="commissions.commissionpayout",
                        verbose_name="commission payout",
                    ),
                ),
                (
                    "tip",
                    models.ForeignKey(
                        db_index=False,
                        help_text="What was passed on.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paid",
                        to="payments.tip",
                        verbose_name="tip",
                    ),
                ),
            ],
            options={
                "verbose_name": "tip passed on",
                "verbose_name_plural": "tips passed on",
                "constraints": [models.UniqueConstraint(fields=("tip",), name="commissionpayouttip_tip_once")],
            },
        ),
        append_only(table="commissions_commissionpayouttip"),
    ]
