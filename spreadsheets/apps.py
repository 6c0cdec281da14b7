"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SpreadsheetsConfig(AppConfig):
    """The spreadsheets app."""

    name = "spreadsheets"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Spreadsheets")
