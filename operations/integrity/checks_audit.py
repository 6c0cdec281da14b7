"""What the database wrote down of changes: nobody has edited it, and the rows are as it says."""

from collections.abc import Iterable, Iterator

from django.db import connection
from django.utils.translation import gettext_lazy as _

from operations.integrity.base import Check, Moment, Row, sql

_AS_TOLD = """
SELECT %(table)s AS table, last.row_id AS row, last.seq AS step, last.action,
       CASE WHEN live.id IS NULL THEN 'gone' ELSE 'there' END AS row_is, differing.names AS columns
FROM (
    SELECT DISTINCT ON (row_id) id, row_id, seq, action, after FROM audit_entry
    WHERE table_name = %(table)s AND row_id <> 0 ORDER BY row_id, seq DESC
) last
LEFT JOIN {table} live ON live.id = last.row_id
CROSS JOIN LATERAL (
    SELECT array_agg(told.key) AS names FROM jsonb_each(last.after) told
    WHERE to_jsonb(live) ? told.key AND told.key <> ALL (%(quiet)s::text[])
      AND to_jsonb(live) -> told.key IS DISTINCT FROM told.value
) differing
WHERE ((live.id IS NULL) <> (last.action = 'delete') OR differing.names IS NOT NULL)
  AND last.id > coalesce((SELECT max(id) FROM audit_entry WHERE table_name = %(table)s AND row_id = 0), 0)
ORDER BY last.row_id
"""


def audited_tables() -> Iterator[tuple[str, list[str], list[str], list[str]]]:
    """Return the tables whose changes are written down, and their columns: told, unsaid, and quiet ones of both."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relname, tgargs FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
            WHERE tgfoid = to_regproc('audit_write') AND tgname = relname || '_audit_update'
              AND relnamespace = current_schema()::regnamespace ORDER BY relname
            """
        )
        for table, arguments in cursor.fetchall():
            _whole, _column, told, unsaid, quiet = bytes(arguments).decode().split("\0")[:5]
            yield table, _names(told), _names(unsaid), _names(quiet)


def _names(array: str) -> list[str]:
    return [name for name in array.strip("{}").split(",") if name]


def _not_as_told(moment: Moment) -> Iterable[Row]:
    changed = {row["table"] for row in sql("SELECT DISTINCT table_name AS table FROM audit_entry")(moment)}
    for table, told, _unsaid, quiet in audited_tables():
        if table in changed and set(told) - set(quiet):
            yield from sql(_AS_TOLD.format(table=table), table=table, quiet=quiet)(moment)


CHECKS = (
    Check(
        name="audit.chains",
        promise=_("Every change that was written down carries the digest of the one before it of the same row."),
        remedy=_("An entry was edited or deleted behind the triggers; compare with a backup and find out who could."),
        find=sql(
            """
            SELECT link.table_name AS table, link.row_id AS row, link.seq AS step, link.at, link.actor, link.door FROM (
                SELECT entry.*, coalesce(lag(entry.seq) OVER life, 0) + 1 AS next,
                       audit_digest(coalesce(lag(entry.digest) OVER life, ''), entry) AS expected
                FROM audit_entry entry WINDOW life AS (PARTITION BY entry.table_name, entry.row_id ORDER BY entry.seq)
            ) link
            WHERE link.seq <> link.next OR link.digest <> link.expected
            ORDER BY link.table_name, link.row_id, link.seq
            """
        ),
    ),
    Check(
        name="audit.rows_are_as_told",
        promise=_("Every row is as the last change that was written down has left it."),
        remedy=_("A row was changed with its triggers switched off, or entries are missing at the end; ask who could."),
        find=_not_as_told,
    ),
)
