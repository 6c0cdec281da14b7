"""`manage.py doctor`: looks for what is wrong with the shop around the data, with a remedy for each finding."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import clock
from operations.diagnosis import Finding, Probe, examine


class Command(BaseCommand):
    """Exit code 0: no problem (there may be warnings). 1: at least one problem, or a warning with --strict."""

    help = "Look for what is wrong with servers, processes and set-up, and say what to do."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --json and --strict."""
        parser.add_argument("--json", action="store_true", help="print one JSON object for programs")
        parser.add_argument("--strict", action="store_true", help="let warnings count as problems")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a finding, and under it the remedy."""
        found = list(examine(now=clock.now()))
        bad = ("problem", "warning") if options["strict"] else ("problem",)
        problems = sum(finding.level in bad for _probe, finding in found)
        if options["json"]:
            rows = [{"probe": probe.name, **vars(finding)} for probe, finding in found]
            self.stdout.write(json.dumps({"ok": not problems, "findings": rows}, indent=2, ensure_ascii=False))
        else:
            for probe, finding in found:
                self._print(probe, finding)
        if problems:
            told = ngettext("%(n)d thing needs you.", "%(n)d things need you.", problems) % {"n": problems}
            raise CommandError(told, returncode=1)

    def _print(self, probe: Probe, finding: Finding) -> None:
        style = {"problem": self.style.ERROR, "warning": self.style.WARNING, "note": self.style.NOTICE}
        word = {"problem": _("PROBLEM"), "warning": _("WARNING"), "note": _("NOTE"), "ok": _("ok")}[finding.level]
        shown = style.get(finding.level, self.style.SUCCESS)(f"{word:<8}")
        self.stdout.write(f"{shown} {probe.name}: {finding.what}")
        if finding.remedy:
            self.stdout.write(f"         -> {finding.remedy}")
