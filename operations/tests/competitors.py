"""Competitors: real processes that want one time of the agenda, all forked from a stand that has already read Django.

The test holds one end of a socket for each competitor and the competitor the other; a line of JSON is a word. A competitor says when it
is ready, and where its plan makes it pause, and then waits for a word. A competitor that a signal has
stopped can be spoken to, it only hears it later.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections

from common import counters, locks, redis, use_cases
from common.errors import Refusal
from common.transactions import run_unit_of_work
from devstack import processes, shop, state
from scheduling.services import taking
from scheduling.slots import Place
from scheduling.tests import factories as make

T = TypeVar("T")

PATIENCE_SECONDS = 60
MOST_RIVALS, MOST_BYTES = 64, 65_536
OVER = b"over"
NO_RATES = {f"{name}_THROTTLE": "" for name in ("ANON", "USER", "CHECKOUT")}
START = "import django; django.setup(); from operations.tests import competitors; competitors.main()"
_judge_again = taking.judge_again


@dataclass(frozen=True)
class Plan:
    """What a competitor wants, and how it goes about it.

    `pause`: with the lease in hand and no transaction open yet, or within it, when the time was judged free.
    """

    starts_at: str
    professional: str | None = None
    pause: Literal["", "leased", "judged"] = ""
    takes_lease: bool = True
    lease_seconds: float = 15
    locks_rows: bool = True
    lock_milliseconds: int = 3000


class Line:
    """One end of a conversation."""

    def __init__(self, end: socket.socket) -> None:
        end.settimeout(PATIENCE_SECONDS)
        self._end = end
        self._heard = end.makefile("r", encoding="utf-8")

    def say(self, **word: Any) -> None:
        self._end.sendall(json.dumps(word).encode() + b"\n")

    def hear(self) -> dict[str, Any]:
        """Raises EOFError when the other side is gone, TimeoutError when it says nothing for too long."""
        text = self._heard.readline()
        if not text:
            raise EOFError("the other side is gone")
        found: dict[str, Any] = json.loads(text)
        return found

    def close(self) -> None:
        self._heard.close()
        self._end.close()


# The test's side


def environment(*, redis_url: str, place: shop.Place, var: Path) -> dict[str, str]:
    """The environment of the shop's processes, in the test's database and with a clock that starts on MONDAY."""
    name = str(connection.settings_dict["NAME"])
    return shop.environment(
        shop.bare_environment(),
        database_url=urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}")),
        redis_url=redis_url,
        place=place,
        var=var,
    ) | {"SECRET_KEY": uuid4().hex * 2, "SHOP_NOW": make.MONDAY.isoformat(), "LOG_LEVEL": "CRITICAL", **NO_RATES}


def deadlocks() -> int:
    """How many deadlocks PostgreSQL has counted in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


