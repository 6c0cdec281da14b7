"""`manage.py sync_roles`: makes the groups agree with the table of roles. Safe to repeat."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from backoffice import roles


class Command(BaseCommand):
    """Exit code 0: the roles agree now. 1: the table names permissions that do not exist."""

    help = "Make the groups of the desk agree with the table of roles."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --dry-run."""
        parser.add_argument("--dry-run", action="store_true", help="show what would change and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a change."""
        try:
            changes = roles.sync_roles(dry_run=options["dry_run"])
        except roles.UnknownPermissionsError as problem:
            raise CommandError(_("Unknown permissions: %(names)s") % {"names": problem}) from problem
        for line in changes:
            self.stdout.write(line)
        if not changes:
            self.stdout.write(_("The roles are as they should be."))
