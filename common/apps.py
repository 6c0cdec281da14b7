"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    """The kernel every app stands on."""

    name = "common"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("System")
