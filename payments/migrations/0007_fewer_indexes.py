"""An order is found by the indexes that begin with it; those of it alone are gone."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0014_late_fee"),
        ("payments", "0006_statement_line"),
    ]

    operations = [
        migrations.AlterField(
            model_name="payment",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                help_text="The order it pays.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.order",
                verbose_name="order",
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                help_text="The order it belongs to.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.order",
                verbose_name="order",
            ),
        ),
        migrations.AlterField(
            model_name="statementline",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                help_text="The order it was taken for.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.order",
                verbose_name="order",
            ),
        ),
    ]
