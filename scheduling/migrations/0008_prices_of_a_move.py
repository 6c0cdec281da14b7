"""A customer who moves a direct booking to another professional pays their price; nothing else of it may be rewritten."""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION scheduling_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.appointment_id = NEW.appointment_id AND EXISTS (
        SELECT 1 FROM scheduling_appointment WHERE id = OLD.appointment_id AND state IN ('held', 'expired')
            AND bearer IS NULL
    ) THEN
        RETURN NEW;
    END IF;{also}
    RAISE EXCEPTION 'the services of a booked visit may not be changed (%)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""

PRICE = """
    IF TG_OP = 'UPDATE' AND current_setting('scheduling.repriced', true) = OLD.appointment_id::text
        AND to_jsonb(NEW) - 'price' = to_jsonb(OLD) - 'price' AND EXISTS (
        SELECT 1 FROM scheduling_appointment WHERE id = OLD.appointment_id AND state IN ('requested', 'confirmed')
            AND claim IS NULL
    ) THEN
        RETURN NEW;
    END IF;"""


class Migration(migrations.Migration):
    """Opens the trigger for the price of the one visit a transaction names, while no order carries it."""

    dependencies = [("scheduling", "0007_mailboxes")]

    operations = [migrations.RunSQL(GUARD.format(also=PRICE), reverse_sql=GUARD.format(also=""))]
