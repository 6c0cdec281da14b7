"""Which visits wait for their customer to follow the link in the letter."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the column and what it may stand beside."""

    dependencies = [
        ("scheduling", "0011_prices_of_a_move_in_an_order"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="awaits_click",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="Booked without a proved e-mail; kept until the link in its letter is followed.",
                verbose_name="waits for the customer's click",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("awaits_click", False),
                    models.Q(
                        ("bearer__isnull", True),
                        ("claim__isnull", True),
                        ("state__in", ["requested", "cancelled", "expired"]),
                    ),
                    _connector="OR",
                ),
                name="appointment_click_of_direct_request",
            ),
        ),
    ]
