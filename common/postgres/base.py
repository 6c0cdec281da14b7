"""Django's engine for PostgreSQL, with a pool that looks at a connection's socket before it hands the connection out.

A server that ended, or was told to end a session, has closed the socket, and that can be seen without asking anything.
So a connection that broke while nobody used it is replaced before the first statement, when nothing can have
been written, and taking one from the pool costs no round trip.
"""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, Error
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection of Django's; one from the pool has been looked at."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection that was in order a moment ago. Raises OperationalError, PoolTimeout."""
        connection = super().get_new_connection(conn_params)
        while self.pool and not is_in_order(connection):
            self.pool.putconn(connection)  # the pool drops it and makes another
            connection = super().get_new_connection(conn_params)
        return connection


def is_in_order(connection: Connection[Any]) -> bool:
    """Say whether an idle connection can be used.

    An idle one has nothing to read. Where there is something, it is the server's farewell or merely news, such as
    settings that it read anew, so then it is asked.
    """
    try:
        looking = select.poll()
        looking.register(connection.fileno(), select.POLLIN)
        if looking.poll(0):
            ConnectionPool.check_connection(connection)
    except Error:
        return False
    return True
