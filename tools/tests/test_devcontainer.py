"""The development container: what follows its creation, as its user, in a container of a bare Debian with Python.

Its own image comes from a registry; here a Debian of debootstrap stands for it, with no more than that image is sure to
have. The engine is Debian's, started by this test in a place of its own, without a network of containers.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from devstack import shop
from devstack.state import ROOT
from tools import guide
from tools.engine import running

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
            engine.take(debian, image=IMAGE)
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
