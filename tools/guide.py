"""Follow docs/operations/install.md in a fresh Debian 12, word by word: `python -m tools.guide`.

The root is made by debootstrap and started by systemd-nspawn, so that systemd is the first process in there and the
units run as on a machine of their own. The network is this machine's: the ports that the guide uses must be free. Only
the first block, which says what is the reader's own, is said here instead. Everything is gone afterwards, but for the
bare Debian, which is kept in var/guide for the next time. Needs root, debootstrap and systemd-container.
"""

import http.client
import itertools
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devstack import ports, processes
from devstack.errors import StackError
from devstack.state import ROOT

GUIDE = ROOT / "docs" / "operations" / "install.md"
BASES = ROOT / "var" / "guide"
HOST = "loja.example"
OURS = f'export SHOP_HOST={HOST} SHOP_NAME="Padaria da Maria" OWNER_EMAIL=maria@{HOST} BALCAO_SOURCE=/srv/source.git\n'
PORTS = (80, 443, 5432, 6379, 6432, 8000, 8001, 9090, 9093)
PROGRAMS = ("debootstrap", "systemd-nspawn", "nsenter", "git")
PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,procps,iproute2"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
SECONDS = 1500
BLOCK = re.compile(r"^(?:## (?P<heading>[^\n]+)|```bash\n(?P<text>.*?)^```)$", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"^@@ (?P<at>[0-9.,]+) (?P<heading>.*)$", re.MULTILINE)
GOODS = """
from inventory.tests.factories import stocked
stocked(sku="PAO", units=1_000_000, price="2.50")
"""


@dataclass
class Block:
    """One block of commands, and the heading under which it stands."""

    heading: str
    text: str


def blocks(guide: Path = GUIDE) -> list[Block]:
    """Return the commands of a guide in order."""
    found, heading = [], ""
    for match in BLOCK.finditer(guide.read_text()):
        heading = match["heading"] or heading
        if match["text"] is not None:
            found.append(Block(heading, match["text"]))
    return found


def missing() -> str:
    """Say in a line why the guide cannot be followed here; nothing where it can."""
    if os.geteuid() != 0:
        return "it takes root to start another Debian"
    absent = [name for name in PROGRAMS if shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") is None]
    if absent:
        return f"{', '.join(absent)} missing (Debian: apt-get install debootstrap systemd-container)"
    taken = [str(port) for port in PORTS if not ports.is_free(port)]
    return f"ports {', '.join(taken)} are taken (by whom: ss --listening --tcp --processes)" if taken else ""


@dataclass
class Machine:
    """A Debian of its own under way, in a folder."""

    root: Path
    leader: int
    seconds: dict[str, float] = field(default_factory=dict)

    def run(self, *words: str, check: bool = True, seconds: float = 300) -> str:
        """Run a command in there as root and return what it printed. Raises CalledProcessError."""
        inside = ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--pid", "--root", "--wd", "--"]
        clean = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "LANG": "C.UTF-8",
        }
        certificates = {
            name: str(CERTIFICATES)
            for name in ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO")
        }
        done = subprocess.run(
            [*inside, *words], env=clean | certificates, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=seconds, check=False,
        )  # fmt: skip
        if check and done.returncode != 0:
            raise subprocess.CalledProcessError(done.returncode, words, done.stdout)
        return done.stdout

    def follow(self, steps: list[Block], *, log: Path, said: str = "") -> None:
        """Run blocks in one shell, from top to bottom, and note what each took; `said` goes before them.

        Raises StackError where one fails.
        """
        script = ["set -euo pipefail", said]
        for block in steps:
            script += [f'echo "@@ $EPOCHREALTIME {block.heading.replace(chr(34), "")}"', block.text]
        script += ['echo "@@ $EPOCHREALTIME the end"', ""]
        (self.root / "srv" / "guide.sh").write_text("\n".join(script))
        try:
            told = self.run("bash", "/srv/guide.sh", seconds=SECONDS)
        except subprocess.CalledProcessError as failure:
            log.write_text(failure.stdout)
            last = [match["heading"] for match in MARK.finditer(failure.stdout)][-1:]
            end = "\n".join(failure.stdout.splitlines()[-25:])
            raise StackError(f"The guide does not lead on from {last}.", end) from failure
        log.write_text(told)
        marks = [(float(match["at"].replace(",", ".")), match["heading"]) for match in MARK.finditer(told)]
        for (began, heading), (ended, _next) in itertools.pairwise(marks):
            self.seconds[heading] = self.seconds.get(heading, 0) + ended - began

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
        """Ask the shop through nginx, by TLS, as its name; return status, JSON or text, and headers."""
        trusted = ssl.create_default_context(cafile=str(self.root / "etc/nginx/tls/fullchain.pem"))
        plain = socket.create_connection((ports.LOOPBACK, 443), timeout=30)
        client = http.client.HTTPConnection(HOST, timeout=30)
        client.sock = trusted.wrap_socket(plain, server_hostname=HOST)
        try:
            named = {"Content-Type": "application/json"} | {
                name.replace("_", "-"): value for name, value in headers.items()
            }
            content = None if body is None else json.dumps(body)
            client.request(method, path, body=content, headers={"Content-Type": "application/json", **named})
            answer = client.getresponse()
            text = answer.read()
        finally:
            client.close()
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status, json.loads(text) if is_json else text.decode(), dict(answer.headers)

    def order(self, key: str) -> tuple[int, Any]:
        """Buy a roll, from an empty cart to a placed order."""
        status, cart, _headers = self.ask("POST", "/api/v1/carts/", {"lines": [{"sku": "PAO", "quantity": 1}]})
        if status != 201:
            return status, cart
        wish = {
            "cart": cart["id"],
            "expected_total": cart["total"],
            "customer": {"name": "Ana", "email": f"{key}@example.com"},
            "payment_method": "on_site",
            "fulfilment": {"method": "pickup"},
        }
        status, order, _headers = self.ask("POST", "/api/v1/orders/", wish, Idempotency_Key=key)
        return status, order


