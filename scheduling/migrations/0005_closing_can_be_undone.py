"""What was closed by mistake is open again the same day: the trigger learns the two steps back."""

from django.db import migrations

_TRANSITIONS = """
CREATE OR REPLACE FUNCTION scheduling_refuse_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (CASE OLD.state
        WHEN 'held' THEN NEW.state IN ('cancelled', 'confirmed', 'expired', 'requested')
        WHEN 'requested' THEN NEW.state IN ('cancelled', 'confirmed', 'expired')
        WHEN 'confirmed' THEN NEW.state IN ('cancelled', 'completed', 'no_show')
        WHEN 'expired' THEN NEW.state IN ('confirmed', 'held', 'requested'){back}
        ELSE false
    END) THEN
        RAISE EXCEPTION 'an appointment does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_transition';
    END IF;
    RETURN NEW;
END $$;
"""
_BACK = """
        WHEN 'completed' THEN NEW.state = 'confirmed'
        WHEN 'no_show' THEN NEW.state = 'confirmed'"""


class Migration(migrations.Migration):
    """Replaces the trigger's function."""

    dependencies = [("scheduling", "0004_agreed_prices")]

    operations = [
        migrations.RunSQL(sql=_TRANSITIONS.replace("{back}", _BACK), reverse_sql=_TRANSITIONS.replace("{back}", "")),
    ]
