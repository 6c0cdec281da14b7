"""What an order agreed on of a visit stays: its services may be rewritten while a cart holds it, and not after."""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION scheduling_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.appointment_id = NEW.appointment_id AND EXISTS (
        SELECT 1 FROM scheduling_appointment WHERE id = OLD.appointment_id AND state IN ('held', 'expired'){condition}
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the services of a booked visit may not be changed (%)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    """Tightens the trigger's function."""

    dependencies = [("scheduling", "0003_notices_of_versions")]

    operations = [
        migrations.RunSQL(GUARD.format(condition=" AND bearer IS NULL"), reverse_sql=GUARD.format(condition="")),
    ]
