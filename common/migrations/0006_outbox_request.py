from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0005_one_beginning"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="request_id",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The id under which the log has the request that caused it.",
                max_length=64,
                verbose_name="request",
            ),
        ),
    ]
