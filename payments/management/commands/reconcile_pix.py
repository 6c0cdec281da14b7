"""`manage.py reconcile_pix FILE`: takes in what a bank statement shows of the shop's Pix and transfers."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import clock
from common.actors import Actor
from common.errors import Busy
from common.money import format_brl
from payments import services as payments
from payments import statements
from payments.wording import LINES, statement_problem


class Command(BaseCommand):
    """Exit code 0: all of it is settled. 1: something is left that people must look at. 2: the file cannot be read."""

    help = "Read a bank statement (OFX or CSV) and take in the money of lines that name an order, each once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and --dry-run."""
        parser.add_argument("file", metavar="FILE", help="the statement as the bank gives it, OFX or CSV")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what each incoming line is, and how many of each there are."""
        lines = _read(Path(options["file"]))
        now = clock.now()
        if options["dry_run"]:
            found = payments.judge_statement(lines=lines, now=now)
        else:
            try:
                found = payments.take_statement(lines=lines, actor=Actor.system(door="command"), now=now)
            except Busy as busy:
                raise CommandError(_("The shop is busy. What was taken in stays; run it again for the rest.")) from busy
        for one in found:
            if one.what not in ("ignored", "unmatched"):
                numbers = " ".join(order.number for order in one.orders)
                money = format_brl(one.line.amount)
                self.stdout.write(f"{one.line.day:%d/%m/%Y}  {money}  {numbers}  {LINES[one.what]}")
        counted = Counter(one.what for one in found)
        for what, count in sorted(counted.items(), key=lambda item: list(LINES).index(item[0])):
            self.stdout.write(f"{count:>6}  {LINES[what]}")
        if options["dry_run"]:
            self.stdout.write(_("Nothing was written."))
        left = sum(one.what in payments.FOR_PEOPLE for one in found)
        if left:
            text = ngettext("%(n)d line for people to look at.", "%(n)d lines for people to look at.", left)
            raise CommandError(text % {"n": left})


def _read(path: Path) -> list[statements.Line]:
    try:
        with path.open("rb") as file:
            return statements.read(file.read(statements.MAX_BYTES + 1))
    except OSError as problem:
        raise CommandError(
            _("The file cannot be opened: %(why)s") % {"why": problem.strerror}, returncode=2
        ) from problem
    except statements.NotAStatementError as problem:
        raise CommandError(statement_problem(problem), returncode=2) from problem