class Competitor:
    """A competitor, seen from the test."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self.line = Line(end)
        self.pid = 0

    def meet(self) -> None:
        """Wait until it is ready."""
        self.pid = int(self.line.hear()["ready"])

    def go(self) -> None:
        """Let it begin, or go on where it pauses."""
        self.line.say(go=True)

    def pauses(self) -> dict[str, Any]:
        """Wait until it pauses; return what it says there."""
        word = self.line.hear()
        assert "paused" in word, word
        return word

    def outcome(self) -> dict[str, Any]:
        """Wait until it is through; return what became of it."""
        word = self.line.hear()
        assert "code" in word, word
        return word

    def stop(self) -> None:
        """Stop the process where it is; nothing it is told from here on reaches its code before `wake`."""
        processes.send(self.pid, signal.SIGSTOP)

    def wake(self) -> None:
        processes.send(self.pid, signal.SIGCONT)

    def is_silent(self) -> bool:
        """Whether it has said nothing that was not heard."""
        self._end.setblocking(False)
        try:
            self._end.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        finally:
            self._end.settimeout(PATIENCE_SECONDS)
        return False


class Stand:
    """The process whose children the competitors are, seen from the test."""

    def __init__(self, control: socket.socket) -> None:
        control.settimeout(PATIENCE_SECONDS)
        self._control = control

    @contextmanager
    def competitors(self, *plans: Plan) -> Iterator[list[Competitor]]:
        """Run one process for each plan, ready to go; whatever happens, none outlives the block."""
        pairs = [socket.socketpair() for _plan in plans]
        people = [Competitor(ours) for ours, _theirs in pairs]
        ends = [theirs for _ours, theirs in pairs]
        message = json.dumps([asdict(plan) for plan in plans]).encode() + b"\n"
        socket.send_fds(self._control, [message], [end.fileno() for end in ends])
        for end in ends:
            end.close()
        try:
            for person in people:
                person.meet()
            yield people
        finally:
            self._send_home(people)

    def _send_home(self, people: Sequence[Competitor]) -> None:
        """Whoever still waits for a word hears that nobody is left; whoever does not listen is killed."""
        met = [person.pid for person in people if person.pid]
        for person in people:
            person.line.close()
        for pid in met:
            processes.send(pid, signal.SIGCONT)
        if not processes.wait_until(lambda: not any(map(processes.alive, met)), seconds=10):
            for pid in met:
                processes.send(pid, signal.SIGKILL)
        assert self._control.recv(len(OVER)) == OVER


@contextmanager
def stand(*, environment: Mapping[str, str]) -> Iterator[Stand]:
    """Run the process that competitors are forked from; about two seconds."""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(os.getpid()), str(theirs.fileno())],
        cwd=state.ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()],
        process_group=0,
    )
    theirs.close()
    try:
        yield Stand(ours)
    finally:
        ours.close()
        processes.end(process, politely=None, seconds=10)
        processes.send(process.pid, signal.SIGKILL, group=True)


# The competitors' side


@dataclass
class Attempt:
    """One competitor's attempt, and what the database said to it."""

    plan: Plan
    line: Line
    has_paused: bool = False
    constraints: list[str] = field(default_factory=list)

    def pause(self, where: str) -> None:
        """Tell where, and wait for a word; only the first time, who is judged again has nobody to wait for."""
        if self.plan.pause != where or self.has_paused:
            return
        self.has_paused = True
        self.line.say(paused=where)
        self.line.hear()

    def unit(self, work: Callable[[], T]) -> T:
        """Do what `run_unit_of_work` does, and remember which constraint refused."""
        self.pause("leased")
        try:
            return run_unit_of_work(work)
        except Refusal as refusal:
            cause = getattr(refusal.__cause__, "__cause__", None)
            name = getattr(getattr(cause, "diag", None), "constraint_name", None)
            self.constraints.extend([name] if name else [])
            raise

    def judge(self, **options: Any) -> tuple[Place, bool]:
        """Do what `judge_again` does, and perhaps linger over a time that is free."""
        judged = _judge_again(**options)
        self.pause("judged")
        return judged

    def book(self) -> str:
        """Try to book; returns `ok` or the refusal's code."""
        who = UUID(self.plan.professional) if self.plan.professional else None
        try:
            mine = f"{os.getpid()}@example.com"  # one person's bookings would wait for each other
            make.book(datetime.fromisoformat(self.plan.starts_at), who=who, email=mine, phone="")
        except Refusal as refusal:
            return refusal.code
        return "ok"

    def run(self) -> None:
        """Get ready, wait, try, and tell what came of it."""
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {self.plan.lock_milliseconds}")
            cursor.execute("SET idle_in_transaction_session_timeout = 0")  # a test on a busy machine may take its time
            if not self.plan.locks_rows:
                cursor.execute("SET deadlock_timeout = '20ms'")
        redis.is_up()
        self.line.say(ready=os.getpid())
        self.line.hear()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(use_cases, "run_unit_of_work", self.unit)
            patched.setattr(taking, "judge_again", self.judge)
            lease = partial(locks.lease, seconds=self.plan.lease_seconds) if self.plan.takes_lease else no_lease
            patched.setattr(locks, "lease", lease)
            if not self.plan.locks_rows:
                patched.setattr(taking, "lock_time", lambda **_options: {})
            code = self.book()
        self.line.say(
            code=code,
            constraints=self.constraints,
            leases_lost=counters.read("lock_lost"),
            repeated=counters.read("unit_of_work_repeated"),
        )


@contextmanager
def no_lease(_keys: Collection[str]) -> Iterator[None]:
    """Hold nothing."""
    yield


def main() -> None:
    """Fork competitors as often as the test asks for some. The arguments: the parent's pid, and the end to listen at."""
    processes.die_with_parent(signal.SIGKILL, int(sys.argv[1]))
    with socket.socket(fileno=int(sys.argv[2])) as control:
        while True:
            message, ends, _flags, _address = socket.recv_fds(control, MOST_BYTES, MOST_RIVALS)
            while message and not message.endswith(b"\n"):
                message += control.recv(MOST_BYTES)
            if not message:
                return
            plans = [Plan(**plan) for plan in json.loads(message)]
            warm_up(plans[0])
            children = [fork(plan, ends[place], later=ends[place + 1 :]) for place, plan in enumerate(plans)]
            for child in children:
                os.waitpid(child, 0)
            control.sendall(OVER)


def warm_up(plan: Plan) -> None:
    """Be refused a time at night, so that a race is not about who reads the most code first."""
    night = datetime.fromisoformat(plan.starts_at).replace(hour=0)
    with contextlib.suppress(Refusal):
        make.book(night)
    connections.close_all()
    redis.client().connection_pool.disconnect()


def fork(plan: Plan, end: int, *, later: Sequence[int]) -> int:
    """Return the pid of a competitor, which dies with the stand; in the competitor itself it does not return."""
    stand_pid = os.getpid()
    child = os.fork()
    if child:
        os.close(end)
        return child
    try:
        processes.die_with_parent(signal.SIGKILL, stand_pid)
        for other in later:
            os.close(other)
        Attempt(plan=plan, line=Line(socket.socket(fileno=end))).run()
    except EOFError:
        os._exit(1)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)  # an orderly end of so many interpreters takes seconds
