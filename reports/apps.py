"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """The reports app."""

    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Reports")
