"""Build the shop window once per change: `python -m devstack.window` says what was done.

Without npm's packages there is no program to serve, and the shop shows its catalogue as text; that is no reason to stay
closed. Nothing here needs Django.
"""

import fcntl
import hashlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack import node
from devstack.errors import StackError
from devstack.state import ROOT

SOURCES = ("web", "clients/typescript", "package.json", "package-lock.json", "tsconfig.base.json", ".npmrc")
NEEDED = ("package.json", "package-lock.json", "web/package.json", "clients/typescript/package.json")
BUILT = ROOT / "window" / "static" / "window" / "built"
STAMP = ROOT / ".dev" / "window.stamp"
PACKAGES_STAMP = ROOT / "node_modules" / ".in-step"
LOCK = ROOT / ".dev" / ".window.lock"
PATIENCE_SECONDS = 300


def files(names: tuple[str, ...]) -> Iterator[Path]:
    """Give every file of these places, in order; what npm installed is none of them."""
    for name in names:
        place = ROOT / name
        found = [place] if place.is_file() else sorted(place.rglob("*"))
        yield from (path for path in found if path.is_file() and "node_modules" not in path.parts)


def fingerprint(names: tuple[str, ...] = SOURCES) -> str:
    """Return a digest of the content of these places, and of the Node that builds."""
    digest = hashlib.sha256(str(node.home()).encode())
    for path in files(names):
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@contextmanager
def alone() -> Iterator[None]:
    """Let one process of this checkout at a time install and build; the others wait, and find it done."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def install() -> None:
    """Make `node_modules` match the lock, where it does not. Raises StackError where the packages cannot be had."""
    with alone():
        _install()


def _install() -> None:
    wanted = fingerprint(NEEDED)
    if PACKAGES_STAMP.is_file() and PACKAGES_STAMP.read_text() == wanted:
        return
    try:
        done = node.npm("ci", "--no-audit", "--no-fund", *node.QUICK, seconds=PATIENCE_SECONDS, directory=ROOT)
    except subprocess.TimeoutExpired:
        raise StackError("npm did not get the packages of the window in time.", _REACH) from None
    if done.returncode != 0:
        raise StackError(f"npm cannot get the packages of the window: {_reason(done.stderr)}", _REACH)
    PACKAGES_STAMP.write_text(wanted)


def build() -> str:
    """Build the window unless it stands as it should; return in a word what was done. Raises StackError."""
    with alone():
        return _build()


def _build() -> str:
    wanted = fingerprint()
    if BUILT.is_dir() and STAMP.is_file() and STAMP.read_text() == wanted:
        return "up to date"
    _install()
    try:
        done = node.script("build", workspace="web", seconds=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        raise StackError("The window was not built in time.", _LOOK) from None
    if done.returncode != 0:
        raise StackError(f"The window could not be built: {_reason(done.stderr or done.stdout)}", _LOOK)
    _compress()
    STAMP.parent.mkdir(exist_ok=True)
    STAMP.write_text(wanted)
    return "built"


def in_words() -> str:
    """Build the window and return what a person reads about it, also where it could not be built."""
    try:
        return build()
    except StackError as failure:
        stays = "the one of before is shown" if BUILT.is_dir() else "the catalogue is shown as text"
        return f"not built, {stays}: {failure.problem}"


_REACH = "Is there a network, and a registry that npm can reach? (npm config get registry)"
_LOOK = "`make window` shows the whole story."


def _compress() -> None:
    """Lay compressed files beside the others, where what serves them is installed; the image does it by itself."""
    if importlib.util.find_spec("whitenoise") is not None:
        subprocess.run([sys.executable, "-m", "whitenoise.compress", "--quiet", str(BUILT)], check=True)


def _reason(told: str) -> str:
    """Return what npm said last that says something."""
    lines = [line.removeprefix("npm error").strip() for line in told.splitlines() if not line.startswith("npm warn")]
    return next((line for line in lines if line), "it does not say why")[:200]


def main() -> int:
    """Build the window and return the exit code."""
    try:
        print(f"The window is {build()}.")
    except StackError as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
