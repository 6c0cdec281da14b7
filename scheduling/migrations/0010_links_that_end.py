"""The version of the links to a visit and of its order's; raising it ends those sent before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the columns."""

    dependencies = [
        ("scheduling", "0009_whence_time_is_taken"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="bearer_link_version",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                editable=False,
                help_text="The bearer's link version.",
                verbose_name="bearer's link version",
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="link_renewed_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When the shop last sent a new link.",
                null=True,
                verbose_name="link renewed at",
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="link_version",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                editable=False,
                help_text="Raised to end every link sent before.",
                verbose_name="link version",
            ),
        ),
    ]
