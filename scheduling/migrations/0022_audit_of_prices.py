"""What the services of a visit cost: changes past the shop are written down; its own stand in the visit's history."""

from django.db import migrations

from audit.triggers import audited


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0021_audit")]

    operations = [
        audited(
            table="scheduling_appointmentservice",
            told=["appointment_id", "position", "service_id", "sku", "name", "price", "duration_minutes"],
            part_of=("scheduling_appointment", "appointment_id"),
            only_by_hand=True,
        ),
    ]
