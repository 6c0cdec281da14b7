"""Tests without a claim are found."""

from pathlib import Path

from devstack.state import ROOT
from tools.assertions import silent_tests


def test_every_test_claims_something() -> None:
    assert silent_tests(root=ROOT) == []


def test_a_test_that_only_runs_is_found_and_one_that_asks_a_helper_is_not(tmp_path: Path) -> None:
    (tmp_path / "app" / "tests").mkdir(parents=True)
    (tmp_path / "app" / "tests" / "doors.py").write_text("def ok(answer):\n    assert answer\n")
    (tmp_path / "app" / "tests" / "test_it.py").write_text(
        "def shown(x):\n    return ok(x)\n"
        "def quiet(x):\n    return x\n"
        "def test_claims():\n    assert 1\n"
        "def test_asks():\n    shown(1)\n"
        "def test_expects():\n    with pytest.raises(KeyError):\n        quiet(1)\n"
        "def test_runs():\n    quiet(1)\n"
    )
    assert silent_tests(root=tmp_path) == ["app/tests/test_it.py:12 test_runs"]
