"""The web server against clients that dawdle, lie about their length, or are still waiting when it is told to stop."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from config.listening import LAST_SECONDS, Channel, serve
from devstack import ports, processes, state
from devstack.servers import PostgresServer


def ask(port: int, path: str = "/health/live/", *, timeout: float = 5) -> int:
    client = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=timeout)
    try:
        client.request("GET", path, headers={"Host": "localhost"})
        return client.getresponse().status
    finally:
        client.close()


def answers(port: int) -> bool:
    try:
        return ask(port, timeout=1) == 200
    except OSError:
        return False


def say(port: int, *parts: bytes) -> socket.socket:
    connection = socket.create_connection((ports.LOOPBACK, port), timeout=10)
    for part in parts:
        connection.sendall(part)
    return connection


def heard(connection: socket.socket) -> bytes:
    found = b""
    while True:
        data = connection.recv(65_536)
        found += data
        if not data or b"}" in found:
            return found


def resident_mb_of(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def serving(**variables: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run a server of two processes with two threads each."""
    port = ports.free_port()
    environment = dict(os.environ, DJANGO_SETTINGS_MODULE="config.settings.test", LOG_LEVEL="ERROR") | variables
    words = [sys.executable, "-m", "config.serve", "--port", str(port), "--processes", "2", "--threads", "2"]
    process = subprocess.Popen(words, cwd=state.ROOT, env=environment)
    try:
        assert processes.wait_until(lambda: answers(port), seconds=30)
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def server(settings: object) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    with serving() as found:
        yield found


