"""Two web servers behind the composition's own nginx, exchanged one after the other while people buy: nobody notices.

The names of the network of containers are told by a server of this test, as the engine tells them: a web container's
address is among those of `web` from when it is started until it has ended, and one that is made anew has another.
"""

import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from config.tests.test_proxy import NGINX, ended, nginx, written_out
from devstack import ports, processes, shop, state
from devstack.servers import PostgresServer, ValkeyServer
from tools.bench.__main__ import GOODS, SEED
from tools.upgrade.traffic import Front, Heard, buyers

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

KNOWN = "SELECT count(*) FROM orders_order WHERE number = ANY(%s)"
LEAST_ANSWERS = 20
ADDRESSES = [f"127.0.0.{number}" for number in range(2, 6)]


@dataclass
class Names:
    """A name server that knows where `web` is."""

    addresses: list[str] = field(default_factory=list)

    def answer(self, asked: bytes) -> bytes:
        """Return what is told of a question, whatever name it asks for. RFC 1035, 4.1."""
        end = asked.index(b"\0", 12) + 5
        records = b"".join(
            b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 600, 4) + socket.inet_aton(one) for one in self.addresses
        )
        return asked[:2] + struct.pack(">HHHHH", 0x8180, 1, len(self.addresses), 0, 0) + asked[12:end] + records


@contextmanager
def telling(names: Names) -> Iterator[int]:
    """Tell names for the length of a block; yield the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind((ports.LOOPBACK, 0))

        def tell() -> None:
            while True:
                asked, whom = door.recvfrom(512)
                if not asked:
                    return
                door.sendto(names.answer(asked), whom)

        teller = threading.Thread(target=tell, daemon=True)
        teller.start()
        try:
            yield door.getsockname()[1]
        finally:
            door.sendto(b"", door.getsockname())
            teller.join()


@dataclass
class Composition:
    """The web containers as processes, each at an address of its own, and the proxy before them."""

    environment: dict[str, str]
    var: Path
    names: Names
    web_port: int
    port: int
    running: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)

    def start(self, address: str) -> None:
        """Start a web container, and wait until it is healthy."""
        place = shop.Place(address, self.web_port)
        web = shop.services(environment=self.environment, place=place, var=self.var)[0]
        self.names.addresses.append(address)
        self.running[address] = processes.spawn(web.command, environment=self.environment, directory=state.ROOT)
        assert processes.wait_until(lambda: shop.is_ready(place), seconds=90)

    def end_all(self) -> None:
        for address in list(self.running):
            self.end(address)

    def end(self, address: str) -> None:
        """End one as `docker stop` does."""
        ended(self.running.pop(address))
        self.names.addresses.remove(address)


@pytest.fixture
def composition(postgres_server: PostgresServer, redis_server: ValkeyServer, tmp_path: Path) -> Iterator[Composition]:
    assert NGINX, "apt-get install nginx"
    web_port, port = ports.free_port(), ports.free_port()
    environment = shop.environment(
        shop.bare_environment(), database_url=postgres_server.url, redis_url=redis_server.url,
        place=shop.Place(ports.LOOPBACK, port), var=tmp_path,
    ) | {f"{name}_THROTTLE": "" for name in ("ANON", "USER", "CHECKOUT")} | {"LOG_LEVEL": "CRITICAL", "TRUSTED_PROXIES": "1", "ALLOWED_HOSTS": ",".join([ports.LOOPBACK, *ADDRESSES])}  # fmt: skip
    for words in (["manage.py", "migrate", "--verbosity", "0"], ["manage.py", "sync_roles"], ["-c", SEED]):
        subprocess.run([sys.executable, *words], cwd=state.ROOT, env=environment, check=True, timeout=300)
    names = Names()
    with ExitStack() as stack:
        told = stack.enter_context(telling(names))
        config = written_out(tmp_path / "proxy", server="plain.conf", web=web_port, plain=port, tls=0)
        for file in config.parent.iterdir():
            text = file.read_text().replace(f"http://127.0.0.1:{web_port}", f"http://web:{web_port}")
            file.write_text(text.replace("resolver 127.0.0.11 ", f"resolver 127.0.0.1:{told} "))
        found = Composition(environment, tmp_path, names, web_port, port)
        stack.callback(found.end_all)
        for address in ADDRESSES[:2]:
            found.start(address)
        proxy = subprocess.Popen(nginx(config))
        stack.callback(ended, proxy)
        assert processes.wait_until(lambda: shop.is_ready(shop.Place(ports.LOOPBACK, port)), seconds=30)
        yield found


def served(heard: Heard, phase: str) -> None:
    """Let people buy for a while."""
    heard.enter(phase)
    assert processes.wait_until(lambda: heard.requests[phase] >= LEAST_ANSWERS or bool(heard.failures), seconds=60)


def test_web_containers_that_are_exchanged_cost_nobody_an_answer(
    composition: Composition, postgres_server: PostgresServer
) -> None:
    with buyers(front=Front([composition.port]), skus=[f"BENCH-{number}" for number in range(GOODS)]) as heard:
        served(heard, "two")
        for round_number in range(3):
            for address in ADDRESSES[:2]:  # docker restart, one after the other
                composition.end(address)
                served(heard, f"{round_number}: {address} is away")
                composition.start(address)
                served(heard, f"{round_number}: {address} is back")
        for address in ADDRESSES[2:]:  # new ones beside the old ones
            composition.start(address)
        served(heard, "four")
        for address in ADDRESSES[:2]:
            composition.end(address)
        served(heard, "the new ones")
    assert heard.failures == []
    print(sum(heard.requests.values()), "requests,", len(heard.orders), "orders, none failed")
    with psycopg.connect(postgres_server.url) as connection:
        assert connection.execute(KNOWN, [heard.orders]).fetchone() == (len(heard.orders),)
    done = subprocess.run(
        [sys.executable, "manage.py", "check_integrity"], cwd=state.ROOT, env=composition.environment,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
