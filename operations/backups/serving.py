"""Whether the shop is open: nobody may pull the rows from under those who are being served."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from common import heartbeats
from common.backups import WAL
from operations.backups.refusal import BackupRefused

ALIVE = timedelta(minutes=2)
SESSIONS = """
    SELECT usename, coalesce(nullif(application_name, ''), '-'), coalesce(host(client_addr), '-'), count(*)
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
      AND coalesce(backend_type, 'client backend') = 'client backend'
      AND has_table_privilege(usesysid, 'orders_order', 'INSERT')
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def refuse_while_serving(*, now: datetime) -> None:
    """Raise BackupRefused while anybody who could place an order is connected, or a process has just shown itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('orders_order') IS NOT NULL AND to_regclass('common_heartbeat') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return
        cursor.execute(SESSIONS)
        sessions = cursor.fetchall()
    if sessions:
        listed = ", ".join(f"{count} x {user} ({program}, {address})" for user, program, address, count in sessions)
        raise BackupRefused(
            _("The shop is being served: sessions in the database: %(sessions)s. Stop web, worker and beat first.")
            % {"sessions": listed}
        )
    alive = sorted(name for name, seen in heartbeats.last_seen().items() if name != WAL and abs(now - seen) < ALIVE)
    if alive:
        raise BackupRefused(
            _(
                "The shop is being served: a worker showed itself within two minutes (%(names)s). "
                "Stop it, wait, and try again."
            )
            % {"names": ", ".join(alive)}
        )
