"""Registers the owner's desk with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from backoffice import called
from desk.called import learn


class BackofficeConfig(AppConfig):
    """The owner's desk: roles, whole-shop commands and pages that join apps."""

    name = "backoffice"
    verbose_name = _("back office")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the desk what rows of the apps below are called."""
        learn(tables=called.TABLES, named_apps=called.APPS, names=called.NAMES)
