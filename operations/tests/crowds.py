"""Many clients at once before the shop's web server, for races over real processes."""

import http.client
import json
import signal
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from devstack import processes, shop
from devstack.servers import ValkeyServer

PROBLEM = "application/problem+json"

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Wish:
    """One request of one client."""

    path: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a client was told."""

    wish: Wish
    status: int
    headers: http.client.HTTPMessage
    body: dict[str, Any]

    @property
    def told(self) -> str:
        """`201`, or status and code of a problem that looks like one."""
        if self.status == 201:
            return "201"
        assert self.headers["Content-Type"] == PROBLEM, (self.status, self.body)
        assert self.body["status"] == self.status
        assert (self.headers["Retry-After"] is not None) == (self.status == 503)
        return f"{self.status} {self.body['code']}"


class Crowd:
    """Clients with a connection each, who send their wishes at one moment."""

    def __init__(self, place: shop.Place, wishes: Sequence[Wish]) -> None:
        self.answers: list[Answer] = []
        self.together = threading.Barrier(len(wishes) + 1)
        self._place = place

    def let_loose(self) -> None:
        """Let everybody speak."""
        self.together.wait(timeout=PATIENCE_SECONDS)

    def has_heard(self, answers: int) -> bool:
        """Wait until so many have got an answer."""
        return processes.wait_until(lambda: len(self.answers) >= answers, seconds=PATIENCE_SECONDS, every=0.002)

    def ask(self, wish: Wish) -> None:
        """Be one of the clients."""
        client = http.client.HTTPConnection(self._place.host, self._place.port, timeout=PATIENCE_SECONDS)
        try:
            client.connect()
            self.let_loose()
            headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
            client.request("POST", wish.path, json.dumps(wish.body), headers)
            answer = client.getresponse()
            self.answers.append(Answer(wish, answer.status, answer.headers, json.loads(answer.read())))
        finally:
            client.close()


@contextmanager
def crowd(place: shop.Place, wishes: Sequence[Wish]) -> Iterator[Crowd]:
    """Bring a crowd to the counter, connected; at the end of the block everybody has been answered."""
    people = Crowd(place, wishes)
    with ThreadPoolExecutor(len(wishes)) as pool:
        asking = [pool.submit(people.ask, wish) for wish in wishes]
        try:
            assert processes.wait_until(lambda: people.together.n_waiting == len(wishes), seconds=PATIENCE_SECONDS)
            yield people
        except BaseException:
            people.together.abort()
            raise
        for one in asking:
            one.result(timeout=PATIENCE_SECONDS)


def everybody(place: shop.Place, wishes: Sequence[Wish]) -> list[Answer]:
    """Let a crowd loose at once and return its answers."""
    with crowd(place, wishes) as people:
        people.let_loose()
    return people.answers


@dataclass(frozen=True)
class Web:
    """The shop's web server as `make run` starts it, with a private Valkey."""

    place: shop.Place
    workers: tuple[int, int]
    valkey: ValkeyServer

    def gets_ready(self) -> None:
        """Wait until each worker serves without the other: a crowd must not meet one that still starts."""
        for worker, other in (self.workers, reversed(self.workers)):
            processes.send(other, signal.SIGSTOP)
            try:
                assert processes.wait_until(self._is_whole, seconds=PATIENCE_SECONDS), worker
            finally:
                processes.send(other, signal.SIGCONT)

    def _is_whole(self) -> bool:
        """Ask once, without much patience: half of the connections are given to the worker that is stopped."""
        client = http.client.HTTPConnection(self.place.host, self.place.port, timeout=0.5)
        try:
            client.request("GET", "/health/ready/")
            return bool(json.loads(client.getresponse().read())["checks"]["redis"] == "ok")
        except OSError:
            return False
        finally:
            client.close()


def visits(starts_at: datetime, *, who: UUID, people: int) -> list[Wish]:
    """Return the wishes of so many people for one time of one professional."""
    return [
        Wish(
            "/api/v1/appointments/",
            {
                "services": ["CORTE"],
                "professional": str(who),
                "starts_at": starts_at.isoformat(),
                "customer": {"name": "Maria Souza", "email": f"maria-{number}@example.com"},
            },
        )
        for number in range(people)
    ]


def one_has_it(answers: Sequence[Answer], *, refusal: str) -> Answer:
    """See that one got it and everybody else a refusal, or was asked to come back; returns the one's answer."""
    counted = Counter(answer.told for answer in answers)
    refused = counted[refusal] + counted["503 busy"]
    assert (counted["201"], refused) == (1, len(answers) - 1), counted
    return next(answer for answer in answers if answer.status == 201)


def purchase(cart: str, total: str) -> Wish:
    """Return the wish to order a cart."""
    return Wish(
        "/api/v1/orders/",
        {
            "cart": cart,
            "expected_total": total,
            "customer": {"name": "Ana Lima", "email": f"{uuid4().hex}@example.com"},
            "payment_method": "on_site",
            "fulfilment": {"method": "pickup"},
        },
    )


def leave(place: shop.Place, wish: Wish, *, key: str, after: float) -> None:
    """Send a share of a request and go before any answer: whose request is whole closes, who breaks off resets."""
    body = json.dumps(wish.body).encode()
    client = http.client.HTTPConnection(place.host, place.port, timeout=PATIENCE_SECONDS)
    client.putrequest("POST", wish.path)
    for name, value in (("Content-Type", "application/json"), ("Idempotency-Key", key)):
        client.putheader(name, value)
    client.putheader("Content-Length", str(len(body)))
    client.endheaders()
    client.send(body[: int(len(body) * after)])
    if after < 1:
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def ask_once(place: shop.Place, wish: Wish, *, key: str) -> tuple[int, str | None]:
    """Send a request and return its status, and whether its answer says that it was given before."""
    client = http.client.HTTPConnection(place.host, place.port, timeout=PATIENCE_SECONDS)
    try:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        client.request("POST", wish.path, json.dumps(wish.body), headers)
        answer = client.getresponse()
        return answer.status, answer.headers["Idempotent-Replayed"]
    finally:
        client.close()
