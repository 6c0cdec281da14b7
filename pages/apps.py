"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    """What every page for customers shares."""

    name = "pages"
    verbose_name = _("Pages for customers")
