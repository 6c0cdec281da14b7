"""Orders say where they were made: on the web, at the counter or by telephone."""

from django.db import migrations, models

from common.append_only import fixed


class Migration(migrations.Migration):
    """Adds the channel and its words, and lets nobody change it."""

    dependencies = [("orders", "0014_late_fee")]

    operations = [
        migrations.AddField(
            "order",
            "channel",
            models.CharField(
                choices=[("web", "Web"), ("counter", "Counter"), ("phone", "Telephone")],
                db_default="web",
                default="web",
                help_text="Where it was ordered: on the web, at the counter or by telephone.",
                max_length=7,
                verbose_name="channel",
            ),
        ),
        migrations.AddConstraint(
            "order",
            models.CheckConstraint(
                condition=models.Q(("channel__in", ["web", "counter", "phone"])), name="order_channel_known"
            ),
        ),
        fixed(table="orders_order", columns=["channel"]),
    ]
