"""What a running stack leaves for others to find: ``var/devstack.json``, readable by its owner only.

The file exists while the servers run and goes away when they stop; `read` also recognises the file of a stack that was
killed, by the process id in it, and ignores it. Ports and passwords that must survive a stop live in a second file.
"""

import fcntl
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from devstack import ports, processes
from devstack.errors import StackError
from devstack.servers import new_password

ROOT = Path(__file__).resolve().parents[1]
VAR = ROOT / "var"
EMPTY_VAR = ROOT / "var-empty"
"""Where the data of a shop lives that was opened empty, apart from the demonstration's."""


@dataclass(frozen=True)
class State:
    """A running stack: the process id of its supervisor, where its two servers answer, and how its sandbox is found."""

    pid: int
    database_url: str
    redis_url: str
    sandbox: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Memory:
    """What one stack keeps from run to run, so that addresses and passwords stay the same."""

    postgres_port: int
    postgres_password: str
    valkey_port: int
    valkey_password: str
    secret_key: str


def state_file(var: Path = VAR) -> Path:
    """Return the path of the state file."""
    return var / "devstack.json"


def write_private(path: Path, text: str) -> None:
    """Replace a file's content in one step; nobody but its owner can read it at any moment."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
    fresh.replace(path)


def write(state: State, *, var: Path = VAR) -> None:
    """Announce a running stack."""
    write_private(state_file(var), json.dumps(asdict(state), indent=2) + "\n")


def read(*, var: Path = VAR) -> State | None:
    """Return the running stack of this checkout, or None when there is none (a leftover file does not count)."""
    try:
        found = json.loads(state_file(var).read_text())
        state = State(**found)
    except (OSError, ValueError, TypeError):
        return None
    return state if processes.alive(state.pid) else None


def forget(*, var: Path = VAR) -> None:
    """Withdraw the announcement."""
    state_file(var).unlink(missing_ok=True)


def remembered(*, var: Path = VAR) -> Memory:
    """Return the ports and passwords of this checkout; new ones on the first run or when the file is damaged.

    Raises StackError when the data directory cannot be written.
    """
    path = var / "devstack-memory.json"
    try:
        return Memory(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        pass
    make_var(var)
    postgres_port, valkey_port = ports.free_port(), ports.free_port()
    memory = Memory(
        postgres_port=postgres_port,
        postgres_password=new_password(),
        valkey_port=valkey_port,
        valkey_password=new_password(),
        secret_key=new_password() + new_password(),
    )
    remember(memory, var=var)
    return memory


def remember(memory: Memory, *, var: Path = VAR) -> None:
    """Keep ports and passwords for the next run."""
    write_private(var / "devstack-memory.json", json.dumps(asdict(memory), indent=2) + "\n")


def make_var(var: Path = VAR) -> None:
    """Create the data directory. Raises StackError when this user cannot write there."""
    try:
        var.mkdir(parents=True, exist_ok=True, mode=0o755)
        if not os.access(var, os.W_OK):
            raise PermissionError(13, "permission denied")
    except OSError as refused:
        raise StackError(
            f"Cannot write to {var}: {refused.strerror}.",
            "Run the command as the user who owns the checkout, or give the directory to this user (chown -R).",
        ) from refused


class Lock:
    """The right to run one part of this checkout ("servers" or "shop"). It ends with its holder, however that dies."""

    def __init__(self, part: str, *, var: Path = VAR) -> None:
        self._path = var / f"devstack-{part}.lock"
        self._handle: IO[str] | None = None

    def take(self) -> bool:
        """Try to get the lock; False when another process has it."""
        handle = self._path.open("a")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            return False
        self._handle = handle
        self.note("")
        return True

    def note(self, text: str) -> None:
        """Leave a line for those who find the lock taken, such as an address. Only for the holder."""
        if self._handle is None:
            raise RuntimeError("the lock is not ours")
        self._handle.truncate(0)
        self._handle.write(text)
        self._handle.flush()

    def read_note(self) -> str:
        """Return the line that the holder left."""
        return self._path.read_text()

    def release(self) -> None:
        """Give the lock back; a second call does nothing."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None
