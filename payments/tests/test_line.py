"""A gateway that answers slowly, endlessly or not to the end keeps nobody, whichever adapter asks."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
import requests

from payments.gateways import calls, line
from payments.gateways.line import BoundedSession, Line
from payments.gateways.mercadopago import MercadoPago
from payments.gateways.protocol import PaymentGateway, Unreachable
from payments.gateways.sandbox import Sandbox
from payments.gateways.stripe import Stripe

Say = Callable[[socket.socket], None]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n"
PAUSE = 0.15


def drip(to: socket.socket) -> None:
    """Say one letter after the other: each in time, all of them far too late."""
    to.sendall(HEAD)
    for _letter in range(30):
        to.sendall(b" ")
        time.sleep(PAUSE)


def break_off(to: socket.socket) -> None:
    to.sendall(HEAD + b'{"id": 1}')


def say_too_much(to: socket.socket) -> None:
    to.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _piece in range(100):
        to.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")


def lead_away(to: socket.socket) -> None:
    to.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\n{}")


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Say], str]]:
    """Return what starts a gateway that says only that, and gives its address."""
    monkeypatch.setattr(calls, "TIMEOUT", 0.5)
    monkeypatch.setattr(line, "MOST_BYTES", 10_000)
    listeners: list[socket.socket] = []

    def serve(say: Say) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def answer() -> None:
            with suppress(OSError):
                while True:
                    caller, _address = listener.accept()
                    with caller, suppress(OSError):
                        caller.recv(65_536)
                        say(caller)

        threading.Thread(target=answer, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    for listener in listeners:
        listener.close()


def adapters(base: str) -> list[PaymentGateway]:
    return [
        Sandbox(url=base, key="k", secret="s"),
        MercadoPago(token="TEST-t", webhook_secret="s", account="", base=base),
        Stripe(key="sk_test_k", webhook_secret="whsec_s", account="", base=base),
    ]


@pytest.mark.parametrize("say", [drip, break_off, say_too_much])
def test_no_adapter_waits_for_an_answer_without_end(says: Callable[[Say], str], say: Say) -> None:
    for adapter in adapters(says(say)):
        began = time.monotonic()
        with pytest.raises(Unreachable):
            adapter.check_connection()
        assert time.monotonic() - began < 30 * PAUSE / 2, adapter.name


def test_the_time_out_of_requests_alone_is_that_of_one_read(says: Callable[[Say], str]) -> None:
    """Negative control: every letter comes in time, and so somebody waits for all thirty."""
    took = requests.get(says(drip), timeout=calls.TIMEOUT).elapsed
    began = time.monotonic()
    assert requests.get(says(drip), timeout=calls.TIMEOUT).content == b" " * 30
    assert time.monotonic() - began > 29 * PAUSE
    assert took < timedelta(seconds=calls.TIMEOUT), "the first letter came at once"


def test_what_is_asked_is_carried_nowhere_else(says: Callable[[Say], str]) -> None:
    assert Line(base=says(lead_away), token="secret").ask("GET", "/") == (302, b"{}")


def test_an_answer_in_time_is_there_whole(says: Callable[[Say], str]) -> None:
    def answer(to: socket.socket) -> None:
        to.sendall(HEAD + b'{"id": "thirty letters long!"}')

    found = BoundedSession().get(says(answer))
    assert (found.status_code, found.json()) == (200, {"id": "thirty letters long!"})
