"""A connection that tells the server whence the changes of each transaction come."""

from collections.abc import Generator
from typing import Any

from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus

from common import origin
from common.postgres.prepared import Asking, answers


class Telling(Asking):
    """A connection whose every BEGIN takes along whence the changes of its transaction come (`common.origin`)."""

    def _start_query(self) -> Generator[Any, Any, None]:
        """Begin the transaction of a statement, if it needs one, and tell its origin in the same message.

        psycopg sends BEGIN itself before the first statement of a transaction, and takes one answer to it; this takes
        as many as there are statements. Raises what the server refuses.
        """
        if self.autocommit or self.pgconn.transaction_status != TransactionStatus.IDLE:
            return
        self._check_connection_ok()
        self.pgconn.send_query(b"%s; %s" % (self._get_tx_start_command(), origin.settings()))
        for result in (yield from answers(self.pgconn)):
            if result.status != ExecStatus.COMMAND_OK:
                raise error_from_result(result, encoding=self.info.encoding)
