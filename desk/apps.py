"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """What every page of the back office shares."""

    name = "desk"
    verbose_name = _("Desk")

    def ready(self) -> None:
        """Have lists work out once what all their rows share."""
        from desk.lists import remember_headers  # noqa: PLC0415 - Unfold's tags need the apps

        remember_headers()
