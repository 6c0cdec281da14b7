"""What is given beside the price of a sale that waits for its Pix."""

from django.db import migrations, models

from common.append_only import fixed


class Migration(migrations.Migration):
    dependencies = [
        ("counter", "0003_awaited_pix"),
    ]

    operations = [
        migrations.AddField(
            model_name="awaitedpix",
            name="tips",
            field=models.JSONField(
                db_default=[],
                default=list,
                help_text="What is given beside the price once the Pix has come.",
                verbose_name="tips",
            ),
        ),
        fixed(table="counter_awaitedpix", columns=["tips"]),
    ]
