"""`manage.py open_shop`: opens a shop of one's own in an empty database, and prints the link for its owner."""

import smtplib
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.services import Invitation
from common import clock
from common.errors import Refusal
from operations import opening
from shop.policy import LANGUAGES


class Command(BaseCommand):
    """Exit code 0: open, or opening completed. 1: refused, and nothing changed. 2: called wrongly."""

    help = "Open a shop of your own in an empty database: roles, name, and a login for its owner, opened by a link."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --name, --email, --owner, --language, --no-input and --dry-run."""
        parser.add_argument("--name", help="what the shop is called; it can be changed at the desk")
        parser.add_argument("--email", help="the e-mail with which the owner signs in")
        parser.add_argument("--owner", default="", help="what the owner is called")
        parser.add_argument("--language", choices=LANGUAGES, help="the language that customers are offered first")
        parser.add_argument("--no-input", action="store_true", help="ask nothing; --email is needed then")
        parser.add_argument("--dry-run", action="store_true", help="judge whether it can be opened, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask what was not given, open the shop, and print the owner's link."""
        self._migrate(dry_run=options["dry_run"])
        asks = sys.stdin.isatty() and not options["no_input"]
        email = options["email"] or (self._ask(_("E-mail of the owner: ")) if asks else "")
        if not email:
            raise CommandError(_("Name the owner's e-mail with --email."), returncode=2)
        try:
            opening.check(email=email)
            if options["dry_run"]:
                self.stdout.write(_("The shop would be opened for %(email)s.") % {"email": email})
                return
            name = options["name"] if options["name"] is not None or not asks else self._ask(_("Name of the shop: "))
            language = options["language"] or (self._ask_language() if asks else LANGUAGES[0])
            invitation = opening.open_shop(
                name=name or "", email=email, owner=options["owner"], language=language, now=clock.now()
            )
        except opening.CannotOpenError as refused:
            raise CommandError(str(refused), returncode=1) from refused
        except Refusal as refusal:
            reasons = refusal.data.get("reasons")
            why = "; ".join(map(str, reasons)) if isinstance(reasons, list) else refusal.detail or str(refusal.title)
            raise CommandError(why, returncode=1) from refusal
        self.stdout.write(
            _("The shop is open. Its owner chooses a password here; the link works once, for a few days:")
        )
        self.stdout.write(invitation.link)
        self._mail(invitation)

    def _migrate(self, *, dry_run: bool) -> None:
        """Make the tables of a database that has none; anything else is for `migrate`."""
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return
        if executor.loader.applied_migrations or dry_run:
            raise CommandError(_("The database lacks migrations: run `migrate` first."), returncode=1)
        self.stdout.write(_("The database is empty: its tables are made first."))
        call_command("migrate", interactive=False, verbosity=0)

    def _mail(self, invitation: Invitation) -> None:
        """Send the link as well where mail goes out; whoever stands here has it in any case."""
        if not settings.MAIL_DELIVERY.endswith(".smtp.EmailBackend"):
            return
        email = invitation.user.email
        try:
            accounts.mail_invitation(invitation=invitation, now=clock.now())
        except (OSError, smtplib.SMTPException) as problem:
            self.stderr.write(_("It could not be sent to %(email)s: %(why)s") % {"email": email, "why": problem})
        else:
            self.stdout.write(_("It was sent to %(email)s as well.") % {"email": email})

    def _ask(self, question: str) -> str:
        return input(question).strip()

    def _ask_language(self) -> str:
        """Return the language that was typed; nothing typed means the first."""
        known = ", ".join(LANGUAGES)
        typed = self._ask(_("Language of the customers (%(known)s; empty: the first): ") % {"known": known})
        if typed and typed not in LANGUAGES:
            raise CommandError(_("The languages are %(known)s.") % {"known": known}, returncode=2)
        return typed or LANGUAGES[0]
