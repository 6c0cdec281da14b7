"""`manage.py check_integrity`: looks for what must never be true of the shop's data, and changes nothing of it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import clock
from operations import services as operations
from operations.integrity import CHECKS, Report, Result, examine

PRINTED = 10


class Command(BaseCommand):
    """Exit code 0: every promise holds (warnings do not count). 1: at least one is broken. 2: could not look."""

    help = "Look for what must never be true of the shop's data. Changes nothing of it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --json, --only, --list and --keep."""
        parser.add_argument("--json", action="store_true", help="print one JSON object for programs")
        parser.add_argument("--only", action="append", metavar="NAME", help="run this check alone, or all of this noun")
        parser.add_argument(
            "--keep", action="store_true", help="what was found is the desk's and the alerts' from now on"
        )
        parser.add_argument("--list", action="store_true", help="name every check and what it promises")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what is wrong, each with its remedy."""
        checks = [check for check in CHECKS if _wanted(check.name, options["only"])]
        if not checks:
            raise CommandError(_("There is no such check; --list names them."), returncode=2)
        if options["keep"] and options["only"]:
            raise CommandError(_("--keep is of a look at everything, without --only."), returncode=2)
        if options["list"]:
            for check in checks:
                self.stdout.write(f"{check.name}  {check.promise}")
            return
        try:
            report = examine(now=clock.now(), checks=checks)
            if options["keep"]:
                operations.keep(report=report)
        except DatabaseError as problem:
            raise CommandError(_("The database does not answer: %(why)s") % {"why": problem}, returncode=2) from problem
        if options["json"]:
            self.stdout.write(json.dumps(as_json(report), indent=2, default=str, ensure_ascii=False))
        else:
            self._print(report)
        if report.findings:
            count = len(report.findings)
            raise CommandError(ngettext("%(n)d finding.", "%(n)d findings.", count) % {"n": count}, returncode=1)

    def _print(self, report: Report) -> None:
        for word, style, results in (
            (_("FINDING"), self.style.ERROR, report.findings),
            (_("WARNING"), self.style.WARNING, report.warnings),
            (_("NOTE"), self.style.NOTICE, report.notes),
        ):
            for result in results:
                self.stdout.write(style(f"{word} {result.check.name}") + f": {result.check.promise}")
                for row in result.rows[:PRINTED]:
                    self.stdout.write("    " + ", ".join(f"{name}={value}" for name, value in row.items()))
                if result.more or len(result.rows) > PRINTED:
                    self.stdout.write("    ...")
                if result.failure:
                    self.stdout.write(f"    {result.failure}")
                self.stdout.write(f"  -> {result.check.remedy}")
        counts = {"checks": len(report.results), "findings": len(report.findings), "warnings": len(report.warnings)}
        self.stdout.write(_("%(checks)d checks, %(findings)d findings, %(warnings)d warnings.") % counts)


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as plain values."""
    return {
        "at": report.at.isoformat(),
        "ok": not report.findings,
        "findings": len(report.findings),
        "warnings": len(report.warnings),
        "checks": [_as_json(result) for result in report.results],
    }


def _as_json(result: Result) -> dict[str, Any]:
    check = result.check
    return {
        "name": check.name,
        "level": check.level,
        "ok": result.kept,
        "promise": str(check.promise),
        "remedy": str(check.remedy),
        "rows": result.rows,
        "more": result.more,
        "failure": result.failure or None,
    }


def _wanted(name: str, only: list[str] | None) -> bool:
    return not only or any(name == wanted or name.startswith(f"{wanted}.") for wanted in only)
