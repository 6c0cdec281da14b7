"""Rows that may be written once: the database itself refuses to change them.

A history that the application promises not to edit is a habit; a trigger is a fact. The operations here go into
migrations. TRUNCATE is refused too, so the flush between transactional tests runs with
`session_replication_role = replica`, which only a superuser of a throw-away cluster may set.

Migrations that have run call these functions, so what they return is history: a test holds every letter of it. A guard
of another kind is another function.
"""

from collections.abc import Sequence

from django.db.migrations.operations import RunSQL

_REFUSE = """
CREATE OR REPLACE FUNCTION balcao_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % may not be changed (%)', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""


def append_only(*, table: str) -> RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE on `table`, whoever asks."""
    return RunSQL(
        sql=_REFUSE
        + f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION balcao_refuse_change();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION balcao_refuse_change();
        """,
        reverse_sql=f"""
        DROP TRIGGER IF EXISTS {table}_append_only ON {table};
        DROP TRIGGER IF EXISTS {table}_no_truncate ON {table};
        """,
    )


def frozen(*, table: str, columns: Sequence[str]) -> RunSQL:
    """Refuse DELETE and TRUNCATE on `table`, and any UPDATE that changes one of `columns`."""
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    return RunSQL(
        sql=_REFUSE
        + f"""
        CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table}
            FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION balcao_refuse_change();
        CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION balcao_refuse_change();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION balcao_refuse_change();
        """,
        reverse_sql=f"""
        DROP TRIGGER IF EXISTS {table}_frozen ON {table};
        DROP TRIGGER IF EXISTS {table}_no_delete ON {table};
        DROP TRIGGER IF EXISTS {table}_no_truncate ON {table};
        """,
    )


def fixed(*, table: str, columns: Sequence[str]) -> RunSQL:
    """Refuse any UPDATE on `table` that changes one of `columns`; its rows may go."""
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    return RunSQL(
        sql=_REFUSE
        + f"""
        CREATE TRIGGER {table}_fixed BEFORE UPDATE OF {", ".join(columns)} ON {table}
            FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION balcao_refuse_change();
        """,
        reverse_sql=f"DROP TRIGGER IF EXISTS {table}_fixed ON {table};",
    )
