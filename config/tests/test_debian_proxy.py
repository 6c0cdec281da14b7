"""nginx as deploy/nginx/balcao.conf sets it up for Debian: a unit restarts, or hangs, and the other answers."""

import http.client
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.tests.debian_proxy import written_out
from config.tests.test_proxy import NGINX, OPENSSL, ended, nginx
from devstack import ports, processes, state

pytestmark = [
    pytest.mark.debian,
    pytest.mark.skipif(NGINX is None or OPENSSL is None, reason="there is no nginx, or no openssl, on this machine"),
]

UNIT = """
import signal, socket, sys, threading
from config import listening
orders, over = [], threading.Event()
def answer(environ, start):
    if environ["REQUEST_METHOD"] == "POST":
        orders.append(1)
    told = "|".join(f"{name}={environ.get(name, '')}" for name in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP"))
    environ["wsgi.input"].read()
    start("200 OK", [("X-Request-ID", "told"), ("Content-Type", "text/plain"), ("X-Orders", str(len(orders)))])
    return [told.encode()]
signal.signal(signal.SIGTERM, lambda number, frame: over.set())
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
listener.setblocking(False)
listening.serve(answer, listener=listener, threads=2, is_over=over.is_set)
"""
"""The shop's own server with something else behind it."""


@dataclass
class Front:
    """nginx for Debian, and the two units behind it."""

    tls_port: int
    units: list[int]
    certificate: Path
    running: "dict[int, subprocess.Popen[bytes]]"

    def ask(self, method: str = "GET", path: str = "/", **headers: str) -> tuple[int, str]:
        """Ask a unit through nginx."""
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        plain = socket.create_connection((ports.LOOPBACK, self.tls_port), timeout=10)
        client = http.client.HTTPConnection("localhost", timeout=10)
        client.sock = trusted.wrap_socket(plain, server_hostname="localhost")
        try:
            body = "x=1" if method == "POST" else None
            client.request(
                method, path, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
            )
            answer = client.getresponse()
            return answer.status, answer.read().decode()
        finally:
            client.close()

    def orders(self, port: int) -> int:
        """Return how many orders a unit was given, asked past nginx."""
        client = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=10)
        try:
            client.request("GET", "/")
            return int(client.getresponse().headers["X-Orders"])
        finally:
            client.close()

    @contextmanager
    def hanging(self, port: int) -> Iterator[None]:
        """Let a unit hang for the length of a block."""
        self.running[port].send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.running[port].send_signal(signal.SIGCONT)

    def start(self, port: int) -> None:
        self.running[port] = subprocess.Popen([sys.executable, "-c", UNIT, str(port)], cwd=state.ROOT)
        assert processes.wait_until(lambda: not ports.is_free(port), seconds=30)


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    tls, plain, first, second = (ports.free_port() for _port in range(4))
    config = written_out(tmp_path, tls=tls, plain=plain, units=[f"{ports.LOOPBACK}:{unit}" for unit in (first, second)])
    shared = tmp_path / "shop.conf"
    shared.write_text(shared.read_text().replace("proxy_read_timeout 20s", "proxy_read_timeout 1s"))
    with ExitStack() as stack:
        found = Front(tls, [first, second], tmp_path / "fullchain.pem", {})
        for port in found.units:
            found.start(port)
        stack.callback(lambda: list(map(ended, found.running.values())))
        proxy = subprocess.Popen(nginx(config))
        stack.callback(ended, proxy)
        assert processes.wait_until(lambda: not ports.is_free(tls), seconds=20)
        yield found


def test_units_that_restart_one_after_the_other_cost_nobody_an_answer(front: Front) -> None:
    over, told = threading.Event(), Counter[int]()

    def buy() -> None:
        while not over.is_set():
            for method in ("GET", "POST"):
                told[front.ask(method)[0]] += 1
                over.wait(0.1)  # fewer than one address may send

    buyers = [threading.Thread(target=buy) for _buyer in range(3)]
    for buyer in buyers:
        buyer.start()
    for port in front.units:
        over.wait(1)
        ended(front.running[port])
        over.wait(1)
        front.start(port)
    over.wait(1)
    over.set()
    for buyer in buyers:
        buyer.join()
    assert set(told) == {200}, told
    assert told[200] > 20


def test_while_a_unit_hangs_what_is_only_read_comes_from_the_other_and_no_order_is_sent_twice(front: Front) -> None:
    hangs, other = front.units
    with front.hanging(hangs):
        assert [front.ask("GET", path)[0] for path in ("/", "/api/v1/shop/") * 3] == [200] * 6
        told = Counter(front.ask("POST", "/api/v1/orders/")[0] for _order in range(6))
        assert set(told) == {200, 503}
        assert front.orders(other) == told[200]
    assert front.orders(hangs) <= told[503]


def test_what_a_client_says_of_itself_is_dropped(front: Front) -> None:
    status, told = front.ask(X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="http", X_Real_IP="203.0.113.9")
    assert (status, told) == (200, "HTTP_X_FORWARDED_FOR=127.0.0.1|HTTP_X_FORWARDED_PROTO=https|HTTP_X_REAL_IP=")
