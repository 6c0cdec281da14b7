"""Django's engine for PostgreSQL, with a pool that looks at a connection's socket before it hands the connection out.

A server that ended, or was told to end a session, has closed the socket, and that can be seen without asking anything.
So a connection that broke while nobody used it is replaced before the first statement, when nothing can have
been written, and taking one from the pool costs no round trip.

While the server cannot be reached nobody waits for a connection: each request is refused as soon as the last attempt
to connect was. Every request still makes the pool try once more, so the first after the server's return, or the one
after it, is served.

Where an address names several servers, the one that took writes last is asked first. A connection whose server refused
to write is not used again: after a failover the next one leads to the server that takes writes now.

A server that hangs refuses nothing, and ends no statement that takes too long. So nobody waits for its word for longer
than it may take itself, and until it has spoken again each connection is asked, briefly, before it is handed out.
"""

import select
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any, ClassVar, TypeVar

from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property
from psycopg import Connection, Error, IsolationLevel, OperationalError
from psycopg._preparing import PrepareManager
from psycopg.abc import PQGen
from psycopg.errors import ReadOnlySqlTransaction
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from common.postgres.adapting import adapters
from common.postgres.addresses import reached
from common.postgres.prepared import Answer
from common.postgres.telling import Telling

T = TypeVar("T")

LOOK = 0.1
"""Seconds of waiting for a connection before looking whether the server can be reached at all."""

GLANCE = 0.02
"""Seconds of waiting while it could not be: enough to take a connection that is there."""


SILENCE = 18.0
"""Seconds to wait for the server's word on a statement, which it ends itself after 15 (`config.settings.servers`)."""

INTERVAL = 0.1
"""Seconds after which who waits looks whether something else is to be done."""

BRIEFLY = 0.5
"""Seconds to wait for its word on whether it is there at all."""


class Gate:
    """Whether the last attempt to connect reached the server."""

    def __init__(self) -> None:
        self._opened = threading.Event()
        self._opened.set()

    @property
    def is_shut(self) -> bool:
        """Whether the server could not be reached when somebody tried last."""
        return not self._opened.is_set()

    def shut(self) -> None:
        """Remember that the server could not be reached."""
        self._opened.clear()

    def open(self) -> None:
        """Remember that it answers."""
        self._opened.set()


_gates: dict[str, Gate] = {}
"""By the name of the database in Django's settings."""


class Reaching(Telling):
    """A connection that tells its gate whether the server could be reached, and that a silent one does not keep."""

    gate: ClassVar[Gate]
    patience = SILENCE

    @classmethod
    def connect(cls, *words: Any, **options: Any) -> Any:
        """Connect. Raises OperationalError."""
        try:
            made = reached(partial(super().connect, *words), options)
        except OperationalError:
            cls.gate.shut()
            raise
        cls.gate.open()
        return made

    def _rollback_gen(self) -> PQGen[None]:
        """Roll back; what is prepared stays where a rule of the shop refused, and no statement failed.

        psycopg has the server forget it, for what is rolled back may have changed tables. A web process changes none,
        and whoever comes after somebody who was refused would send and plan every statement anew. After a statement
        that failed it is forgotten: a migration may have changed what the statement returns.
        """
        prepared = self._prepared
        if self.pgconn.transaction_status == TransactionStatus.INTRANS:
            self._prepared = PrepareManager()
        try:
            yield from super()._rollback_gen()
        finally:
            self._prepared = prepared

    def wait(self, gen: PQGen[T], interval: float = INTERVAL, timeout: float | None = None) -> T:
        """Wait for the server's word. Raises OperationalError when it does not come; then the connection is closed."""
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # asked, and not answered
                self.pgconn.finish()
                self.gate.shut()
            raise


