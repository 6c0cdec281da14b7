"""The development container: what follows its creation, as its user, in a container of a bare Debian with Python.

Its own image comes from a registry; here a Debian of debootstrap stands for it, with no more than that image is sure to
have. The engine is Debian's, started by this test in a place of its own, without a network of containers.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from devstack import processes, shop
from devstack.state import ROOT
from tools import guide

PACKAGES = "ca-certificates,git,make,python3,python3-venv"
IMAGE, USER, NUMBER = "balcao-development", "vscode", "1000"
WORKSPACE = "/workspaces/balcao"
SECONDS = 1500
SOME_TESTS = "devstack/tests/test_servers.py common/tests/test_money.py common/tests/test_outbox.py"


def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    return found


def test_it_has_the_python_of_the_image_that_serves_and_nobody_is_root() -> None:
    stages = re.findall(
        r"^FROM python:([\w.]+)-slim-(\w+)", (ROOT / ".docker" / "Dockerfile").read_text(), re.MULTILINE
    )
    [(version, debian)] = set(stages)
    assert described()["image"] == f"mcr.microsoft.com/devcontainers/python:{version}-{debian}"
    assert described()["remoteUser"] == USER
    assert described()["forwardPorts"] == [shop.DEFAULT_PORT]


def test_what_follows_its_creation_is_a_command_of_the_makefile() -> None:
    program, target = described()["postCreateCommand"].split()
    assert program == "make"
    assert f"\n{target}:" in (ROOT / "Makefile").read_text()
    python = described()["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert python == "${containerWorkspaceFolder}/.venv/bin/python"


@dataclass
class Engine:
    """Docker, in a place of its own."""

    home: Path

    @property
    def words(self) -> list[str]:
        return ["docker", "--host", f"unix://{self.home}/socket"]

    def run(self, *words: str, seconds: float = 120, stdin: IO[bytes] | None = None) -> str:
        done = subprocess.run(
            [*self.words, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds,
            check=False, stdin=stdin,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    def answers(self) -> bool:
        return subprocess.run([*self.words, "version"], capture_output=True, check=False, timeout=30).returncode == 0


@contextmanager
def running(home: Path) -> Iterator[Engine]:
    """Run the engine for the length of a block."""
    found = Engine(home)
    daemon = [  # what it mounts is gone with it
        "unshare", "--mount", "dockerd", f"--host=unix://{home}/socket", f"--data-root={home}/data", f"--exec-root={home}/exec",
        f"--pidfile={home}/pid", "--storage-driver=vfs", "--iptables=false", "--bridge=none", "--log-level=warn",
    ]  # fmt: skip
    with (home / "log").open("wb") as log:
        process = processes.spawn(daemon, output=log)
        try:
            assert processes.wait_until(found.answers, seconds=60, every=0.5), (home / "log").read_text()[-3000:]
            yield found
        finally:
            processes.end(process, politely=signal.SIGTERM, seconds=30)


@pytest.mark.servers
@pytest.mark.timeout(2400)
def test_a_fresh_container_installs_the_project_and_runs_its_tests() -> None:
    assert os.geteuid() == 0, "it takes root to run an engine"
    assert shutil.which("dockerd", path=f"{os.environ['PATH']}:/usr/sbin"), "apt-get install docker.io"
    assert shutil.which("debootstrap", path=f"{os.environ['PATH']}:/usr/sbin"), "apt-get install debootstrap"
    bare = guide.bare("development", packages=PACKAGES)
    with tempfile.TemporaryDirectory(prefix="balcao-development-", dir=bare.parent) as place:
        home = Path(place)
        debian = home / "debian"
        subprocess.run(["cp", "--archive", "--reflink=auto", str(bare), str(debian)], check=True)
        guide.trust_what_we_trust(debian)
        subprocess.run(["chroot", str(debian), "useradd", "--create-home", "--uid", NUMBER, USER], check=True)
        checkout = home / "checkout"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
        subprocess.run(["chown", "--recursive", f"{NUMBER}:{NUMBER}", str(checkout)], check=True)
        (home / "engine").mkdir()
        with running(home / "engine") as engine:
            packed = subprocess.Popen(["tar", "--directory", str(debian), "--create", "."], stdout=subprocess.PIPE)
            engine.run("import", "-", IMAGE, stdin=packed.stdout, seconds=600)
            assert packed.wait(60) == 0
            trusted = [
                word
                for name in ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
                for word in ("--env", f"{name}={guide.CERTIFICATES}")
            ]
            engine.run(
                "run", "--detach", "--name", "development", "--network", "host", "--user", described()["remoteUser"],
                "--volume", f"{checkout}:{WORKSPACE}", "--workdir", WORKSPACE, "--env", "LANG=C.UTF-8", *trusted,
                IMAGE, "sleep", "infinity",
            )  # fmt: skip
            try:
                inside = ["exec", "development"]
                told = engine.run(*inside, "sh", "-c", described()["postCreateCommand"], seconds=SECONDS)
                assert "Packages are in place." in told
                assert engine.run(*inside, "id", "--user").strip() == NUMBER
                told = engine.run(*inside, "make", "test", "WORKERS=2", f"ARGS={SOME_TESTS}", seconds=SECONDS)
                assert re.search(r"=+ \d+ passed in ", told), told[-2000:]
                print(told.strip().splitlines()[-1])
            finally:
                engine.run("rm", "--force", "development")
