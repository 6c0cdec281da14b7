"""A customer who moves a visit to another professional pays their price, in an order too; nothing else is rewritten."""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION scheduling_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.appointment_id = NEW.appointment_id AND EXISTS (
        SELECT 1 FROM scheduling_appointment WHERE id = OLD.appointment_id AND state IN ('held', 'expired')
            AND bearer IS NULL
    ) THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND current_setting('scheduling.repriced', true) = OLD.appointment_id::text
        AND to_jsonb(NEW) - 'price' = to_jsonb(OLD) - 'price' AND EXISTS (
        SELECT 1 FROM scheduling_appointment WHERE id = OLD.appointment_id AND state IN ('requested', 'confirmed'){alone}
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the services of a booked visit may not be changed (%)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""
ALONE = """
            AND claim IS NULL"""


class Migration(migrations.Migration):
    """Opens the trigger for the price of the one visit a transaction names, whether or not an order carries it."""

    dependencies = [("scheduling", "0010_links_that_end")]

    operations = [migrations.RunSQL(GUARD.format(alone=""), reverse_sql=GUARD.format(alone=ALONE))]
