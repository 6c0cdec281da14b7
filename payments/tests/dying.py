"""Deaths of a process, one at each of its boundaries: before a write, before a commit, around a gateway's answer.

The work runs in a fork with a database session of its own, and is killed there: nothing of ours is unwound, no lease is
given back, no message ticked off. Who dies before a read leaves what who dies before the next write leaves, so reads are
no boundaries. Which boundaries there are is found out by dying at one after the other until the
work is through. The gateway is somebody else's machine: what it knew at that moment is handed over before the kill.
"""

import os
import pickle
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

from django.db import connection

from common import locks, redis
from payments.tests.stand_in import StandIn

CALLS = ("begin", "look_up", "refund", "list_events")
DYING = "dying"
"""What the session of the fork is called at the database."""


@dataclass
class Ended:
    """How the work ended: what it had come to by then, and whether it was killed there."""

    boundaries: list[str] = field(default_factory=list)
    killed: bool = True
    books: dict[str, Any] = field(default_factory=dict)
    problem: str = ""

    @property
    def where(self) -> str:
        """The boundary it died at."""
        return f"{len(self.boundaries)}: {self.boundaries[-1][:160]}"


def killed_at(number: int, *, work: Callable[[], object], gateway: StandIn) -> Ended:
    """Run `work` in a process that dies at its boundary of that number; the last one is after everything it does.

    One that has no such boundary ends by itself.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _live_and_die(number, work=work, gateway=gateway, writing=writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as heard:
        said = heard.read()
    _pid, status = os.waitpid(child, 0)
    ended: Ended = pickle.loads(said)
    assert ended.problem == "", ended.problem
    assert os.WIFSIGNALED(status) == ended.killed, status
    vars(gateway).update(ended.books)
    _wait_until_the_database_knows()
    _let_leases_run_out()
    return ended


def _live_and_die(number: int, *, work: Callable[[], object], gateway: StandIn, writing: int) -> NoReturn:
    """Be the fork; never returns."""
    ended = Ended()

    def tell() -> None:
        ended.books = {name: value for name, value in vars(gateway).items() if name != "_guard"}
        with os.fdopen(writing, "wb") as told:
            told.write(pickle.dumps(ended))

    def reach(what: str) -> None:
        ended.boundaries.append(what)
        if len(ended.boundaries) == number:
            tell()
            os.kill(os.getpid(), signal.SIGKILL)

    with suppress(BaseException):  # whatever happens here must not come back as a second run of the tests
        try:
            _own_session()
            _watch(reach, gateway=gateway)
            work()
            reach("the answer")
        except BaseException as problem:
            ended.problem = f"{type(problem).__name__}: {problem}"
        ended.killed = False
        tell()
    os._exit(0)


def _own_session() -> None:
    """Leave the parent's session alone, and take a new one."""
    parents = connection.connection
    connection.connection = None
    connection.settings_dict["OPTIONS"]["application_name"] = DYING
    connection.ensure_connection()
    vars(connection)["session_of_the_parent"] = parents  # kept, so that nothing tidies it up


def _watch(reach: Callable[[str], None], *, gateway: StandIn) -> None:
    """Have every boundary reached: writes, commits, and both ends of a gateway's answer."""
    commit = connection.commit

    def before_statement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip().startswith("SELECT"):
            reach(sql)
        return execute(sql, params, many, context)

    def before_commit() -> None:
        reach("COMMIT")
        commit()

    connection.execute_wrappers.append(before_statement)
    connection.commit = before_commit  # type: ignore[method-assign]
    for name in CALLS:
        _watch_call(reach, gateway=gateway, name=name)


def _watch_call(reach: Callable[[str], None], *, gateway: StandIn, name: str) -> None:
    call = getattr(StandIn, name)

    def around(self: StandIn, *given: Any, **named: Any) -> Any:
        reach(f"the gateway hears: {name}")
        answer = call(self, *given, **named)
        reach(f"the gateway answers: {name}")
        return answer

    setattr(StandIn, name, around)  # in the fork alone


def _wait_until_the_database_knows() -> None:
    """Wait until the server has noticed that nobody is there any more, and has undone what was not committed."""
    with connection.cursor() as cursor:
        for _time in range(2000):
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [DYING])
            if cursor.fetchone()[0] == 0:
                return
            threading.Event().wait(0.002)
    raise AssertionError("the session of the dead is still there")


def _let_leases_run_out() -> None:
    """A lease outlives its holder by seconds; nobody here wants to wait for them."""
    for key in redis.client().scan_iter(match=f"{locks.PREFIX}*"):
        redis.client().delete(key)
