"""The two servers: PostgreSQL and Valkey, on the loopback interface, on a free port, with a password of their own.

Whoever has machines of their own for them names another address, and how a program is started there.

Both keep everything in one directory and never touch the machine's own servers. A *throw-away* server trades every
guarantee about power cuts for speed, and is what the tests use. There is no Unix socket, because a
checkout deep inside a home would make its path longer than the 107 bytes that sockets allow.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from devstack import binaries, ports, processes
from devstack.errors import StackError

USER = "balcao"
DATABASE = "balcao"
START_SECONDS = 60.0
STOP_SECONDS = 20.0
LOG_LIMIT = 5_000_000
POSTGRES_MAJOR = "18"

POSTGRES_SETTINGS = {
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "log_min_messages": "warning",
    "log_lock_waits": "on",
}
# Commits stay synchronous: without fsync that costs one write, and a test that kills the server may count on them.
THROWAWAY_POSTGRES_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "max_connections": "200",
    "dynamic_shared_memory_type": "mmap",
}


class Server(ABC):
    """One server process and its directory. Not safe to share between threads; start it from a main thread."""

    name: str
    stop_signal: signal.Signals
    throwaway_signal = signal.SIGKILL
    """What ends a throw-away server whose parent is gone."""

    host: str = ports.LOOPBACK
    """The address at which it listens."""

    prefix: Sequence[str] = ()
    """Words before its command, where it runs on a machine of its own; they end by becoming that command."""

    def __init__(self, *, home: Path, password: str, port: int | None = None, throwaway: bool = False) -> None:
        self.home = home
        self.password = password
        self.port = port
        self.throwaway = throwaway
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """The file that receives everything the server prints."""
        return self.home / "server.log"

    @property
    @abstractmethod
    def url(self) -> str:
        """The address with user and password, as Django's settings want it. Only known once the server has started."""

    @property
    def pid(self) -> int:
        """The process id of the running server. Raises RuntimeError when it was never started."""
        if self.process is None:
            raise RuntimeError(f"{self.name} is not running")
        return self.process.pid

    def is_running(self) -> bool:
        """Tell whether our child process lives; says nothing about whether it answers."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Create the server's directory if need be, start it and wait until it accepts connections.

        A server keeps its port from one start to the next. Raises StackError with the end of the log when it fails.
        """
        if self.is_running():
            return
        keeps_port = self.process is not None
        self._create()
        for attempt in range(5):
            if not keeps_port or self.port is None:
                self.port = ports.free_port(preferred=self.port if attempt == 0 else None)
            if self._launch():
                return
            # Somebody took the port, or the last generation still holds its shared memory for a moment.
            processes.wait_until(lambda: False, seconds=0.3)
        raise StackError(f"{self.name} does not start.", f"The end of {self.log}:\n{self._tail()}")

    def stop(self) -> None:
        """End the server in an orderly way: what was committed stays. Kills it after a while if it does not listen."""
        if self.process is not None and self.is_running():
            self.resume()
            processes.end(self.process, politely=self.stop_signal, seconds=STOP_SECONDS)

    def kill(self) -> None:
        """End the server as a power cut would, and everything it started, so that the port is free at once."""
        if self.process is None:
            return
        members = processes.family(self.process.pid)
        for member in members:
            processes.send(member, signal.SIGKILL)
        self.process.wait()
        processes.wait_until(lambda: not any(processes.alive(member) for member in members), seconds=STOP_SECONDS)

    def pause(self) -> None:
        """Freeze the server and its children: connections stay open and nothing answers."""
        for member in processes.family(self.pid):
            processes.send(member, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen server go on."""
        for member in processes.family(self.pid):
            processes.send(member, signal.SIGCONT)

    def destroy(self) -> None:
        """Kill the server and delete its directory. For throw-away servers."""
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def take_over(self) -> None:
        """End a server of ours that outlived its supervisor, so that two never work on one directory.

        Only a process whose command line names our own directory is touched.
        """
        pid = self._recorded_pid()
        if pid is None or not processes.alive(pid) or str(self.home) not in processes.command_line(pid):
            return
        processes.send(pid, self.stop_signal)
        if not processes.wait_until(lambda: not processes.alive(pid), seconds=STOP_SECONDS):
            processes.send(pid, signal.SIGKILL)
            processes.wait_until(lambda: not processes.alive(pid), seconds=STOP_SECONDS)

    def _launch(self) -> bool:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.unlink()
        with self.log.open("ab") as log:
            process = processes.spawn(
                [*self.prefix, *self._command()],
                death_signal=self.throwaway_signal if self.throwaway else self.stop_signal,
                output=log,
            )
        self.process = process
        processes.wait_until(lambda: process.poll() is not None or self._is_ready(), seconds=START_SECONDS)
        if process.poll() is None and self._is_ready():
            return True
        processes.end(process, politely=self.stop_signal, seconds=STOP_SECONDS)
        return False

    def _tail(self, lines: int = 12) -> str:
        try:
            text = self.log.read_text(errors="replace")
        except OSError:
            return "  (nothing was logged)"
        return "\n".join(f"  {line}" for line in text.splitlines()[-lines:])

    def _make_private(self, directory: Path) -> None:
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as refused:
            raise StackError(
                f"Cannot create {directory}: {refused.strerror}.",
                "Run the command as the user who owns the checkout, or give the directory to this user (chown -R).",
            ) from refused
        if not os.access(directory, os.W_OK):
            raise StackError(
                f"{directory} belongs to another user.",
                "Run the command as the user who started it first, or give the directory to this user (chown -R).",
            )

    @abstractmethod
    def _create(self) -> None: ...

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _is_ready(self) -> bool: ...

    @abstractmethod
    def _recorded_pid(self) -> int | None: ...


class PostgresServer(Server):
    """An embedded PostgreSQL cluster whose superuser `balcao` owns a database `balcao`."""

    name = "PostgreSQL"
    stop_signal = signal.SIGINT
    throwaway_signal = signal.SIGQUIT  # at once, and yet nothing of it stays in the machine's memory
    settings: ClassVar[Mapping[str, str]] = {}
    """What a kind of server is set to besides what all are."""

    @property
    def data(self) -> Path:
        """The cluster's data directory."""
        return self.home / "data"

    @property
    def url(self) -> str:
        """The address of the shop's database."""
        return f"postgres://{USER}:{self.password}@{self.host}:{self.port}/{DATABASE}"

    def _create(self) -> None:
        self._make_private(self.home)
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._initialise()
        elif version.read_text().strip() != POSTGRES_MAJOR:
            raise StackError(
                f"{self.data} was made by PostgreSQL {version.read_text().strip()}, this one is {POSTGRES_MAJOR}.",
                "Restore a backup into a fresh one, or throw the data away with `make reset`.",
            )
        owner = binaries.postgres_wrapper().owner
        if os.geteuid() == 0 and self.data.stat().st_uid != owner:
            for path in (self.data, *self.data.rglob("*")):
                os.lchown(path, owner, owner)

    def _initialise(self) -> None:
        """Create the cluster beside its final place and move it there, so that a half-made one is never used."""
        wrapper = binaries.postgres_wrapper()
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        secret = self.home / "password.new"
        secret.unlink(missing_ok=True)
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(self.password)
        fresh.mkdir(mode=0o700)
        if os.geteuid() == 0:
            for path in (secret, fresh):
                os.chown(path, wrapper.owner, wrapper.owner)
        command = [
            *wrapper.prefix, binaries.postgres_binary("initdb"), "-D", fresh, "-U", USER, f"--pwfile={secret}",
            "-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-A", "scram-sha-256",
            "--no-instructions", *(("--no-sync",) if self.throwaway else ()),
        ]  # fmt: skip
        with self.log.open("ab") as log:
            code = processes.spawn(command, death_signal=signal.SIGKILL, output=log).wait()
        secret.unlink(missing_ok=True)
        if code != 0:
            raise StackError("PostgreSQL could not create its cluster.", f"The end of {self.log}:\n{self._tail()}")
        if self.host != ports.LOOPBACK:
            with (fresh / "pg_hba.conf").open("a") as rules:
                rules.write("host all,replication all samenet scram-sha-256\n")
        self._create_database(fresh)
        fresh.rename(self.data)

    def _create_database(self, directory: Path) -> None:
        """Make the shop's database while nobody can connect yet: a cluster without it never comes into being."""
        command = [
            *binaries.postgres_wrapper().prefix, str(binaries.postgres_binary("postgres")), "--single",
            *(("-F",) if self.throwaway else ()), "-c", "log_min_messages=error", "-D", str(directory), "postgres",
        ]  # fmt: skip
        done = subprocess.run(
            command, input=f"CREATE DATABASE {DATABASE};\n", text=True, capture_output=True, check=False, timeout=120
        )
        if done.returncode != 0 or "ERROR" in done.stderr:  # a failed statement does not change the exit code
            raise StackError("PostgreSQL could not create the shop's database.", done.stderr.strip())

    def _command(self) -> list[str]:
        settings = POSTGRES_SETTINGS | (THROWAWAY_POSTGRES_SETTINGS if self.throwaway else {}) | dict(self.settings)
        settings["listen_addresses"] = self.host
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return [
            *binaries.postgres_wrapper().prefix, str(binaries.postgres_binary("postgres")),
            "-D", str(self.data), "-p", str(self.port), *options,
        ]  # fmt: skip

    def _postmaster_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _is_ready(self) -> bool:
        lines = self._postmaster_lines()
        return len(lines) > 7 and lines[0].strip() == str(self.pid) and lines[7].strip() == "ready"

    def destroy(self) -> None:
        """Kill the server and delete its directory, and the segment of shared memory that a killed one leaves.

        A machine has 4,096 of them and forgets none; a server that ends by itself takes its own along.
        """
        self.kill()
        segment = self._shared_memory()
        if segment:
            subprocess.run(["ipcrm", "-m", segment], capture_output=True, check=False)
        super().destroy()

    def _shared_memory(self) -> str:
        """Return the number of the segment that the data directory's server has or had, or nothing."""
        words = [*self._postmaster_lines(), *[""] * 7][6].split()
        return words[1] if len(words) == 2 and words[1].isdigit() else ""

    def _recorded_pid(self) -> int | None:
        lines = self._postmaster_lines()
        return int(lines[0]) if lines and lines[0].strip().isdigit() else None


class ValkeyServer(Server):
    """An embedded Valkey, which speaks Redis."""

    name = "Valkey"
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        """The address of database 0; the next one is Celery's."""
        return f"redis://:{self.password}@{self.host}:{self.port}/0"

    @property
    def configuration(self) -> Path:
        """The configuration file; it holds the password, which a command line would show to everyone."""
        return self.home / "valkey.conf"

    def _create(self) -> None:
        self._make_private(self.home)

    def _command(self) -> list[str]:
        lines = {
            "bind": self.host,
            "port": str(self.port),
            "dir": f'"{self.home}"',
            "pidfile": f'"{self.home / "valkey.pid"}"',
            "requirepass": self.password,
            "daemonize": "no",
            "appendonly": "no",
            "save": '""' if self.throwaway else "60 1",
            "maxmemory-policy": "noeviction",
            "databases": "16",
            "loglevel": "warning",
            "set-proc-title": "no",  # its command line must go on naming our directory: see `take_over`
        }
        text = "".join(f"{key} {value}\n" for key, value in lines.items())
        self.configuration.unlink(missing_ok=True)
        with os.fdopen(os.open(self.configuration, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(text)
        return [str(binaries.valkey_binary()), str(self.configuration)]

    def _is_ready(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port or 0), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                received = b""
                while received.count(b"\r\n") < 2:
                    chunk = connection.recv(256)
                    if not chunk:
                        return False
                    received += chunk
        except OSError:
            return False
        return received == b"+OK\r\n+PONG\r\n"

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.home / "valkey.pid").read_text())
        except (OSError, ValueError):
            return None


def new_password() -> str:
    """Return a password that needs no quoting in a URL, a shell or a configuration file."""
    return secrets.token_urlsafe(24).replace("-", "x").replace("_", "y")
