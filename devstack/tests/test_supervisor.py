"""The supervisor as its users meet it: a process that is started, asked, interrupted, and killed."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from devstack import ports, processes, shop, state
from devstack.errors import StackError


@dataclass
class Stack:
    """`make services` on a directory of its own."""

    var: Path
    process: subprocess.Popen[str]

    def announced(self) -> state.State:
        assert processes.wait_until(lambda: state.read(var=self.var) is not None, seconds=60)
        found = state.read(var=self.var)
        assert found is not None
        return found

    def server_pids(self) -> list[int]:
        postmaster = (self.var / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0]
        return [int(postmaster), int((self.var / "valkey" / "valkey.pid").read_text())]


def _open(var: Path) -> Stack:
    environment = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
    process = subprocess.Popen(
        [sys.executable, "-m", "devstack", "services", "--end-with-parent", "--var", str(var)],
        cwd=state.ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    return Stack(var=var, process=process)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    opened = _open(tmp_path / "var")
    try:
        yield opened
    finally:
        opened.process.terminate()
        opened.process.communicate(timeout=30)


def _gone(pids: list[int]) -> bool:
    return processes.wait_until(lambda: not any(processes.alive(pid) for pid in pids), seconds=20)


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")
def test_nothing_is_left_behind_when_the_supervisor_is_killed_and_the_data_is(stack: Stack) -> None:
    before = stack.announced()
    with psycopg.connect(before.database_url) as connection:
        connection.execute("CREATE TABLE kept ()")
    pids = stack.server_pids()
    stack.process.kill()
    stack.process.wait()
    assert _gone(pids)
    assert state.read(var=stack.var) is None

    again = _open(stack.var)
    try:
        after = again.announced()
        assert (after.database_url, after.redis_url) == (before.database_url, before.redis_url)
        with psycopg.connect(after.database_url) as connection:
            assert connection.execute("SELECT to_regclass('kept')::text").fetchone() == ("kept",)
    finally:
        again.process.terminate()
        again.process.communicate(timeout=30)


def test_an_interrupt_stops_both_servers_in_reverse_order_and_withdraws_the_state(stack: Stack) -> None:
    stack.announced()
    pids = stack.server_pids()
    stack.process.send_signal(signal.SIGINT)
    output, _ = stack.process.communicate(timeout=30)
    assert stack.process.returncode == 0
    assert "Stopping Valkey, PostgreSQL" in output
    assert _gone(pids)
    assert not state.state_file(stack.var).exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_make_that_is_interrupted_alone_takes_the_stack_with_it(tmp_path: Path) -> None:
    makefile = tmp_path / "Makefile"
    makefile.write_text(
        f"services:\n\t@{sys.executable} -m devstack services --end-with-parent --var {tmp_path / 'var'}\n"
    )
    environment = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
    make = subprocess.Popen(
        ["env", "--default-signal=INT", "make", "-f", str(makefile), "services"],  # a background job would ignore it
        cwd=state.ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    stack = Stack(var=tmp_path / "var", process=make)
    stack.announced()
    pids = stack.server_pids()
    make.send_signal(signal.SIGINT)
    output, _ = make.communicate(timeout=30)
    assert "Stopping Valkey, PostgreSQL" in output
    assert _gone(pids)


def test_a_second_start_finds_the_running_servers_instead_of_starting_more(stack: Stack) -> None:
    running = stack.announced()
    second = _open(stack.var)
    output, _ = second.process.communicate(timeout=30)
    assert second.process.returncode == 0
    assert f"process {running.pid}" in output
    assert state.read(var=stack.var) == running


@pytest.mark.parametrize("victim", [0, 1], ids=["postgres", "valkey"])
def test_a_server_that_crashes_comes_back_on_its_port(stack: Stack, victim: int) -> None:
    before = stack.announced()
    pids = stack.server_pids()
    processes.send(pids[victim], signal.SIGKILL)

    assert stack.process.stdout is not None
    assert any(f"{('PostgreSQL', 'Valkey')[victim]} is back" in line for line in stack.process.stdout)
    assert stack.server_pids()[victim] != pids[victim]
    assert stack.server_pids()[1 - victim] == pids[1 - victim]
    assert stack.announced() == before


def test_the_port_that_was_asked_for_is_never_moved() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as neighbour:
        taken = neighbour.getsockname()[1]
        with pytest.raises(StackError, match=f"Port {taken} is taken"):
            shop.choose_place({"PORT": str(taken)})
    with pytest.raises(StackError, match="is not a port"):
        shop.choose_place({"PORT": "\uff18\uff10\uff10\uff10"})
    port = ports.free_port()
    assert shop.choose_place({"PORT": str(port)}).port == port


def test_reset_refuses_while_the_stack_runs(stack: Stack) -> None:
    stack.announced()
    refused = subprocess.run(
        [sys.executable, "-m", "devstack", "reset", "--var", str(stack.var)],
        cwd=state.ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert refused.returncode == 1
    assert "is running" in refused.stderr
    assert json.loads(state.state_file(stack.var).read_text())["pid"] == stack.process.pid
