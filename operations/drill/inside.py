"""The process in which a drill is held: started by `manage.py race_drill` with its own database and its own Redis."""

import json
import sys
from pathlib import Path

from operations.drill import report as reports
from operations.drill.running import Plan, hold

START = "import django; django.setup(); from operations.drill import inside; inside.main()"
HELD, REFUSED = 0, 2


def main() -> None:
    """Hold the drill that the first argument describes, and write its reports beside the path that the second names."""
    wanted = json.loads(sys.argv[1])
    report = hold(Plan(**wanted | {"faults": frozenset(wanted["faults"])}))
    where = Path(sys.argv[2])
    where.with_suffix(".json").write_text(reports.as_json(report))
    where.with_suffix(".md").write_text(reports.as_markdown(report))
    if report.violations:
        where.with_suffix(".history.json").write_text(reports.as_json(report, with_history=True))
