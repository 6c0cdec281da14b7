"""The supervisor: starts the servers, prepares the database, runs the shop, and takes everything down in reverse.

It is one thread around one selector, so that every child has a living parent thread and nothing needs a lock.
A crash of PostgreSQL or Valkey is answered by a restart on the same port, while the shop keeps running; the
shop must cope with the gap by itself, as it must in production.
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from devstack import processes, report, shop, state
from devstack.console import console
from devstack.errors import StackError
from devstack.sandbox import Sandbox
from devstack.servers import PostgresServer, Server, ValkeyServer
from devstack.services import Service

TICK_SECONDS = 0.2
READY_SECONDS = 90.0
EARLY_ENDS_ALLOWED = 3
BETWEEN_SERVER_STARTS = 3.0


class Stop(BaseException):
    """Raised by the signal handler: the person at the keyboard, or the system, wants everything to end."""


@dataclass(frozen=True)
class Addresses:
    """Where the two servers answer, and whether they are ours."""

    database_url: str
    redis_url: str


class Supervisor:
    """Runs the stack of one checkout until it is told to stop."""

    def __init__(self, *, var: Path = state.VAR, parent: int | None = None, empty: bool = False) -> None:
        """`parent` is the process, such as make, whose end or interruption is ours too.

        `empty`: the shop is one of somebody's own, without demonstration.
        """
        self._var = var
        self._empty = empty
        self._report = report.Report(beginning="")
        self._parent = parent if parent is not None and not processes.is_being_interrupted(parent) else None
        self._servers: list[Server] = []
        self._services: list[Service] = []
        self._sandbox: Sandbox | None = None
        self._server_locks = state.Lock("servers", var=var)
        self._shop_lock = state.Lock("shop", var=var)
        self._selector = selectors.DefaultSelector()
        self._stopping = False
        self._announced = False
        self._next_server_start = 0.0

    # The two commands

    def run_services(self) -> int:
        """Start the two servers, print their addresses and keep them running. Return the exit code."""
        return self._guarded(self._services_alone)

    def run_shop(self) -> int:
        """Start the servers and the whole shop and keep them running. Return the exit code."""
        return self._guarded(self._whole_shop)

    def _guarded(self, work: Callable[[], int]) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            state.make_var(self._var)
            console.keep(self._var / "log" / "shop.log")
            return work()
        except Stop:
            return 0
        except StackError as failure:
            console.complain(f"\n{failure}\n")
            return 1
        finally:
            self._take_down()

    def _services_alone(self) -> int:
        addresses = self._addresses()
        if addresses is None:
            return 0
        console.show(
            f"\nThe servers are up; Ctrl-C stops them, the data stays in {self._var}.\n"
            "Every manage.py command of this checkout finds them by itself. For other tools:\n"
            f"  export DATABASE_URL={addresses.database_url}\n"
            f"  export REDIS_URL={addresses.redis_url}\n",
        )
        if not self._servers:
            return 0
        while True:
            self._tick()

    def _whole_shop(self) -> int:
        if not self._shop_lock.take():
            console.show(
                f"The shop of this checkout already runs: {self._shop_lock.read_note() or 'it is just starting'}"
            )
            return 0
        place = shop.choose_place(os.environ)
        addresses = self._addresses(for_shop=True)
        if addresses is None:
            raise StackError("The servers of this checkout went away.", "Run `make run` again.")
        self._sandbox = self._chosen_sandbox(place)
        environment = shop.environment(
            os.environ, database_url=addresses.database_url, redis_url=addresses.redis_url, place=place, var=self._var,
            sandbox=self._sandbox,
        )  # fmt: skip
        self._prepare(environment)
        self._shop_lock.note(place.url)
        self._services = shop.services(environment=environment, place=place, var=self._var, sandbox=self._sandbox)
        first, *others = self._services
        first.start(self._selector)  # alone: visitors come before the janitor, and starting costs a whole core
        deadline = time.monotonic() + READY_SECONDS
        while True:
            self._tick()
            if not self._announced and self._announce(place, deadline):
                for service in others:
                    service.start(self._selector)

    def _chosen_sandbox(self, place: shop.Place) -> Sandbox | None:
        """Choose the sandbox, and let commands beside the shop find it as they find the servers."""
        chosen = shop.choose_sandbox(os.environ, place=place, var=self._var)
        running = state.read(var=self._var)
        if chosen is not None and running is not None and running.pid == os.getpid():
            state.write(replace(running, sandbox=chosen.variables), var=self._var)
        return chosen

    # Servers

    def _addresses(self, *, for_shop: bool = False) -> Addresses | None:
        """Start what the environment does not name and return both addresses; None when there is nothing to keep."""
        database_url, redis_url = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
        if database_url and redis_url:
            console.show("Using the servers that DATABASE_URL and REDIS_URL name; nothing is started for them.")
            return Addresses(database_url, redis_url)
        if not self._server_locks.take():
            running = self._running_elsewhere()
            if running is not None:
                console.show(f"Using the servers that this checkout already runs (process {running.pid}).")
                found = Addresses(database_url or running.database_url, redis_url or running.redis_url)
                if not for_shop:
                    console.show(f"  DATABASE_URL={found.database_url}\n  REDIS_URL={found.redis_url}")
                return found if for_shop else None
        memory = state.remembered(var=self._var)
        if not database_url:
            postgres = PostgresServer(
                home=self._var / "postgres", password=memory.postgres_password, port=memory.postgres_port
            )
            self._start_server(postgres)
            database_url, memory = postgres.url, replace(memory, postgres_port=postgres.port or 0)
        if not redis_url:
            valkey = ValkeyServer(home=self._var / "valkey", password=memory.valkey_password, port=memory.valkey_port)
            self._start_server(valkey)
            redis_url, memory = valkey.url, replace(memory, valkey_port=valkey.port or 0)
        state.remember(memory, var=self._var)
        state.write(state.State(pid=os.getpid(), database_url=database_url, redis_url=redis_url), var=self._var)
        return Addresses(database_url, redis_url)

    def _running_elsewhere(self) -> state.State | None:
        """Wait for the stack that holds the lock to announce itself; None when the lock became ours instead."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            running = state.read(var=self._var)
            if running is not None:
                return running
            if self._server_locks.take():
                return None
            processes.wait_until(lambda: False, seconds=TICK_SECONDS)
        raise StackError(
            "Another process of this checkout holds the servers' lock but does not get ready.",
            "Stop it (look for `devstack` in the list of processes) and try again.",
        )

    def _start_server(self, server: Server) -> None:
        began = time.monotonic()
        console.show(f"  {server.name:<12} ", end="")
        server.take_over()
        self._servers.append(server)
        try:
            server.start()
        except StackError:
            console.show("failed")
            raise
        console.show(f"ready on port {server.port} ({time.monotonic() - began:.1f} s)")

    def _revive_servers(self) -> None:
        if time.monotonic() < self._next_server_start:
            return
        for server in self._servers:
            if server.is_running():
                continue
            console.say("shop", f"{server.name} ended unexpectedly; starting it again on port {server.port}")
            try:
                server.start()
            except StackError as failure:
                self._next_server_start = time.monotonic() + BETWEEN_SERVER_STARTS
                console.say("shop", f"{failure} - trying again in {BETWEEN_SERVER_STARTS:g} s")
            else:
                console.say("shop", f"{server.name} is back")

    # The shop

    def _prepare(self, environment: dict[str, str]) -> None:
        step = processes.spawn(
            [sys.executable, "-m", "devstack.prepare", *(["--empty"] if self._empty else [])],
            environment={"LOG_LEVEL": "WARNING", **environment, "DEVSTACK_VAR": str(self._var)},
            directory=state.ROOT,
        )
        try:
            code = step.wait()
        finally:
            processes.end(step, politely=signal.SIGTERM, seconds=5)
        if code != 0:
            raise StackError(
                "The database could not be prepared (the reason stands above).",
                "Mend it and run `make run` again; `make reset` starts over without any data.",
            )
        self._report = report.take(var=self._var)

    def _announce(self, place: shop.Place, deadline: float) -> bool:
        """Tell the person at the keyboard when the shop is open. Raises StackError when it will not open."""
        if shop.is_ready(place):
            self._announced = True
            owns = bool(self._servers)
            console.show(
                shop.banner(place, var=self._var, owns_servers=owns, sandbox=self._sandbox, found=self._report)
            )
            return True
        web = next(service for service in self._services if service.name == "web")
        if web.ends >= EARLY_ENDS_ALLOWED:
            raise StackError("The web server ends as soon as it starts (its last words stand above).", "Mend it first.")
        if time.monotonic() > deadline:
            raise StackError(
                f"The shop does not get ready: {place.url}/health/ready/ does not answer 200.",
                "The lines above say why; `make doctor` looks deeper.",
            )
        return False

    # The loop

    def _tick(self) -> None:
        for key, _ in self._selector.select(timeout=TICK_SECONDS):
            key.data.listen(self._selector, key.fileobj)
        if self._parent is not None and processes.is_being_interrupted(self._parent):
            raise Stop
        self._revive_servers()
        for service in self._services:
            service.revive(self._selector)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if not self._stopping:
            self._stopping = True
            raise Stop
        for service in self._services:  # a second Ctrl-C: no more patience with the shop, still some with the data
            service.kill()

    def _take_down(self) -> None:
        self._stopping = True
        parts: list[Server | Service] = [*self._servers, *self._services]
        running = [part for part in parts if part.process is not None]
        if running:
            console.show(f"\nStopping {', '.join(part.name for part in reversed(running))}")
        for service in reversed(self._services):
            service.ask_to_stop()
        for part in reversed(running):
            part.stop()
        if self._servers:
            state.forget(var=self._var)
        self._shop_lock.release()
        self._server_locks.release()
        if running:
            console.show(f"Everything has stopped. The data stays in {self._var}.")


def reset(*, var: Path = state.VAR) -> int:
    """Delete the data of this checkout. Refuses while its stack runs. Return the exit code."""
    if not var.exists():
        print("There is nothing to delete.")
        return 0
    locks = [state.Lock(part, var=var) for part in ("servers", "shop")]
    if not all(lock.take() for lock in locks):
        print("The stack of this checkout is running. Stop it (Ctrl-C) before `make reset`.", file=sys.stderr)
        return 1
    for server in (
        PostgresServer(home=var / "postgres", password=""),
        ValkeyServer(home=var / "valkey", password=""),
    ):
        server.take_over()
    done = subprocess.run(["rm", "-rf", "--", str(var)], check=False, stdin=subprocess.DEVNULL)
    print(f"Deleted {var}." if done.returncode == 0 else f"Could not delete all of {var}: see above.")
    return done.returncode
