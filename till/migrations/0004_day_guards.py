"""What the database itself refuses of days: edited closes, and a close that is not the sum of its drawers.

Whoever closes a day lets nobody open a drawer meanwhile; one that is opened a moment too late belongs to the day after.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from common.append_only import append_only

ADDS_UP = RunSQL(
    sql="""
    CREATE FUNCTION till_day_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        open_ones bigint;
        sums numeric[];
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('till_dayclose'));
        SELECT count(*) INTO open_ones FROM till_tillsession WHERE closed_at IS NULL AND opened_at < NEW.ends_at;
        SELECT ARRAY[
            coalesce(sum(close.expected_cash + close.expected_card + close.expected_pix), 0),
            coalesce(sum(close.counted_cash + close.counted_card + close.counted_pix), 0)
        ] INTO sums FROM till_tillclose close JOIN till_tillsession session ON session.id = close.session_id
        WHERE session.opened_at >= NEW.starts_at AND session.opened_at < NEW.ends_at;
        IF open_ones > 0 OR sums IS DISTINCT FROM ARRAY[NEW.expected, NEW.counted] THEN
            RAISE EXCEPTION 'the drawers of % have % and % in them, and % are open', NEW.day, sums[1], sums[2], open_ones
                USING ERRCODE = 'serialization_failure';
        END IF;
        RETURN NEW;
    END $$;
    CREATE FUNCTION till_session_after_closed_days() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(hashtext('till_dayclose'));
        SELECT greatest(NEW.opened_at, max(ends_at)) INTO NEW.opened_at FROM till_dayclose
        WHERE starts_at <= NEW.opened_at AND ends_at > NEW.opened_at;
        RETURN NEW;
    END $$;
    CREATE TRIGGER till_dayclose_adds_up BEFORE INSERT ON till_dayclose
        FOR EACH ROW EXECUTE FUNCTION till_day_adds_up();
    CREATE TRIGGER till_tillsession_day BEFORE INSERT ON till_tillsession
        FOR EACH ROW EXECUTE FUNCTION till_session_after_closed_days();
    """,
    reverse_sql="""
    DROP TRIGGER IF EXISTS till_tillsession_day ON till_tillsession;
    DROP TRIGGER IF EXISTS till_dayclose_adds_up ON till_dayclose;
    DROP FUNCTION IF EXISTS till_session_after_closed_days();
    DROP FUNCTION IF EXISTS till_day_adds_up();
    """,
)


class Migration(migrations.Migration):
    """Puts the triggers in place."""

    dependencies = [("till", "0003_days")]

    operations = [append_only(table="till_dayclose"), append_only(table="till_daycorrection"), ADDS_UP]
