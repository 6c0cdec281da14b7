"""`manage.py write_docs`: writes what pages of the documentation take from the code."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from operations import explained


class Command(BaseCommand):
    """Needs no server. Exit code 1 with --check: a page is stale."""

    help = (
        "Write the pages of docs/ that follow from the code: tables of figures, dictionary and diagram of the database."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="write nothing, and fail where a page is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write what is stale, or name it."""
        docs = settings.BASE_DIR / "docs"
        found = explained.stale(docs=docs) if options["check"] else explained.write(docs=docs)
        if found and options["check"]:
            raise CommandError(f"Stale: {', '.join(found)}. Run `make docs`.")
        self.stdout.write(f"{len(found)} pages written, {len(explained.PAGES) - len(found)} as they were.")
