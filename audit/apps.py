"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """What the database itself writes down of every change of its rows."""

    name = "audit"
    verbose_name = _("changes")
    default_auto_field = "django.db.models.BigAutoField"
