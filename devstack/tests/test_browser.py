"""The browser of the end-to-end tests is found by its names; where there is none, one line says so and nothing runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devstack import browser

SAID = "There is no Chromium here, so no page is walked through in a browser: apt install chromium\n"


@pytest.mark.parametrize("name", browser.NAMES)
def test_it_is_found_by_each_of_its_names(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.found() is None
    program = tmp_path / name
    program.touch(mode=0o755)
    assert browser.found() == str(program)


def test_a_machine_without_it_and_without_apt_is_told_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "devstack.browser"]
    asked = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (asked.returncode, asked.stdout) == (1, SAID)


def test_where_it_may_it_is_installed(tmp_path: Path) -> None:
    """As root with apt: here apt is a script that puts the program where programs are."""
    apt = tmp_path / "apt-get"
    apt.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n: > {tmp_path}/chromium\n/bin/chmod +x {tmp_path}/chromium\n'
    )
    apt.chmod(0o755)
    command = [sys.executable, "-m", "devstack.browser"]
    asked = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    if os.geteuid() == 0:
        assert (asked.returncode, asked.stdout) == (0, f"The browser is {tmp_path}/chromium.\n")
        assert (tmp_path / "asked").read_text() == "install --yes --no-install-recommends chromium\n"
    else:
        assert (asked.returncode, asked.stdout) == (1, SAID)
