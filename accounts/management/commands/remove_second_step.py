"""`manage.py remove_second_step E-MAIL`: lets somebody in who lost phone, keys and codes; for the owner above all."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.models import User
from common import clock
from common.actors import Actor
from common.errors import NotFound


class Command(BaseCommand):
    """Exit code 0: the login signs in with its password alone now, and was told. 1: there was nothing to remove."""

    help = "Remove the second step of a login whose person lost it. Their sessions end, and a letter tells them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the e-mail."""
        parser.add_argument("email", help="the e-mail that signs in")

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove it."""
        try:
            user = User.objects.get_by_natural_key(options["email"])
            accounts.remove_factors(user=user, actor=Actor(kind="system", id="", door="command"), now=clock.now())
        except User.DoesNotExist as problem:
            raise CommandError(_("Nobody signs in with this e-mail.")) from problem
        except NotFound as problem:
            raise CommandError(_("This login has no second step.")) from problem
        self.stdout.write(_("%(email)s signs in with the password alone now.") % {"email": user.email})