def bare(name: str = "base", *, packages: str = PACKAGES) -> Path:
    """Return a bare Debian 12 with these packages, made the first time. Raises StackError."""
    base = BASES / name
    if not base.is_dir():
        fresh = BASES / f"{name}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.parent.mkdir(parents=True, exist_ok=True)
        words = ["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", str(fresh)]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=SECONDS)
        if done.returncode != 0:
            raise StackError("debootstrap does not make a Debian here.", done.stdout[-500:])
        fresh.rename(base)
    return base


@contextmanager
def machine() -> Iterator[Machine]:
    """Start a fresh Debian with this checkout's last commit at /srv/source.git. Raises StackError."""
    why_not = missing()
    if why_not:
        raise StackError(f"The guide cannot be followed here: {why_not}.")
    with tempfile.TemporaryDirectory(prefix="balcao-guide-", dir=bare().parent) as home:
        root = Path(home) / "root"
        subprocess.run(["cp", "--archive", "--reflink=auto", str(bare()), str(root)], check=True)
        subprocess.run(["git", "clone", "--quiet", "--bare", str(ROOT), str(root / "srv/source.git")], check=True)
        branch = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.strip()
        inside = ["git", "--git-dir", str(root / "srv/source.git")]
        subprocess.run([*inside, "update-ref", "--no-deref", "refs/heads/guide", branch], check=True)
        subprocess.run([*inside, "symbolic-ref", "HEAD", "refs/heads/guide"], check=True)
        trust_what_we_trust(root)
        with (Path(home) / "console.log").open("wb") as console:
            command = [
                "systemd-nspawn", f"--directory={root}", "--boot", "--register=no", "--keep-unit",
                "--resolv-conf=copy-host", "--console=pipe", "--quiet", "--machine=balcao-guide",
            ]  # fmt: skip
            cgroups = (
                {} if Path("/sys/fs/cgroup/cgroup.controllers").exists() else {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "0"}
            )
            process = processes.spawn(command, environment=dict(os.environ) | cgroups, output=console)
            try:
                yield _started(process, root)
            finally:
                for member in reversed(processes.family(process.pid)):
                    processes.send(member, signal.SIGKILL)
                process.wait()


def trust_what_we_trust(root: Path) -> None:
    """Copy the authorities that this machine trusts: package indexes may be reached through a proxy of its own."""
    authorities = Path("/usr/local/share/ca-certificates")
    if authorities.is_dir():
        shutil.copytree(authorities, root / authorities.relative_to("/"), dirs_exist_ok=True)
        subprocess.run(["chroot", str(root), "update-ca-certificates"], check=True, capture_output=True)


def _started(process: "subprocess.Popen[bytes]", root: Path) -> Machine:
    found: list[Machine] = []

    def is_up() -> bool:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        if not children or process.poll() is not None:
            return False
        found[:] = [Machine(root, int(children[0]))]
        told = found[0].run("systemctl", "is-system-running", check=False)
        return told.strip() in ("running", "degraded")

    if not processes.wait_until(is_up, seconds=60, every=0.5):
        raise StackError("systemd does not start in there.", "See `systemd-nspawn --boot` by hand.")
    return found[0]


def install(there: Machine, *, log: Path) -> None:
    """Follow the guide up to what its upgrade says, and put rolls on the shelf."""
    steps = [block for block in blocks()[1:] if "Upgrading" not in block.heading]
    there.follow(steps, log=log, said=OURS)
    there.run("balcao", "shell", "--verbosity", "0", "--command", GOODS)


def upgrade(there: Machine, *, log: Path) -> None:
    """Follow what the guide says of upgrading, in a shell that knows nothing of the installation."""
    there.follow([block for block in blocks() if "Upgrading" in block.heading], log=log)


def main() -> None:
    """Follow the guide, buy something, and print what took how long."""
    began = time.monotonic()
    log = ROOT / "var" / "guide" / "guide.log"
    try:
        with machine() as there:
            install(there, log=log)
            status, order = there.order("guide-1")
            if status != 201:
                raise StackError(f"No order came of it: {status} {order}")
            for heading, seconds in there.seconds.items():
                print(f"{seconds:6.0f} s  {heading}")
            print(f"Order {order['number']} was placed through nginx ({time.monotonic() - began:.0f} s in all).")
    except StackError as failure:
        print(failure, f"(the whole story: {log})", sep="\n", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
