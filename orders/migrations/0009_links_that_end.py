"""The version of the links to an order; raising it ends those sent before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the columns."""

    dependencies = [
        ("orders", "0008_mailboxes"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
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
            model_name="order",
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
