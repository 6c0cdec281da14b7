"""What the database itself refuses of drawers: edited rows, a session opened again, cash moved in a closed one."""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from common.append_only import append_only, frozen

CLOSED = RunSQL(
    sql="""
    CREATE TRIGGER till_tillsession_closed BEFORE UPDATE ON till_tillsession
        FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION balcao_refuse_change();
    CREATE FUNCTION till_refuse_closed(session bigint) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        closed timestamptz;
    BEGIN
        SELECT closed_at INTO closed FROM till_tillsession WHERE id = session FOR SHARE;
        IF closed IS NOT NULL THEN
            RAISE EXCEPTION 'session % of a drawer was closed at %', session, closed
                USING ERRCODE = 'serialization_failure';
        END IF;
    END $$;
    CREATE FUNCTION till_movement_in_open_session() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM till_refuse_closed(NEW.session_id);
        RETURN NEW;
    END $$;
    CREATE TRIGGER till_cashmovement_open BEFORE INSERT ON till_cashmovement
        FOR EACH ROW EXECUTE FUNCTION till_movement_in_open_session();
    """,
    reverse_sql="""
    DROP TRIGGER IF EXISTS till_cashmovement_open ON till_cashmovement;
    DROP FUNCTION IF EXISTS till_movement_in_open_session();
    DROP FUNCTION IF EXISTS till_refuse_closed(bigint);
    DROP TRIGGER IF EXISTS till_tillsession_closed ON till_tillsession;
    """,
)


class Migration(migrations.Migration):
    """Puts the triggers in place. Whoever finds a session closed tries again, and finds another one."""

    dependencies = [("till", "0001_initial")]

    operations = [
        append_only(table="till_cashmovement"),
        append_only(table="till_tillcount"),
        append_only(table="till_tillclose"),
        frozen(
            table="till_tillsession",
            columns=[
                "public_id",
                "till_id",
                "actor_kind",
                "actor_id",
                "opening_float",
                "opened_by_itself",
                "opened_at",
            ],
        ),
        CLOSED,
    ]
