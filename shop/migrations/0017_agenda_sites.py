"""Which sites may show the booking page in a frame."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0016_look"),
    ]

    operations = [
        migrations.AddField(
            model_name="shoplook",
            name="frame_sites",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=120),
                blank=True,
                db_default=[],
                default=list,
                help_text="Origins that may show the booking page in a frame.",
                size=None,
                verbose_name="sites with the agenda",
            ),
        ),
        migrations.AddConstraint(
            model_name="shoplook",
            constraint=models.CheckConstraint(
                condition=models.Q(("frame_sites__len__lte", 20)), name="shoplook_few_sites"
            ),
        ),
    ]
