"""Professionals may change what is booked with them, where their role says so."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0018_combinations")]

    operations = [
        migrations.AlterModelOptions(
            name="appointment",
            options={
                "permissions": [
                    ("manage_appointment", "Can book, move, cancel and close appointments"),
                    ("force_appointment", "Can book over another appointment, with a reason"),
                    ("view_own_agenda", "Can see and close the appointments of their own agenda"),
                    ("manage_own_appointment", "Can book, move, accept and cancel appointments of their own agenda"),
                ],
                "verbose_name": "appointment",
                "verbose_name_plural": "appointments",
            },
        )
    ]
