"""Until when strangers have to confirm a visit by the link in its letter."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the setting."""

    dependencies = [
        ("shop", "0007_life_of_links"),
    ]

    operations = [
        migrations.AddField(
            model_name="shopsettings",
            name="booking_click_minutes",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Minutes that a visit booked without a proved e-mail is kept until the link in its letter is followed, such as 30; then the time goes back. 0 asks for no click.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(1440),
                ],
                verbose_name="strangers confirm by e-mail within",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("booking_click_minutes__gte", 0), ("booking_click_minutes__lte", 1440)),
                name="shopsettings_booking_click_minutes",
            ),
        ),
    ]
