"""From which internet address time is held and booked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the column and the indexes by which holds are counted."""

    dependencies = [
        ("accounts", "0006_mailboxes_of_all"),
        ("scheduling", "0008_prices_of_a_move"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="address",
            field=models.CharField(
                blank=True,
                help_text="Where it was asked from; of IPv6 the network.",
                max_length=45,
                verbose_name="internet address",
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("address", ""), _negated=True),
                fields=["address", "created_at"],
                name="appointment_address",
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("holder__isnull", False)), fields=["holder"], name="appointment_holder"
            ),
        ),
    ]
