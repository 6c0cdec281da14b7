"""A Redis with a second one behind it, and three sentinels that agree which of them takes writes."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from devstack import binaries, ports
from devstack.servers import ValkeyServer, new_password

SERVICE = "balcao"
SENTINELS, QUORUM = 3, 2
ServerT = TypeVar("ServerT", bound=ValkeyServer)


class Follower(ValkeyServer):
    """A Valkey that knows the password of the others, and follows one of them if it is told to."""

    following: int | None = None

    def _command(self) -> list[str]:
        command = super()._command()
        with self.configuration.open("a") as text:
            text.write(f"masterauth {self.password}\nrepl-diskless-sync-delay 0\n")
            if self.following is not None:
                text.write(f"replicaof {ports.LOOPBACK} {self.following}\n")
        return command


class Sentinel(ValkeyServer):
    """A Valkey that only watches."""

    watched_port = 0
    watched_password = ""

    def _command(self) -> list[str]:
        lines = [
            f"bind {ports.LOOPBACK}",
            f"port {self.port}",
            f'dir "{self.home}"',
            f"requirepass {self.password}",
            f"sentinel sentinel-pass {self.password}",
            f"sentinel monitor {SERVICE} {ports.LOOPBACK} {self.watched_port} {QUORUM}",
            f"sentinel auth-pass {SERVICE} {self.watched_password}",
            f"sentinel down-after-milliseconds {SERVICE} 500",
            f"sentinel failover-timeout {SERVICE} 3000",
        ]
        self.configuration.write_text("\n".join([*lines, ""]))
        return [str(binaries.valkey_binary()), str(self.configuration), "--sentinel"]


@dataclass
class WatchedRedis:
    """Both servers and those who watch them."""

    url: str
    first: Follower
    second: Follower
    sentinels: list[Sentinel]


@contextmanager
def watched(home: Path) -> Iterator[WatchedRedis]:
    """Run all five for the length of a block."""
    password, asked = new_password(), new_password()
    with ExitStack() as stack:

        def started(server: ServerT) -> ServerT:
            stack.callback(server.destroy)
            server.start()
            return server

        first = started(Follower(home=home / "first", password=password, throwaway=True))
        second = Follower(home=home / "second", password=password, throwaway=True)
        second.following = first.port
        started(second)
        sentinels = []
        for number in range(SENTINELS):
            sentinel = Sentinel(home=home / f"sentinel-{number}", password=asked, throwaway=True)
            sentinel.watched_port, sentinel.watched_password = first.port or 0, password
            sentinels.append(started(sentinel))
        hosts = ",".join(f"{ports.LOOPBACK}:{sentinel.port}" for sentinel in sentinels)
        url = f"sentinel://:{password}@{hosts}/{SERVICE}/0?sentinel_password={asked}"
        yield WatchedRedis(url=url, first=first, second=second, sentinels=sentinels)
