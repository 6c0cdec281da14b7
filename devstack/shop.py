"""What `make run` runs besides the servers: the web server, a worker, beat and the sandbox, and what it says when up.

The web port is only moved when nobody asked for one; a PORT that was asked for and is taken is an error.
"""

import os
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from devstack import binaries, ports, report, state
from devstack import sandbox as play_money
from devstack.console import console
from devstack.errors import StackError
from devstack.sandbox import Sandbox
from devstack.services import Service
from operations.demo.logins import DEMO_LOGINS

DEFAULT_PORT = 8000
DEFAULT_SETTINGS = "config.settings.dev"
WEB_PROCESSES = 2
THREADS_PER_WEB_PROCESS = min(8, 2 * (os.cpu_count() or 1) + 1)
TASK_PROCESSES = 2
WORKERS = {"worker": "sweeps", "letters": "letters,heavy"}
"""By the name of a worker, its queues. One frees what ran out, and waits for no mail server and no spreadsheet."""


@dataclass(frozen=True)
class Place:
    """Where the web server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The address for a browser on this machine."""
        return f"http://{'127.0.0.1' if self.host in {'0.0.0.0', '::'} else self.host}:{self.port}"  # noqa: S104


def choose_place(environment: Mapping[str, str]) -> Place:
    """Return host and port of the web server: HOST and PORT if given, else loopback and the first free from 8000.

    Raises StackError for a PORT that is no port or is taken.
    """
    host, wish = environment.get("HOST") or ports.LOOPBACK, environment.get("PORT", "")
    if wish:
        if not (wish.isascii() and wish.isdigit() and 0 < int(wish) < 65_536):
            raise StackError(f"PORT={wish} is not a port.", "Use a number from 1 to 65535, as in `make run PORT=8080`.")
        if not ports.is_free(int(wish), host=host):
            raise StackError(
                f"Port {wish} is taken by another program, or not allowed for this user.",
                "Choose another one (`make run PORT=8080`), or leave PORT out to get the next free one.",
            )
        return Place(host, int(wish))
    port = ports.next_free_port(DEFAULT_PORT, host=host)
    if port is None:
        raise StackError(f"No free port from {DEFAULT_PORT} on.", "Name one yourself: `make run PORT=18080`.")
    if port != DEFAULT_PORT:
        console.show(f"  Port {DEFAULT_PORT} is taken; the shop will use {port}. (PORT=... chooses another.)")
    return Place(host, port)


def choose_sandbox(environment: Mapping[str, str], *, place: Place, var: Path) -> Sandbox | None:
    """Return the sandbox for this shop; None where the settings are not the demonstration's."""
    if environment.get("DJANGO_SETTINGS_MODULE", DEFAULT_SETTINGS) != DEFAULT_SETTINGS:
        return None
    opened = place.host not in {ports.LOOPBACK, "localhost", "::1"}  # to the network, under a name of its own
    public = urlsplit(environment.get("PUBLIC_URL", "")).hostname if opened else None
    hostname = public or urlsplit(place.url).hostname or ports.LOOPBACK
    return play_money.choose(environment, host=place.host, port=place.port, hostname=hostname, var=var)


def bare_environment() -> dict[str, str]:
    """Return what a shop of a test or a measurement takes from this process: where things are, and no setting."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}


def environment(
    base: Mapping[str, str],
    *,
    database_url: str,
    redis_url: str,
    place: Place,
    var: Path,
    sandbox: Sandbox | None = None,
) -> dict[str, str]:
    """Return the environment of the shop's processes: the caller's, with our servers and defaults put in."""
    made = dict(base) | (sandbox.variables if sandbox else {})
    made.update(DATABASE_URL=database_url, REDIS_URL=redis_url, PORT=str(place.port), PYTHONUNBUFFERED="1")
    made.setdefault("DJANGO_SETTINGS_MODULE", DEFAULT_SETTINGS)
    made.setdefault("C_FORCE_ROOT", "1")  # a worker that runs as root in a private sandbox of the owner's own making
    made["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), made.get("PATH", os.defpath)])
    made["BALCAO_VAR"] = str(var)
    return made


def services(
    *, environment: Mapping[str, str], place: Place, var: Path, sandbox: Sandbox | None = None
) -> list[Service]:
    """Return the children of the shop in the order in which they start."""
    web = [
        sys.executable, "-m", "config.serve", "--host", place.host, "--port", str(place.port),
        "--processes", str(WEB_PROCESSES), "--threads", str(THREADS_PER_WEB_PROCESS),
    ]  # fmt: skip
    celery = [  # buyers wait for the web, nobody for a letter
        "nice",
        "-n",
        "5",
        *binaries.unprivileged_prefix(),
        sys.executable,
        "-m",
        "celery",
        "--app",
        "config",
        "--skip-checks",
        "--quiet",
    ]
    workers = [
        (name, [
            *celery, "worker", "--queues", queues, "--hostname", f"{name}@%h", "--loglevel", "WARNING",
            "--concurrency", str(TASK_PROCESSES), "--without-gossip", "--without-mingle",
        ])
        for name, queues in WORKERS.items()
    ]  # fmt: skip
    beat = [*celery, "beat", "--loglevel", "WARNING", "--schedule", str(var / "beat-schedule"), "--pidfile", ""]
    played = [(play_money.NAME, sandbox.command(var=var))] if sandbox else []
    return [
        Service(name=name, command=command, environment=environment, directory=state.ROOT)
        for name, command in (("web", web), *played, *workers, ("beat", beat))
    ]


def is_ready(place: Place, *, name: str = "") -> bool:
    """Ask the shop, under a name of its own, whether it can serve.

    It answers 200 when database and migrations are in order.
    """
    headers = {"Accept": "application/json"} | ({"Host": name} if name else {})
    request = urllib.request.Request(f"{place.url}/health/ready/", headers=headers)  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def banner(place: Place, *, var: Path, owns_servers: bool, sandbox: Sandbox | None, found: report.Report) -> str:
    """Return what the person at the keyboard needs once the shop is up: addresses, logins, the place of the data."""
    free = shutil.disk_usage(var).free // 1_000_000
    reset = "make reset EMPTY=1" if var == state.EMPTY_VAR else "make reset"
    data = f"{var} ({free:,} MB free; `{reset}` deletes it)" if owns_servers else "in the servers that you named"
    return "\n".join(
        [
            "",
            f"The shop is open at {place.url}",
            f"  API docs  {place.url}/api/docs/",
            f"  Admin     {place.url}/admin/",
            f"  Health    {place.url}/health/ready/",
            *([f"  Sandbox   {sandbox.url}/ (cards and Pix are paid there, with play money)"] if sandbox else []),
            f"  Data      {data}",
            "",
            *_logins(found, place=place),
            "",
            "Ctrl-C stops everything.",
            "",
        ]
    )


def _logins(found: report.Report, *, place: Place) -> list[str]:
    """Return how people get in: the demonstration's logins, or the way of the owner whose shop it is."""
    if found.beginning == report.DEMONSTRATION:
        shown = [f"{login.role} {login.email} {login.password}" for login in DEMO_LOGINS]
        return ["Demonstration logins (role e-mail password):", *shown]
    if found.link:
        return [f"The owner, {found.owner}, chooses a password here; the link works once, for a few days:", found.link]
    who = f" as {found.owner}" if found.owner else ""
    return [f"The shop is somebody's own. Sign in{who} at {place.url}/admin/"]
