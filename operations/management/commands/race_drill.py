"""`manage.py race_drill`: many clients at once with faults on, in a database of its own, and a judge at the end."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from operations.drill import beside
from operations.drill.faults import NAMES
from operations.drill.running import DrillRefusedError, Plan


class Command(BaseCommand):
    """Exit code 0: every claim holds. 1: the judge found something. 2: no drill could be held, or called wrongly."""

    help = (
        "Race clients, webhooks, sweeps and refunds with faults on, in a database made for it. The shop is not touched."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --operations, --clients, --seed, --faults, --report and --json."""
        parser.add_argument(
            "--operations", type=int, default=1000, metavar="N", help="how many; 1000 take half a minute"
        )
        parser.add_argument("--clients", type=int, default=8, metavar="N", help="how many at once, at most 64")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="another number draws other wishes")
        parser.add_argument("--faults", default="all", metavar="LIST", help=f"all, none, or some of {', '.join(NAMES)}")
        parser.add_argument("--report", type=Path, metavar="PATH", help="where PATH.json and PATH.md are left")
        parser.add_argument("--json", action="store_true", help="print the JSON instead of the page")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the report."""
        plan = _plan(options)
        where: Path = (options["report"] or settings.VAR_DIR / "race_drill" / f"seed-{plan.seed}").resolve()
        where.parent.mkdir(parents=True, exist_ok=True)
        try:
            report = beside.hold(plan, where=where)
        except DrillRefusedError as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self.stdout.write(
            json.dumps(report, indent=1, ensure_ascii=False)
            if options["json"]
            else where.with_suffix(".md").read_text()
        )
        if not report["ok"]:
            raise CommandError(
                _("The judge found something; the history stands in %(path)s.") % {"path": f"{where}.history.json"},
                returncode=1,
            )


def _plan(options: dict[str, Any]) -> Plan:
    """Return what was asked for. Raises CommandError."""
    words = {"all": NAMES, "none": ()}.get(options["faults"], options["faults"].split(","))
    if unknown := sorted(set(words) - set(NAMES)):
        raise CommandError(_("There are no such faults: %(names)s") % {"names": ", ".join(unknown)}, returncode=2)
    if options["operations"] < 1 or not 1 <= options["clients"] <= 64:
        raise CommandError(_("At least one operation, and 1 to 64 clients."), returncode=2)
    return Plan(
        operations=options["operations"], clients=options["clients"], seed=options["seed"], faults=frozenset(words)
    )
