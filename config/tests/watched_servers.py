"""A Redis with a second one behind it, and three sentinels that agree which of them takes writes."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from redis import Redis
from redis.exceptions import RedisError

from devstack import binaries, processes
from devstack.servers import ValkeyServer, new_password

SERVICE = "balcao"
SENTINELS, QUORUM = 3, 2
ACQUAINTED_SECONDS = 60
"""Sentinels ask a server who follows it every ten seconds, and tell each other of themselves every two."""

ServerT = TypeVar("ServerT", bound=ValkeyServer)


class Follower(ValkeyServer):
    """A Valkey that knows the password of the others, and follows one of them if it is told to."""

    following: ValkeyServer | None = None

    def is_followed(self) -> bool:
        """Whether somebody follows it."""
        with Redis(host=self.host, port=self.port or 0, password=self.password, socket_timeout=5) as client:
            return bool(client.info("replication")["connected_slaves"])

    def _command(self) -> list[str]:
        command = super()._command()
        with self.configuration.open("a") as text:
            text.write(f"masterauth {self.password}\nrepl-diskless-sync-delay 0\n")
            if self.following is not None:
                text.write(f"replicaof {self.following.host} {self.following.port}\n")
        return command


class Sentinel(ValkeyServer):
    """A Valkey that only watches."""

    watched: ValkeyServer
    silence_ms, failover_ms = 500, 3000
    """After how much silence of the server it calls it gone, and after how long it tries to promote another again."""

    def _command(self) -> list[str]:
        lines = [
            f"bind {self.host}",
            f"port {self.port}",
            f'dir "{self.home}"',
            f"requirepass {self.password}",
            f"sentinel sentinel-pass {self.password}",
            f"sentinel monitor {SERVICE} {self.watched.host} {self.watched.port} {QUORUM}",
            f"sentinel auth-pass {SERVICE} {self.watched.password}",
            f"sentinel down-after-milliseconds {SERVICE} {self.silence_ms}",
            f"sentinel failover-timeout {SERVICE} {self.failover_ms}",
        ]
        self.configuration.write_text("\n".join([*lines, ""]))
        return [str(binaries.valkey_binary()), str(self.configuration), "--sentinel"]

    def view(self) -> dict[str, Any]:
        """Return what this sentinel knows of the service; raises RedisError."""
        with self._client() as client:
            found: dict[str, Any] = client.sentinel_master(SERVICE)
            return found

    def change_places(self) -> None:
        """Promote the one that follows although nobody is gone; raises RedisError."""
        with self._client() as client:
            client.execute_command("SENTINEL", "FAILOVER", SERVICE)

    def _client(self) -> Redis:
        return Redis(
            host=self.host, port=self.port or 0, password=self.password, socket_timeout=5, decode_responses=True
        )

    def is_ready_to_promote(self) -> bool:
        """Whether it knows the one that follows and all who watch; before that nobody could be promoted."""
        try:
            found = self.view()
        except RedisError:
            return False
        return bool(
            found["num-slaves"] == 1
            and found["num-other-sentinels"] == SENTINELS - 1
            and not {"s_down", "o_down"} & {*str(found["flags"]).split(",")}
        )


@dataclass
class WatchedRedis:
    """Both servers and those who watch them."""

    first: Follower
    second: Follower
    sentinels: list[Sentinel]

    @property
    def url(self) -> str:
        """The address that names those who watch."""
        hosts = ",".join(f"{sentinel.host}:{sentinel.port}" for sentinel in self.sentinels)
        return f"sentinel://:{self.first.password}@{hosts}/{SERVICE}/0?sentinel_password={self.sentinels[0].password}"

    def views(self) -> list[dict[str, Any] | str]:
        """Return what each sentinel knows, or why it does not say: for whoever reads of a test that failed."""

        def view(sentinel: Sentinel) -> dict[str, Any] | str:
            try:
                return sentinel.view()
            except RedisError as error:
                return repr(error)

        return [view(sentinel) for sentinel in self.sentinels]


@contextmanager
def watched(home: Path) -> Iterator[WatchedRedis]:
    """Run all five for the length of a block, which begins once each sentinel could promote the one that follows."""
    password, asked = new_password(), new_password()
    with ExitStack() as stack:

        def started(server: ServerT) -> ServerT:
            stack.callback(server.destroy)
            server.start()
            return server

        first = started(Follower(home=home / "first", password=password, throwaway=True))
        second = Follower(home=home / "second", password=password, throwaway=True)
        second.following = first
        started(second)
        assert processes.wait_until(first.is_followed, seconds=ACQUAINTED_SECONDS, every=0.05)
        sentinels = []
        for number in range(SENTINELS):
            sentinel = Sentinel(home=home / f"sentinel-{number}", password=asked, throwaway=True)
            sentinel.watched = first
            sentinels.append(started(sentinel))
        for sentinel in sentinels:
            ready = processes.wait_until(sentinel.is_ready_to_promote, seconds=ACQUAINTED_SECONDS, every=0.1)
            assert ready, sentinel.view()
        yield WatchedRedis(first=first, second=second, sentinels=sentinels)
