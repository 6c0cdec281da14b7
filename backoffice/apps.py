"""Registers the owner's desk with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackofficeConfig(AppConfig):
    """The owner's desk: roles, whole-shop commands and pages that join apps."""

    name = "backoffice"
    verbose_name = _("back office")
    default_auto_field = "django.db.models.BigAutoField"