@pytest.mark.fault("D28")
def test_a_process_lives_although_no_thread_is_free(postgres_server: PostgresServer) -> None:
    """Four threads of two processes, and twenty requests that wait for a database that is frozen."""
    with serving(DATABASE_URL=postgres_server.url) as (port, _process), ExitStack() as stack:
        postgres_server.pause()
        stack.callback(postgres_server.resume)
        for _number in range(20):
            stack.enter_context(say(port, b"GET /health/ready/ HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            ask(port, "/health/ready/", timeout=0.5)
        assert [ask(port, timeout=0.5) for _number in range(20)] == [200] * 20
        assert time.monotonic() - began < 3, "the database was waited for meanwhile"


def test_what_lives_is_said_in_the_form_in_which_the_shop_says_it(server: tuple[int, object]) -> None:
    port, _process = server
    client = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=5)
    for method, body in (("GET", {"status": "ok"}), ("HEAD", None), ("GET", {"status": "ok"})):
        client.request(method, "/health/live/", headers={"Host": "no-name-of-the-shop.example"})
        answer = client.getresponse()
        text = answer.read()
        assert (answer.status, json.loads(text) if text else None) == (200, body)
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
    client.request("POST", "/health/live/", headers={"Host": "localhost"})
    assert client.getresponse().status == 403, "what only reads is the shop's own to refuse"
    client.close()


@pytest.mark.parametrize(
    ("parts", "pieces"),
    [([b"{}"], [b"{}"]), ([b"a", b"", b"bc"], [b"1\r\na\r\n", b"2\r\nbc\r\n", b"0\r\n\r\n"]), ([], [b""])],
)
def test_the_head_of_an_answer_leaves_with_the_beginning_of_its_body(
    parts: list[bytes], pieces: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    is_over = threading.Event()
    really = Channel.send

    def send(channel: Channel, data: bytes, *words: Any, **named: Any) -> Any:
        sent.append(bytes(data))
        return really(channel, data, *words, **named)

    def application(environment: Any, start: Any) -> Iterator[bytes]:
        length = [] if len(parts) > 1 else [("Content-Length", str(len(b"".join(parts))))]
        start("200 OK", [("Content-Type", "text/plain"), *length])
        return iter(parts)

    monkeypatch.setattr(Channel, "send", send)
    listener = socket.create_server((ports.LOOPBACK, 0))
    listener.setblocking(False)
    port = listener.getsockname()[1]
    running = threading.Thread(
        target=serve, args=(application,), kwargs={"listener": listener, "threads": 1, "is_over": is_over.is_set}
    )
    running.start()
    try:
        client = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=5)
        client.request("GET", "/")
        assert client.getresponse().read() == b"".join(parts)
        client.close()
    finally:
        is_over.set()
        running.join(30)
    head, begun = sent[0].split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert [begun, *sent[1:]] == pieces
    (said,) = (line.removeprefix(b"Date: ") for line in head.split(b"\r\n") if line.startswith(b"Date: "))
    assert abs(time.time() - parsedate_to_datetime(said.decode()).timestamp()) < 30


HEAD = b"POST /api/v1/carts/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def test_half_sent_bodies_and_heads_take_no_thread(server: tuple[int, object]) -> None:
    port, _process = server
    with ExitStack() as stack:
        for _number in range(20):
            stack.enter_context(say(port, HEAD + b"Content-Length: 1000\r\n\r\n", b"{"))
            stack.enter_context(say(port, HEAD[:40]))
        assert [ask(port) for _number in range(10)] == [200] * 10


@pytest.mark.fault("E19")
def test_a_body_framed_in_two_ways_is_refused(server: tuple[int, object]) -> None:
    port, _process = server
    framing = b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    with say(port, HEAD + framing) as connection:
        answer = heard(connection)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert b'"code": "invalid_request"' in answer


def test_a_body_too_large_for_the_api_is_refused_before_it_is_sent(server: tuple[int, object]) -> None:
    port, _process = server
    with say(port, HEAD + b"Content-Length: 1048578\r\n\r\n") as connection:
        answer = heard(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code": "payload_too_large"' in answer
    assert b"X-Content-Type-Options: nosniff\r\n" in answer
    assert b"frame-ancestors 'none'" in answer


def test_a_process_that_died_is_replaced(server: tuple[int, subprocess.Popen[bytes]]) -> None:
    port, process = server
    assert processes.wait_until(lambda: len(processes.family(process.pid)) == 3, seconds=30)
    first = processes.family(process.pid)[1:]
    for pid in first:
        processes.send(pid, signal.SIGKILL)
    assert processes.wait_until(lambda: len(set(processes.family(process.pid)[1:]) - set(first)) == 2, seconds=60)
    assert processes.wait_until(lambda: answers(port), seconds=30)


@pytest.mark.fault("D32")
def test_a_process_that_hangs_is_replaced(server: tuple[int, subprocess.Popen[bytes]]) -> None:
    """Who is stopped takes no request and ends by no signal that it could heed; the other goes on meanwhile."""
    port, process = server
    assert processes.wait_until(lambda: watching(process), seconds=30)
    hung, well = processes.family(process.pid)[1:]
    processes.send(hung, signal.SIGSTOP)
    assert processes.wait_until(lambda: hung not in processes.family(process.pid), seconds=60)
    assert processes.wait_until(lambda: len(processes.family(process.pid)) == 3, seconds=60)
    assert well in processes.family(process.pid)
    assert [ask(port) for _number in range(10)] == [200] * 10


def test_systemd_hears_that_it_serves_and_goes_on_serving(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        with serving(NOTIFY_SOCKET=str(tmp_path / "notify")) as (port, process):
            assert [manager.recv(100) for _time in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
            processes.send(processes.family(process.pid)[1], signal.SIGKILL)
            told = b""
            while told != b"READY=1":  # it has become another program and this one again
                told = manager.recv(100)
            assert manager.recv(100) == b"WATCHDOG=1"
            assert answers(port)


def watching(process: subprocess.Popen[bytes]) -> bool:
    return "supervise.py" in processes.command_line(process.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_the_parent_keeps_nothing_of_the_shop(server: tuple[int, subprocess.Popen[bytes]]) -> None:
    _port, process = server
    assert processes.wait_until(lambda: watching(process), seconds=30)
    assert resident_mb_of(process.pid) < 20
    assert all(resident_mb_of(pid) > 40 for pid in processes.family(process.pid)[1:])


def test_who_is_asked_to_stop_while_a_process_is_replaced_stops(server: tuple[int, subprocess.Popen[bytes]]) -> None:
    port, process = server
    assert processes.wait_until(lambda: watching(process), seconds=30)
    processes.send(processes.family(process.pid)[1], signal.SIGKILL)
    assert processes.wait_until(lambda: not watching(process), seconds=30)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert not answers(port)


def test_who_was_let_in_before_the_server_ends_is_answered(server: tuple[int, subprocess.Popen[bytes]]) -> None:
    """Connections that nobody has taken yet when the server is told to end: a proxy has sent requests on them."""
    port, process = server
    assert processes.wait_until(lambda: watching(process), seconds=30)
    family = processes.family(process.pid)
    with ExitStack() as stack:
        for pid in family:
            processes.send(pid, signal.SIGSTOP)
        asked = [
            stack.enter_context(say(port, b"GET /api/schema/ HTTP/1.1\r\nHost: localhost\r\n\r\n")) for _ in range(12)
        ]
        for number in (signal.SIGTERM, signal.SIGCONT):  # so that each hears it before anything else
            for pid in family:
                processes.send(pid, number)
        assert [connection.recv(15) for connection in asked] == [b"HTTP/1.1 200 OK"] * 12
        assert process.wait(30) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="filters of sockets are Linux's")
def test_nobody_is_let_in_by_a_server_that_ends(server: tuple[int, subprocess.Popen[bytes]]) -> None:
    """The kernel would make a connection as long as any process listens, and a proxy would send a request on it."""
    port, process = server
    assert processes.wait_until(lambda: watching(process), seconds=30)
    children = processes.family(process.pid)[1:]
    with say(port, b"GET /health/live/ HTTP/1.1\r\nHost: localhost\r\n\r\n") as before:
        for pid in children:
            processes.send(pid, signal.SIGSTOP)
        process.send_signal(signal.SIGTERM)
        try:
            assert processes.wait_until(lambda: not lets_in(port), seconds=20, every=0.1)  # before the queue is full
        finally:
            for pid in children:
                processes.send(pid, signal.SIGCONT)
        assert heard(before).startswith(b"HTTP/1.1 200 OK")
        assert process.wait(30) == 0


def lets_in(port: int) -> bool:
    """Say whether the kernel makes a connection for whoever listens there."""
    try:
        socket.create_connection((ports.LOOPBACK, port), timeout=0.3).close()
    except TimeoutError:
        return False
    return True


def test_a_request_half_received_when_the_server_ends_may_come_whole(
    server: tuple[int, subprocess.Popen[bytes]],
) -> None:
    port, process = server
    half = b"GET /health/live/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nha"
    with say(port, half) as connection:
        process.send_signal(signal.SIGTERM)
        assert processes.wait_until(lambda: not answers(port), seconds=30)
        time.sleep(2 * LAST_SECONDS)
        connection.sendall(b"lf")
        assert heard(connection).startswith(b"HTTP/1.1 200 OK")
        assert process.wait(30) == 0


def test_what_was_received_is_answered_before_the_server_ends(server: tuple[int, subprocess.Popen[bytes]]) -> None:
    port, process = server
    with ExitStack() as stack:
        asked = [
            stack.enter_context(say(port, b"GET /api/schema/ HTTP/1.1\r\nHost: localhost\r\n\r\n")) for _ in range(6)
        ]
        assert processes.wait_until(lambda: bool(asked[0].recv(1, socket.MSG_PEEK)), seconds=30)
        process.send_signal(signal.SIGTERM)
        assert [connection.recv(15) for connection in asked] == [b"HTTP/1.1 200 OK"] * 6
        assert process.wait(30) == 0
    assert not answers(port)


def test_who_may_still_ask_on_a_connection_is_answered_once_and_sent_to_who_stays(
    server: tuple[int, subprocess.Popen[bytes]],
) -> None:
    """A proxy keeps connections; one it would use at the very moment at which they end would cost it a request."""
    port, process = server
    asked = b"GET /health/live/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as stack:
        kept = [stack.enter_context(say(port, asked)) for _ in range(6)]
        assert [b"Connection: close" in heard(connection) for connection in kept] == [False] * 6
        process.send_signal(signal.SIGTERM)
        assert processes.wait_until(lambda: not answers(port), seconds=30)
        for connection in kept:
            connection.sendall(asked)
        told = [heard(connection) for connection in kept]
        assert [(one[:15], b"Connection: close" in one) for one in told] == [(b"HTTP/1.1 200 OK", True)] * 6
        assert [connection.recv(1) for connection in kept] == [b""] * 6
        assert process.wait(30) == 0
