"""A contact that says to be erased is empty; the database holds it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the constraint."""

    dependencies = [("orders", "0006_moved_pickups")]

    operations = [
        migrations.AlterField(
            model_name="ordercontact",
            name="name",
            field=models.CharField(blank=True, help_text="Who ordered.", max_length=120, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="ordercontact",
            name="email",
            field=models.EmailField(
                blank=True, help_text="Where the order is written to.", max_length=254, verbose_name="e-mail"
            ),
        ),
        migrations.AddConstraint(
            model_name="ordercontact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("anonymised_at__isnull", True),
                    models.Q(
                        ("address__isnull", True),
                        ("document", ""),
                        ("email", ""),
                        ("name", ""),
                        ("note", ""),
                        ("phone", ""),
                        ("pickup_person", ""),
                    ),
                    _connector="OR",
                ),
                name="ordercontact_anonymised_is_empty",
            ),
        ),
    ]
