"""The numbers that tests carry are the numbers that docs/faults.md describes."""

from pathlib import Path

from devstack.state import ROOT
from tools.faults import WITHOUT_TEST, files_by_fault, listing


def test_every_fault_described_has_a_test_and_every_test_names_one_described() -> None:
    lines, agreed = listing(root=ROOT, missing_only=True)
    assert agreed, lines
    assert "each with a test" in lines[-1]


def test_a_number_on_one_side_alone_fails(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "faults.md").write_text("| A1 | one | two |\n| A2 | one | two |\n")
    (tmp_path / "app" / "tests").mkdir(parents=True)
    (tmp_path / "app" / "tests" / "test_it.py").write_text(
        "".join(f"@pytest.mark.fault({number})\n" for number in ('"A1"', '"Z9"'))
    )
    assert files_by_fault(root=tmp_path) == {"A1": {"app/tests/test_it.py"}, "Z9": {"app/tests/test_it.py"}}
    (tmp_path / "docs" / "faults.md").open("a").write(f"{WITHOUT_TEST}\n| A3 | one | two |\n")
    lines, agreed = listing(root=tmp_path, agreed={"A": 4})
    assert not agreed
    assert lines == [
        "A1   one: app/tests/test_it.py",
        "A2   one: no test",
        "without a test: ['A2']; without a description: ['Z9']; forgotten: ['A4']",
    ]
