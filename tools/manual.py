"""Makes the owner's manual anew: its pictures and its table, by walking through a shop's first day in a browser.

    python -m tools.manual

The page is written by hand; what stands between its two marks, and the pictures it names, are not.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "pt-br" / "manual.md"
PICTURES = PAGE.parent / "manual"
WALK = "operations/tests/walks/test_first_day.py"
BEGINS, ENDS = "<!-- o dia, medido -->", "<!-- fim -->"
LARGEST = 60_000
"""How many bytes a picture may have."""
_PICTURE = re.compile(r"!\[[^\]]*\]\(manual/([\w-]+\.webp)\)")


class ManualError(Exception):
    """Why the manual could not be made."""


def named(page: str) -> list[str]:
    """Return the pictures that the page shows, in their order."""
    return _PICTURE.findall(page)


def table(days: dict[str, list[dict[str, object]]]) -> str:
    """Return what each job of the day took, at a desk and on a phone."""
    rows = [
        "| o que se faz | cliques | no celular | letras | segundos | no celular |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    desk, phone = days["1440"], days["390"]
    for one, other in zip(desk, phone, strict=True):
        rows.append(_row(str(one["name"]), one, other))
    rows.append(_row("**o dia inteiro**", _sum(desk), _sum(phone)))
    return "\n".join(rows)


def _row(name: str, desk: dict[str, object], phone: dict[str, object]) -> str:
    cells = (desk["clicks"], phone["clicks"], desk["letters"], desk["seconds"], phone["seconds"])
    return f"| {name} | {' | '.join(map(str, cells))} |"


def _sum(day: list[dict[str, object]]) -> dict[str, object]:
    return {key: sum(int(str(one[key])) for one in day) for key in ("clicks", "letters", "seconds")}


def between_the_marks(page: str, text: str) -> str:
    """Return the page with a text between its marks. Raises ManualError."""
    before, found, rest = page.partition(BEGINS)
    _old, ended, after = rest.partition(ENDS)
    if not (found and ended):
        raise ManualError(f"{PAGE.name} has lost its marks: {BEGINS} and {ENDS}")
    return f"{before}{BEGINS}\n\n{text}\n\n{ENDS}{after}"


def walk(album: Path) -> None:
    """Let the walk take its pictures and measure. Raises ManualError."""
    command = [sys.executable, "-m", "pytest", "-m", "browser", "-q", "-p", "no:randomly", WALK]
    if subprocess.run(command, cwd=ROOT, env={**os.environ, "MANUAL_PICTURES": str(album)}, check=False).returncode:
        raise ManualError("the walk is not green, so the manual stays as it is")


def make(album: Path) -> None:
    """Write the page and its pictures down. Raises ManualError."""
    page = PAGE.read_text()
    wanted = set(named(page))
    missing = sorted(name for name in wanted if not (album / name).exists())
    if missing:
        raise ManualError(f"the walk takes no pictures {', '.join(missing)}")
    large = sorted(name for name in wanted if (album / name).stat().st_size > LARGEST)
    if large:
        raise ManualError(f"larger than {LARGEST} bytes: {', '.join(large)}")
    days = {width: json.loads((album / f"day-{width}.json").read_text()) for width in ("1440", "390")}
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.webp"):
        old.unlink()
    for name in sorted(wanted):
        shutil.copy(album / name, PICTURES / name)
    PAGE.write_text(between_the_marks(page, table(days)))
    print(f"{PAGE.relative_to(ROOT)} and its {len(wanted)} pictures are new.")


def main() -> int:
    """Walk and write."""
    try:
        with tempfile.TemporaryDirectory() as album:
            walk(Path(album))
            make(Path(album))
    except ManualError as problem:
        print(problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
