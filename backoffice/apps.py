"""Registers the owner's desk with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackofficeConfig(AppConfig):
    """The owner's desk: roles, whole-shop commands and pages that join apps."""

    name = "backoffice"
    verbose_name = _("back office")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the desk what rows of the apps below are called."""
        from backoffice import called as here  # noqa: PLC0415 - translations are ready by now
        from desk import called  # noqa: PLC0415 - models are ready by now

        called.learn(tables=here.TABLES, apps=here.APPS, names=here.NAMES)
