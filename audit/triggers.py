"""The triggers that write changes down, as operations for the migrations of the apps that own the tables.

Three kinds of columns: those that are told with their values, those of which only is said that they changed, and those
that nobody needs to hear of, because they are computed or kept for the machine. The last are not named here, so that a
new column tells nothing before somebody has decided; a test asks for the decision.

Some columns and tables are bookkeeping, and another row tells of each of their changes: units reserved by a
reservation, a visit's states by its history. They are *quiet*: the shop's own changes of them are not written down
twice, and any that comes as SQL from elsewhere is.

Migrations that have run call this function, so what it returns is history: a test holds every letter of it.
"""

from collections.abc import Sequence

from django.db.migrations.operations import RunSQL

BY_HAND = "coalesce(current_setting('balcao.door', true), '') = ''"
EVENTS = ("insert", "update", "delete", "truncate")


def audited(
    *,
    table: str,
    told: Sequence[str],
    unsaid: Sequence[str] = (),
    quiet: Sequence[str] = (),
    part_of: tuple[str, str] | None = None,
    inserts: bool = False,
    only_by_hand: bool = False,
) -> RunSQL:
    """Write every UPDATE, DELETE and TRUNCATE of `table` down, and every INSERT that is not the shop's own.

    `part_of`: the table that it hangs on, and its column that leads there. `inserts`: where a row does not say itself
    who made it, also the shop's own. `only_by_hand`: where the whole table is quiet.
    """
    quiet = [*told, *unsaid] if only_by_hand else quiet
    heard = [column for column in (*told, *unsaid) if column not in quiet]
    changes = [_differ(heard)] if heard else []
    changes += [f"{BY_HAND} AND {_differ(quiet)}"] if quiet else []
    whole, column = part_of or (table, "id")
    call = "EXECUTE FUNCTION audit_write({})".format(
        ", ".join(f"'{text}'" for text in (whole, column, _array(told), _array(unsaid), _array(quiet)))
    )
    by_hand = f"WHEN ({BY_HAND}) "
    return RunSQL(
        sql=f"""
        CREATE TRIGGER {table}_audit_insert AFTER INSERT ON {table}
            FOR EACH ROW {"" if inserts else by_hand}{call};
        CREATE TRIGGER {table}_audit_update AFTER UPDATE ON {table}
            FOR EACH ROW WHEN ({" OR ".join(changes)}) {call};
        CREATE TRIGGER {table}_audit_delete AFTER DELETE ON {table}
            FOR EACH ROW {by_hand if only_by_hand else ""}{call};
        CREATE TRIGGER {table}_audit_truncate AFTER TRUNCATE ON {table}
            FOR EACH STATEMENT {call};
        """,
        reverse_sql="".join(f"DROP TRIGGER IF EXISTS {table}_audit_{event} ON {table};\n" for event in EVENTS),
    )


def _differ(columns: Sequence[str]) -> str:
    """Return the condition that one of some columns changes."""
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return f"({old}) IS DISTINCT FROM ({new})"


def _array(columns: Sequence[str]) -> str:
    return f"{{{','.join(columns)}}}"
