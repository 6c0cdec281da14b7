"""Since when a line has been held, so that it is not held for ever."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the columns."""

    dependencies = [
        ("cart", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="cartline",
            name="held_since",
            field=models.DateTimeField(
                blank=True,
                help_text="When its units were first kept; they are not kept for ever.",
                null=True,
                verbose_name="held since",
            ),
        ),
    ]
