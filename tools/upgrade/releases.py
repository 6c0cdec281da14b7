"""A release as a folder that can be run: its code from the history, its packages from its own lock."""

import io
import json
import signal
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from devstack import ports, processes, state
from devstack.errors import StackError
from devstack.shop import Place, is_ready

PATIENCE = 900
DRAIN = 30
STARTED = 180
COMMANDS = """
import json, os, pathlib, sys
from devstack import shop
place, var = shop.Place(sys.argv[1], int(sys.argv[2])), pathlib.Path(sys.argv[3])
made = shop.services(environment=dict(os.environ), place=place, var=var)
print(json.dumps({one.name: [str(word) for word in one.command] for one in made}))
"""


def before() -> str:
    """Return the newest version that is tagged before this commit. Raises StackError."""
    here = _git("describe", "--tags", "--match", "v*", "--exact-match", "HEAD")
    found = _git("describe", "--tags", "--match", "v*", "--abbrev=0", "HEAD~1" if here else "HEAD")
    if found is None:
        raise StackError("No version is tagged in this history.", "Name a revision: python -m tools.upgrade REVISION")
    return found


def _git(*words: str) -> str | None:
    done = subprocess.run(["git", *words], cwd=state.ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def taken_out(revision: str, *, folder: Path) -> Path:
    """Put a revision's files into a folder, install its packages there, and return it. Raises StackError."""
    packed = subprocess.run(
        ["git", "archive", "--format=tar", revision], cwd=state.ROOT, capture_output=True, check=False
    )
    if packed.returncode:
        raise StackError(f"There is no revision {revision} in this history.", "git tag lists the versions.")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as files:
        files.extractall(folder, filter="data")
    installed = subprocess.run([".dev/bootstrap.sh"], cwd=folder, capture_output=True, text=True, check=False)
    if installed.returncode:
        raise StackError(f"{revision} cannot be installed: {installed.stderr[-300:]}", "Can its packages be had?")
    return folder


@dataclass(frozen=True)
class Release:
    """One release: where its code stands, and the servers and settings that it shares with the other."""

    name: str
    folder: Path
    environment: Mapping[str, str]
    var: Path

    @property
    def python(self) -> Path:
        """The Python that has its packages."""
        return self.folder / ".venv" / "bin" / "python"

    def run(self, *words: str) -> str:
        """Run a command of it and return what it says. Raises StackError."""
        done = subprocess.run(
            [self.python, *words], cwd=self.folder, env=dict(self.environment), capture_output=True, text=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
        if done.returncode:
            said = f"{done.stdout}{done.stderr}"[-1500:]
            raise StackError(f"{self.name}: {' '.join(words[:3])} failed: {said}", "What does it say by itself?")
        return done.stdout

    def commands(self, place: Place) -> Mapping[str, Sequence[str]]:
        """Return how its own `make run` starts each of its processes, with this release's Python."""
        found: dict[str, list[str]] = json.loads(self.run("-c", COMMANDS, place.host, str(place.port), str(self.var)))
        return found


class Running:
    """Processes of a release that run until they are ended."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.place = Place(ports.LOOPBACK, ports.free_port())
        self._stack = ExitStack()
        self._log = release.var / f"{release.name.replace('/', '-')}.log"
        self._commands: Mapping[str, Sequence[str]] = {}
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        """Begin with none."""
        self._commands = self.release.commands(self.place)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End what still runs."""
        self.end()

    def serve(self) -> None:
        """Start its web server and wait until it says that it can serve. Raises StackError."""
        self._start("web")
        if not processes.wait_until(lambda: is_ready(self.place), seconds=STARTED):
            said = self._log.read_text()[-600:] or f"its log is empty after {STARTED} s"
            raise StackError(f"{self.release.name} does not become ready: {said}", "Is the machine very busy?")

    def work(self) -> None:
        """Start everything else that it consists of: its workers and its clock."""
        self._start(*(name for name in self._commands if name != "web"))

    def _start(self, *names: str) -> None:
        made = dict(self.release.environment) | {"PORT": str(self.place.port)}
        for name in names:
            with self._log.open("ab") as output:
                process = processes.spawn(
                    self._commands[name], environment=made, directory=self.release.folder, output=output
                )
            self._started[name] = process
            self._stack.callback(processes.end, process, politely=signal.SIGTERM, seconds=DRAIN)

    def ended(self) -> list[str]:
        """Return which of its processes have ended by themselves."""
        return [f"{name} has ended" for name, process in self._started.items() if process.poll() is not None]

    def end(self) -> None:
        """Ask its processes to end, the last first, and wait until what they had begun is answered."""
        self._stack.close()
