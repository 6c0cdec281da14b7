"""What the server's planner knows of the shop's tables."""

from django.db import connection

TABLES = """
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY c.oid
"""


def analyze(*, skip_locked: bool = False) -> None:
    """Have the server count the rows of every table of this database that is no catalogue.

    ANALYZE without names leads a superuser to the catalogues, too, and some of them are one for all databases of a
    server: it waits there for whoever counts in another database, and keeps others waiting. `skip_locked`: leave out
    the tables that somebody else counts or changes right now. Raises DatabaseError.
    """
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = ", ".join(name for (name,) in cursor.fetchall())
        if tables:
            cursor.execute(f"ANALYZE (SKIP_LOCKED {skip_locked}) {tables}")
