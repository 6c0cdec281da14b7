"""A test that is skipped is said to be, with its reason; where nothing may be skipped, it fails."""

import subprocess
import sys
from pathlib import Path

import pytest

from devstack.state import ROOT

TESTS = """
import pytest

needs_nginx = pytest.mark.skipif(True, reason="there is no nginx on this machine")

@needs_nginx
def test_one(): raise AssertionError

@needs_nginx
def test_two(): raise AssertionError

def test_three(): pytest.skip("there is no chromium on this machine")

def test_four(): assert __name__
"""


SAID = "Skipped on this machine: 1 because there is no chromium on this machine; 2 because there is no nginx on this machine."


@pytest.mark.parametrize(
    ("words", "returncode", "expected"),
    [((), 0, SAID), (("--nothing-skipped",), 1, "1 failed, 1 passed, 2 errors")],
)
def test_what_is_skipped_is_said_or_fails(
    words: tuple[str, ...], returncode: int, expected: str, tmp_path: Path
) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "devstack.pytest_skips", "-p", "no:django"]
    done = subprocess.run(
        [*command, "-p", "no:randomly", "-c", str(tmp_path / "pytest.ini"), *words, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert expected in done.stdout
    assert done.returncode == returncode
