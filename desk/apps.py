"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """What every page of the back office shares."""

    name = "desk"
    verbose_name = _("Desk")
