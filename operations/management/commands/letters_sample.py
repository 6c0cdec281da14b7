"""`manage.py letters_sample`: every letter the shop writes, on one page to read through."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from operations.letters import page


class Command(BaseCommand):
    """Needs no database and sends nothing."""

    help = "Write every letter, of each kind of order and visit and in both languages, as one page of Markdown."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --output."""
        parser.add_argument("--output", type=Path, help="file to write to; without, the page is printed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print or write the page."""
        text = page()
        if options["output"]:
            options["output"].write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text)
