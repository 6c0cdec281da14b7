"""The numbers that tests carry are the numbers that docs/faults.md describes."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from operations.management.commands.faults import files_by_fault


def test_every_fault_described_has_a_test_and_every_test_names_one_described() -> None:
    out = StringIO()
    call_command("faults", "--missing", stdout=out)
    assert "each with a test" in out.getvalue()


def test_a_number_on_one_side_alone_fails(tmp_path: Path, settings: object) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "faults.md").write_text("| A1 | one | two |\n| A2 | one | two |\n")
    (tmp_path / "app" / "tests").mkdir(parents=True)
    (tmp_path / "app" / "tests" / "test_it.py").write_text(
        "".join(f"@pytest.mark.fault({number})\n" for number in ('"A1"', '"Z9"'))
    )
    settings.BASE_DIR = tmp_path  # type: ignore[attr-defined]
    assert files_by_fault(root=tmp_path) == {"A1": {"app/tests/test_it.py"}, "Z9": {"app/tests/test_it.py"}}
    with pytest.raises(CommandError, match=r"without a test: \['A2'\]; without a description: \['Z9'\]"):
        call_command("faults", stdout=StringIO())
