"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WindowConfig(AppConfig):
    """The pages of the shop window."""

    name = "window"
    verbose_name = _("Pages of the shop window")
