"""What the tables alone cannot say: which way an appointment may go, and what may never be rewritten."""

from django.db import migrations

from common.append_only import append_only

TRANSITIONS = """
CREATE FUNCTION scheduling_refuse_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (CASE OLD.state
        WHEN 'held' THEN NEW.state IN ('cancelled', 'confirmed', 'expired', 'requested')
        WHEN 'requested' THEN NEW.state IN ('cancelled', 'confirmed', 'expired')
        WHEN 'confirmed' THEN NEW.state IN ('cancelled', 'completed', 'no_show')
        WHEN 'expired' THEN NEW.state IN ('confirmed', 'held', 'requested')
        ELSE false
    END) THEN
        RAISE EXCEPTION 'an appointment does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER scheduling_appointment_transition BEFORE UPDATE OF state ON scheduling_appointment
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION scheduling_refuse_transition();
"""

BOOKED_SERVICES = """
CREATE FUNCTION scheduling_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.appointment_id = NEW.appointment_id AND EXISTS (
        SELECT 1 FROM scheduling_appointment WHERE id = OLD.appointment_id AND state IN ('held', 'expired')
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the services of a booked visit may not be changed (%)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER scheduling_appointmentservice_frozen BEFORE UPDATE OR DELETE ON scheduling_appointmentservice
    FOR EACH ROW EXECUTE FUNCTION scheduling_refuse_rewriting();
"""


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = [("scheduling", "0001_initial")]

    operations = [
        append_only(table="scheduling_appointmentevent"),
        migrations.RunSQL(
            sql=TRANSITIONS,
            reverse_sql="""
            DROP TRIGGER IF EXISTS scheduling_appointment_transition ON scheduling_appointment;
            DROP FUNCTION IF EXISTS scheduling_refuse_transition();
            """,
        ),
        migrations.RunSQL(
            sql=BOOKED_SERVICES,
            reverse_sql="""
            DROP TRIGGER IF EXISTS scheduling_appointmentservice_frozen ON scheduling_appointmentservice;
            DROP FUNCTION IF EXISTS scheduling_refuse_rewriting();
            """,
        ),
    ]
