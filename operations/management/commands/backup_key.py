"""`manage.py backup_key`: makes the pair of keys for copies of the shop."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from operations.backups import sealing


class Command(BaseCommand):
    """Exit code 0. Nothing is stored: whoever loses what is printed cannot read the copies any more."""

    help = "Make a pair of keys: the public half encrypts copies, the private half opens them and belongs elsewhere."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print both halves, once, in the form of `age-keygen`."""
        identity = sealing.new_identity()
        self.stderr.write(_("Keep this away from the shop's machine, twice: without it no copy can be restored."))
        self.stdout.write(f"# public key: {identity.to_public()}")
        self.stdout.write(str(identity))
        self.stderr.write(
            _("And this into the shop's environment: %(line)s") % {"line": f"BACKUP_RECIPIENTS={identity.to_public()}"}
        )
