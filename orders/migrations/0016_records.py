"""The shop's record of whoever it is about."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Lets the people of this app be under a record of the shop."""

    dependencies = [
        ("customers", "0002_record_guards"),
        ("orders", "0015_channel"),
    ]

    operations = [
        migrations.AddField(
            model_name="ordercontact",
            name="record",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The shop's record of the customer; opens nothing to anybody.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.customerrecord",
                verbose_name="customer",
            ),
        ),
    ]