class Noticing(DatabaseErrorWrapper):
    """Turns the driver's errors into Django's, and tells the connection when its server refuses to write."""

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        """Tell, then raise what Django calls it."""
        if isinstance(problem, ReadOnlySqlTransaction):
            self.wrapper.only_reads = True  # type: ignore[attr-defined]
        super().__exit__(kind, problem, at)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection of Django's; one from the pool has been looked at.

    `only_reads`: its server has refused to write, so nobody is to get it after us.
    """

    only_reads = False
    _connection_pools: ClassVar[dict[str, ConnectionPool]]
    health_check_enabled: bool
    health_check_done: bool

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self.gate = _gates.setdefault(self.alias, Gate())
        if pool := self.settings_dict["OPTIONS"].get("pool"):
            pool["connection_class"] = type("Reaching", (Reaching,), {"gate": self.gate})

    def get_connection_params(self) -> dict[str, Any]:
        """Return what to connect with; nothing once there is a pool, which has been told."""
        if self.alias in self._connection_pools:
            return {}
        return {**super().get_connection_params(), "context": adapters(self.timezone)}

    def ask_prepared(self, statement: str, parameters: Mapping[str, Any]) -> Answer | None:
        """Return the answer to a statement that the connection has prepared, without a cursor; None where it needs one.

        It needs one to be prepared, where somebody watches the statements, and before the connection was looked at.
        Raises what a cursor raises.
        """
        if self.execute_wrappers or self.queries_logged:
            return None
        self.ensure_connection()
        if self.health_check_enabled and not self.health_check_done:
            return None
        self.validate_no_broken_transaction()
        with self.wrap_database_errors:
            answer: Answer | None = self.connection.ask_prepared(statement, parameters)
        return answer

    @contextmanager
    def patient(self, *, seconds: float) -> Iterator[None]:
        """Wait no longer than this for the server's word on a statement of the block. Raises what connecting raises."""
        self.ensure_connection()
        with patience(self.connection, seconds=seconds):
            yield

    def forget(self) -> None:
        """End every connection that nobody uses, this one included: the next may lead to another server."""
        if self.connection is not None:
            self.connection.close()
        self.close()
        if self.pool:
            self.pool.drain()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection that was in order a moment ago. Raises OperationalError, PoolTimeout."""
        self.isolation_level = IsolationLevel.READ_COMMITTED
        if not self.pool:
            return reached(Telling.connect, conn_params)
        self.pool.open()
        connection = self._taken()
        while not is_in_order(connection):
            self.pool.putconn(connection)  # the pool drops it and makes another
            connection = self._taken()
        return connection

    def _set_autocommit(self, autocommit: bool) -> None:
        """Set it where it is not so already, as on a connection just taken from the pool."""
        if self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)  # type: ignore[misc]

    @cached_property
    def wrap_database_errors(self) -> Noticing:
        """Return what turns the driver's errors into Django's."""
        return Noticing(self)

    def _close(self) -> Any:
        """Give the connection back, or end it."""
        if self.only_reads and self.connection is not None:
            self.connection.close()  # the pool makes another instead of keeping it
        self.only_reads = False
        return super()._close()  # type: ignore[misc]

    def _taken(self) -> Any:
        """Take a connection from the pool; wait for one only as long as the server seems to be there."""
        give_up_at = time.monotonic() + self.pool.timeout
        while True:
            try:
                return self.pool.getconn(timeout=GLANCE if self.gate.is_shut else LOOK)
            except PoolTimeout:
                if self.gate.is_shut or time.monotonic() >= give_up_at:
                    raise


def is_in_order(connection: Connection[Any]) -> bool:
    """Say whether an idle connection can be used.

    An idle one has nothing to read. Where there is something, it is the server's farewell or merely news, such as
    settings that it read anew, so then it is asked; and so is one of a server that could not be reached or was silent.
    """
    try:
        looking = select.poll()
        looking.register(connection.fileno(), select.POLLIN)
        gate = connection.gate if isinstance(connection, Reaching) else Gate()
        if looking.poll(0) or gate.is_shut:
            with patience(connection, seconds=BRIEFLY):
                ConnectionPool.check_connection(connection)
            gate.open()
    except Error:
        return False
    return True


@contextmanager
def patience(connection: Connection[Any], *, seconds: float) -> Iterator[None]:
    """Wait so long for the server's word, for the length of a block; only a connection of a pool has such a bound."""
    if isinstance(connection, Reaching):
        connection.patience = seconds
    try:
        yield
    finally:
        if isinstance(connection, Reaching):
            connection.patience = SILENCE
