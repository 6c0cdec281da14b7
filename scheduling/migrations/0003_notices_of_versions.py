"""Messages speak of a version of a visit: moved to a time for the second time is told a second time."""

from django.db import migrations, models

# Earlier messages were one for each time; counted in order they are never more than the versions there were.
NUMBER = """
    UPDATE scheduling_appointmentnotice notice
    SET version = CASE WHEN counted.is_current THEN counted.version ELSE counted.place END
    FROM (
        SELECT one.id, visit.version, one.starts_at = visit.starts_at AS is_current,
               row_number() OVER (PARTITION BY one.appointment_id, one.kind
                                  ORDER BY one.starts_at = visit.starts_at, one.id) AS place
        FROM scheduling_appointmentnotice one JOIN scheduling_appointment visit ON visit.id = one.appointment_id
    ) counted
    WHERE counted.id = notice.id
"""


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0002_guards")]

    operations = [
        migrations.RemoveConstraint(model_name="appointmentnotice", name="appointmentnotice_once"),
        migrations.AddField(
            model_name="appointmentnotice",
            name="version",
            field=models.PositiveIntegerField(
                default=1, help_text="Version of the visit that it speaks of.", verbose_name="version"
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="appointmentnotice",
            constraint=models.UniqueConstraint(
                fields=("appointment", "kind", "version"), name="appointmentnotice_once"
            ),
        ),
    ]
